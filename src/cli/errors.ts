/** @file How a command ends: exit codes, and errors that say what to do next. */
import { OutOfMemoryError } from '../backends/out-of-memory.ts';
import { LockedError } from '../lock.ts';
import { InputNameError } from '../predict/inputs.ts';
import { NonFiniteError } from '../train/task.ts';

/** What each means stands in docs/reliability.md. */
export const ExitCode = {
  failed: 1,
  usage: 2,
  diskFull: 3,
  notPermitted: 4,
  notFound: 5,
  inUse: 6,
  notFinite: 7,
  outOfMemory: 8,
  interrupted: 130,
} as const;

/** What the system says, by the code of its errors. */
const SYSTEM: Readonly<Record<string, number>> = {
  ENOSPC: ExitCode.diskFull,
  EDQUOT: ExitCode.diskFull,
  EACCES: ExitCode.notPermitted,
  EPERM: ExitCode.notPermitted,
  EROFS: ExitCode.notPermitted,
  ENOENT: ExitCode.notFound,
  ENOTDIR: ExitCode.notFound,
  ESTALE: ExitCode.notFound,
  // What the user names as new.
  EEXIST: ExitCode.usage,
};

/** The command was called wrongly. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** The user pressed Ctrl-C; `hint` says how to go on. */
export class InterruptedError extends Error {
  override name = 'InterruptedError';
}

/** An error with a second half: what to do about it. */
export function withHint(error: Error, hint: string): Error {
  error.message = `${error.message} (${hint})`;
  return error;
}

/** Text for a line of a terminal: names of files, and in files, may hold what moves the cursor or begins a new line. */
export function oneLine(text: string): string {
  return text
    .replaceAll('\n', ' ')
    .replace(
      /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}

/** One line, or with EGNN_DEBUG=1 the stack. */
export function reportError(error: unknown): number {
  const debug = process.env.EGNN_DEBUG === '1';
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`egnn: ${debug ? stack : oneLine(message)}\n`);
  return exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof InterruptedError) return ExitCode.interrupted;
  if (error instanceof UsageError || error instanceof InputNameError) return ExitCode.usage;
  if (error instanceof LockedError) return ExitCode.inUse;
  if (error instanceof NonFiniteError) return ExitCode.notFinite;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof OutOfMemoryError) return ExitCode.outOfMemory;
    const code = SYSTEM[(cause as NodeJS.ErrnoException).code ?? ''];
    if (code !== undefined) return code;
  }
  return ExitCode.failed;
}
