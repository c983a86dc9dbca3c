/**
 * @file Loaded into `egnn` by --import: kills the process at a chosen moment, or counts the moments that there are.
 *
 * A moment is the n-th call of a kernel (in a step or in an evaluation), or the n-th operation on a file, before it or,
 * where it writes, with half of it done. Time passes a thousand times faster, so that checkpoints, which are due every 30
 * seconds, are made every few steps. Nothing of this is in the package.
 */
import { fsyncSync, writeFileSync, writeSync } from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const { EGNN_KILL, EGNN_KILL_REPORT } = process.env;

if (isMainThread && EGNN_KILL_REPORT) {
  const wanted = JSON.parse(EGNN_KILL ?? '{}');
  const counts = { kernel: 0, file: 0 };

  const die = (kind) => {
    Error.stackTraceLimit = 100;
    const { stack } = new Error(kind);
    writeFileSync(EGNN_KILL_REPORT, JSON.stringify({ kind, stack }));
    process.kill(process.pid, 'SIGKILL');
    // The signal takes a moment; nothing may happen in it.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
  const isDue = (kind) => ++counts[kind] === wanted.at && wanted.kind === kind;

  const { Instance } = WebAssembly;
  WebAssembly.Instance = function Counted(module, imports) {
    const instance = new Instance(module, imports);
    const { exports } = instance;
    // Node has WebAssembly of its own, which reads TypeScript.
    if (!('initialise' in exports)) return instance;
    const counted = Object.entries(exports).map(([name, kernel]) => [
      name,
      typeof kernel !== 'function'
        ? kernel
        : (...numbers) => {
            if (isDue('kernel')) die('kernel');
            return kernel(...numbers);
          },
    ]);
    return { exports: Object.fromEntries(counted) };
  };

  for (const name of ['open', 'rename', 'rm', 'link', 'appendFile', 'mkdir', 'writeFile']) {
    const original = files[name];
    files[name] = (...args) => {
      if (isDue('file')) {
        if (name.endsWith('File')) {
          const half = Buffer.from(args[1]);
          writeFileSync(args[0], half.subarray(0, half.length >> 1), {
            flag: name === 'appendFile' ? 'a' : 'w',
          });
        }
        die(`file: ${name}`);
      }
      return original(...args);
    };
  }
  syncBuiltinESMExports();
  const handle = await files.open(import.meta.filename, 'r');
  const { prototype } = handle.constructor;
  await handle.close();
  for (const name of ['writeFile', 'sync']) {
    const original = prototype[name];
    prototype[name] = function counted(...args) {
      if (isDue('file')) {
        if (name === 'writeFile') {
          const half = Buffer.from(args[0]);
          writeSync(this.fd, half.subarray(0, half.length >> 1));
          fsyncSync(this.fd);
        }
        die(`file: ${name}`);
      }
      return original.apply(this, args);
    };
  }
  counts.file = 0;

  const now = performance.now.bind(performance);
  performance.now = () => 1000 * now();
  process.on('exit', () => writeFileSync(EGNN_KILL_REPORT, JSON.stringify({ counts })));
}
