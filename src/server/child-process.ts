/** @file The other side of `child.ts`: the frame of a script that works off jobs for the server. */
import type { FromChild, ToChild } from './messages.ts';

/** Answers a job, and may look at its signal. */
export type Work<Job, Result> = (job: Job, signal: AbortSignal) => Promise<Result>;

/**
 * Answers jobs until the server is gone, each as soon as it comes.
 * @param start makes what answers a job, and what the server is told first; if it throws, the server is told why
 */
export function serveJobs<Settings, Job, Result, Ready>(
  start: (settings: Settings) => Promise<{ ready: Ready; work: Work<Job, Result> }>,
): void {
  // Signals go to all processes of a terminal or a service; when to end is the server's decision.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  process.on('disconnect', () => process.exit());
  const say = (message: FromChild<Ready, Result>) => {
    // Whether the server is gone is seen by the end of the connection.
    if (process.connected) process.send!(message, undefined, undefined, () => {});
  };
  const controllers = new Map<number, AbortController>();
  let work: Promise<Work<Job, Result> | undefined>;
  process.on('message', async (message: ToChild<Job>) => {
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
      controllers.get(message.cancel)?.abort();
    } else {
      const { id, job } = message;
      const controller = new AbortController();
      controllers.set(id, controller);
      const result = await (await work)!(job, controller.signal);
      controllers.delete(id);
      say({ id, result });
    }
  });
}

/** Work that is done in the order in which it comes, one job after the other. */
export function oneByOne<Job, Result>(work: Work<Job, Result>): Work<Job, Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (job, signal) => {
    const result = last.then(() => work(job, signal));
    last = result;
    return result;
  };
}

/** Such as ENOENT, which says how the command ends. */
function codeOf(error: unknown): string | undefined {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === 'string') return code;
  return cause === undefined ? undefined : codeOf(cause);
}
