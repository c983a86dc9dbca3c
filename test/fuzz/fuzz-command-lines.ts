/**
 * @file Fuzzes the command line: most lines inside of a process that runs hundreds, some in a process each, as people run
 * them. Nothing but the documented ends is no finding: no crash, no stack, no hang, nothing written elsewhere.
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import {
  environment,
  type FuzzFolder,
  listing,
  makeFuzzFolder,
  restore,
  restrictions,
} from './command-line-folder.ts';
import { faultOf } from './command-line-oracle.ts';
import type { RunnerMessage } from './command-line-runner.ts';
import { commandLine } from './command-lines.ts';

const RUNNER = fileURLToPath(new URL('command-line-runner.ts', import.meta.url));
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const LINES_A_RUNNER = 1000;
const OF_THEIR_OWN = 2;
const HANG_SECONDS = 40;
const PATIENCE_SECONDS = 6;

export interface CommandLineFinding {
  readonly number: number;
  readonly words: readonly string[];
  readonly what: string;
}

export interface CommandLineCounts {
  lines: number;
  /** Of these, in a process of their own. */
  spawned: number;
  /** Lines that were asked to end, and did. */
  stopped: number;
  /** How often each exit code came; -1 for lines that a signal ended, which we had sent. */
  readonly codes: Record<number, number>;
}

/** Runs lines until a time, or so many of them. */
export async function fuzzCommandLines(
  seed: number,
  { end, most = Number.POSITIVE_INFINITY }: { end: number; most?: number },
  onFinding: (finding: CommandLineFinding) => void,
): Promise<CommandLineCounts> {
  const counts: CommandLineCounts = { lines: 0, spawned: 0, stopped: 0, codes: {} };
  const folder = await makeFuzzFolder();
  const count = (
    number: number,
    { code, stopped, fault }: { code: number; stopped: boolean; fault?: string },
  ) => {
    counts.lines++;
    counts.codes[code] = (counts.codes[code] ?? 0) + 1;
    if (stopped) counts.stopped++;
    if (fault !== undefined) onFinding({ number, words: commandLine(seed, number), what: fault });
  };
  try {
    for (let number = 0; Date.now() < end && number < most; ) {
      const lines = Math.min(LINES_A_RUNNER, Math.max(1, most - number - OF_THEIR_OWN));
      number = await runMany(folder, seed, { first: number, lines, end }, count);
      for (let k = 0; k < OF_THEIR_OWN && Date.now() < end && number < most; k++, number++) {
        count(number, await runOne(folder, commandLine(seed, number)));
        counts.spawned++;
      }
    }
  } finally {
    rmSync(folder.top, { recursive: true, force: true });
  }
  return counts;
}

/** @returns the number of the next line */
function runMany(
  folder: FuzzFolder,
  seed: number,
  { first, lines, end }: { first: number; lines: number; end: number },
  count: (number: number, ended: { code: number; stopped: boolean; fault?: string }) => void,
): Promise<number> {
  restore(folder);
  const args = [
    ...restrictions(folder),
    RUNNER,
    String(seed),
    String(first),
    String(lines),
    JSON.stringify(folder),
  ];
  const child = spawn(process.execPath, args, {
    cwd: folder.work,
    env: environment(folder),
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr!.on('data', (chunk) => {
    stderr = `${stderr}${chunk}`.slice(-2000);
  });
  return new Promise((resolve) => {
    let open: number | undefined;
    let next = first;
    let since = Date.now();
    let isHang = false;
    let isOver = false;
    createInterface(child.stdio[3] as Readable).on('line', (line) => {
      const message = JSON.parse(line) as RunnerMessage;
      since = Date.now();
      if ('begun' in message) {
        open = message.begun;
        next = open + 1;
      } else {
        open = undefined;
        count(message.number, message);
      }
    });
    const watch = setInterval(() => {
      isHang ||= open !== undefined && Date.now() - since > 1000 * HANG_SECONDS;
      isOver ||= open === undefined && Date.now() > end;
      if (isHang || isOver) child.kill('SIGKILL');
    }, 50);
    child.on('close', (code, signal) => {
      clearInterval(watch);
      const death = isHang
        ? `hang: more than ${HANG_SECONDS} seconds`
        : `died of ${signal ?? code}: ${stderr}`;
      // One that was begun before the end was heard of is not counted.
      if (isOver) return resolve(open ?? next);
      if (open !== undefined) count(open, { code: -1, stopped: false, fault: death });
      else if (code !== 0) throw new Error(`the runner ${death}`);
      resolve(next);
    });
  });
}

async function runOne(
  folder: FuzzFolder,
  words: readonly string[],
): Promise<{ code: number; stopped: boolean; fault?: string }> {
  restore(folder);
  const before = listing(folder);
  const child = spawn(process.execPath, [...restrictions(folder), MAIN, ...words], {
    cwd: folder.work,
    env: environment(folder),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  let isStopped = false;
  let isHang = false;
  const stop = () => {
    isStopped = true;
    child.kill();
  };
  const timers = [
    setTimeout(stop, 1000 * PATIENCE_SECONDS),
    setTimeout(() => {
      isHang = true;
      child.kill('SIGKILL');
    }, 1000 * HANG_SECONDS),
  ];
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
    if (/ at http:/.test(stderr) && !isStopped) stop();
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on('close', (...ended) => resolve(ended));
  });
  for (const timer of timers) clearTimeout(timer);
  if (isHang) return { code: -1, stopped: false, fault: `hang: more than ${HANG_SECONDS} seconds` };
  // Commands that leave nothing behind do not listen to SIGTERM.
  if (signal === 'SIGTERM' && isStopped) return { code: -1, stopped: true };
  if (code === null) return { code: -1, stopped: false, fault: `died of ${signal}: ${stderr}` };
  const fault = faultOf(words, { code, stderr, changed: listing(folder) !== before }, folder.work);
  return { code, stopped: isStopped, fault };
}
