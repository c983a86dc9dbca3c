/** @file The other side of `child.ts`: the frame of a script that works off jobs for the server. */
import type { FromChild, ToChild } from './messages.ts';

/**
 * Answers jobs in their order until the server is gone.
 * @param start makes what answers a job, which may look at its signal, and what the server is told first; if it throws,
 *   the server is told why
 */
export function serveJobs<Settings, Job, Result, Ready>(
  start: (
    settings: Settings,
  ) => Promise<{ ready: Ready; work: (job: Job, signal: AbortSignal) => Promise<Result> }>,
): void {
  // Signals go to all processes of a terminal or a service; when to end is the server's decision.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  process.on('disconnect', () => process.exit());
  const say = (message: FromChild<Ready, Result>) => {
    if (process.connected) process.send!(message);
  };
  let work: Promise<((job: Job, signal: AbortSignal) => Promise<Result>) | undefined>;
  let current = new AbortController();
  let last: Promise<unknown> = Promise.resolve();
  process.on('message', (message: ToChild<Job>) => {
    if ('start' in message) {
      work = start(message.start as Settings).then(
        ({ ready, work }) => {
          say({ ready });
          return work;
        },
        (error) => {
          say({ failed: error instanceof Error ? error.message : String(error), code: codeOf(error) });
          return undefined;
        },
      );
    } else if ('cancel' in message) {
      current.abort();
    } else {
      last = last.then(async () => {
        current = new AbortController();
        say({ result: await (await work)!(message.job, current.signal) });
      });
    }
  });
}

/** Such as ENOENT, which says how the command ends. */
function codeOf(error: unknown): string | undefined {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === 'string') return code;
  return cause === undefined ? undefined : codeOf(cause);
}
