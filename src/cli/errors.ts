/** @file How a command ends: exit codes, and errors that say what to do next. */

/** 0 ok, 1 failed, 2 wrong usage, 130 interrupted. */
export const ExitCode = { failed: 1, usage: 2, interrupted: 130 } as const;

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

/** One line, or with EGNN_DEBUG=1 the stack. */
export function reportError(error: unknown): number {
  const debug = process.env.EGNN_DEBUG === '1';
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`egnn: ${debug ? stack : message.replaceAll('\n', ' ')}\n`);
  if (error instanceof InterruptedError) return ExitCode.interrupted;
  return error instanceof UsageError ? ExitCode.usage : ExitCode.failed;
}
