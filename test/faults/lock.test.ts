// Locks between processes: who holds one is said, and a process that died blocks nobody.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireLock, LockedError } from '../../src/lock.ts';
import { canRunSources } from './command.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'egnn-lock-'));
  path = join(folder, 'run.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const source = JSON.stringify(pathToFileURL(join(import.meta.dirname, '../../src/lock.ts')).href);
/** Takes the lock, says so, and goes on as `then` says. */
const holder = (then: string) => [
  '--input-type=module',
  '--eval',
  `import { acquireLock } from ${source};
   const release = await acquireLock(${JSON.stringify(path)}, 'the run');
   console.log('held');
   ${then}`,
];
const record = (changes: object) =>
  writeFileSync(
    path,
    JSON.stringify({ host: hostname(), process: process.pid, since: 'then', token: 'x', ...changes }),
  );

describe('a lock', () => {
  it('is taken, refused, given back, and leaves nothing', async () => {
    const release = await acquireLock(path, 'the run');
    await expect(acquireLock(path, 'the run')).rejects.toThrow('this process is using the run already');
    await release();
    expect(readdirSync(folder)).toEqual([]);
    await (await acquireLock(path, 'the run'))();
  });

  it('is taken by one of many who try at once', async () => {
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => acquireLock(path, 'it')));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(['run.lock']);
  });

  it('is taken by one alone, too, while the disk is slow to answer', async () => {
    for (let round = 0; round < 100; round++) {
      const place = join(folder, `${round}.lock`);
      const noise = Array.from({ length: round % 40 }, () => readFile(fileURLToPath(import.meta.url)));
      const tries = await Promise.allSettled(Array.from({ length: 8 }, () => acquireLock(place, 'it')));
      await Promise.all(noise);
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
  });

  it('of another machine is respected, and the message says what to do', async () => {
    record({ host: 'elsewhere', process: 7 });
    const error = await acquireLock(path, 'the run').catch((caught: Error) => caught);
    expect(error).toBeInstanceOf(LockedError);
    expect((error as Error).message).toBe(
      `process 7 on elsewhere has been using the run since then; if it no longer runs there, delete ${path}`,
    );
  });

  it.each([
    ['a process that is gone', { process: 2 ** 22 + 1 }],
    ['an earlier process with the number of this one', {}],
    [
      'an earlier process with the number of another one',
      { process: process.ppid, began: 'an earlier boot 1' },
    ],
  ])('of %s is taken over', async (_, changes) => {
    if ('began' in changes && !existsSync('/proc/self/stat')) return;
    record(changes);
    await (await acquireLock(path, 'the run'))();
  });

  it.each(['', '{', 'null', '{"process":-1}'])('that says nothing, %j, is taken over', async (text) => {
    writeFileSync(path, text);
    await (await acquireLock(path, 'the run'))();
  });

  describe.skipIf(!canRunSources)('between processes (skipped: this Node does not run TypeScript)', () => {
    it('names the process that holds it, and is free once that is killed', async () => {
      const child = spawn(process.execPath, holder('setInterval(() => {}, 1000);'));
      await once(child.stdout, 'data');
      await expect(acquireLock(path, 'the run')).rejects.toThrow(
        `process ${child.pid} on ${hostname()} has been using the run since 2`,
      );
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(JSON.parse(readFileSync(path, 'utf8')).process).toBe(child.pid);
      await (await acquireLock(path, 'the run'))();
    });

    it.skipIf(!existsSync('/proc/self/stat'))(
      'is free once its process is killed, also where the parent of that never asks for it',
      async () => {
        // What the shell becomes waits for no child.
        const shell = ['-c', '"$0" "$@" & exec sleep 1000', process.execPath];
        const parent = spawn('sh', [...shell, ...holder('setInterval(() => {}, 1000);')]);
        try {
          await once(parent.stdout, 'data');
          const { process: id } = JSON.parse(readFileSync(path, 'utf8'));
          process.kill(id, 'SIGKILL');
          while (!readFileSync(`/proc/${id}/stat`, 'utf8').includes(') Z ')) await setTimeout(10);
          await (await acquireLock(path, 'the run'))();
        } finally {
          parent.kill('SIGKILL');
        }
      },
    );

    it.each(['process.exit(1);', 'throw new Error("crash");', 'await release();'])(
      'is gone after %s',
      (then) => {
        expect(spawnSync(process.execPath, holder(then), { encoding: 'utf8' }).stdout).toBe('held\n');
        expect(existsSync(path)).toBe(false);
      },
    );
  });
});
