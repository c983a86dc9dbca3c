/**
 * @file Runs command lines inside of one process, which is much faster than a process each: `seed first count folder`. Says on
 * descriptor 3 what it begins and what it finds, one JSON text a line, at once, so that the parent knows of what it dies.
 */
import { writeSync } from 'node:fs';
import { Readable } from 'node:stream';
import { runCommandLine } from '../../src/cli/program.ts';
import { type FuzzFolder, listing, restore } from './command-line-folder.ts';
import { faultOf, type Outcome } from './command-line-oracle.ts';
import { commandLine } from './command-lines.ts';

export type RunnerMessage =
  | { readonly begun: number }
  | { readonly number: number; readonly code: number; readonly stopped: boolean; readonly fault?: string };

/** After so long a line is asked to end, as Ctrl-C does. */
const PATIENCE_MILLISECONDS = 700;
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

const [seed, first, count] = process.argv.slice(2, 5).map(Number) as [number, number, number];
const folder = JSON.parse(process.argv[5]!) as FuzzFolder;
const say = (message: RunnerMessage) => writeSync(3, `${JSON.stringify(message)}\n`);

let escaped: string | undefined;
for (const event of ['uncaughtException', 'unhandledRejection'])
  process.on(event, (error: unknown) => {
    escaped ??= `${event}: ${(error as Error)?.stack ?? error}`;
  });

process.chdir(folder.work);
const before = listing(folder);
try {
  await runAll();
  process.exit(0);
} catch (error) {
  // A fault of the fuzzing, which the handlers above would hide.
  console.error(error);
  process.exit(70);
}

async function runAll(): Promise<void> {
  for (let number = first; number < first + count; number++) {
    const words = commandLine(seed, number);
    say({ begun: number });
    const { stopped, ...outcome } = await run(words);
    if (outcome.changed) restore(folder);
    const fault = escaped ?? faultOf(words, outcome, folder.work);
    escaped = undefined;
    say({ number, code: outcome.code, stopped, fault });
  }
}

async function run(words: readonly string[]): Promise<Outcome & { stopped: boolean }> {
  let stderr = '';
  let stopped = false;
  const captured = (keep: (text: string) => void) =>
    ((chunk: string | Uint8Array, ...rest: unknown[]) => {
      keep(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
      const done = rest.at(-1);
      if (typeof done === 'function') process.nextTick(done as () => void);
      return true;
    }) as typeof process.stdout.write;
  process.stdout.write = captured(() => {});
  process.stderr.write = captured((text) => {
    stderr += text;
    // A server is asked to stop as soon as it runs.
    if (/ at http:/.test(text)) setTimeout(stop, 10);
  });
  Object.defineProperty(process, 'stdin', { value: Readable.from([]), configurable: true });
  const stop = () => {
    stopped ||= process.emit('SIGTERM');
  };
  const timer = setTimeout(stop, PATIENCE_MILLISECONDS);
  // A last turn of the loop for what was thrown beside the command.
  const code = await runCommandLine(words);
  await new Promise(setImmediate);
  clearTimeout(timer);
  for (const signal of SIGNALS) process.removeAllListeners(signal);
  return { code, stderr, stopped, changed: listing(folder) !== before };
}
