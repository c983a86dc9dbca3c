/**
 * @file A process of the server's own that works off jobs: started, spoken to, watched. It lives in a process and not in a
 * thread so that nothing that happens in it, a kill by the system for want of memory included, can take the server along.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FromChild, ToChild } from './messages.ts';

export interface Child<Job, Result, Ready> {
  readonly ready: Ready;
  readonly processId: number;
  /**
   * @param signal asks it to leave the job, which is answered nevertheless, and soon
   * @throws ChildEndedError if the process ends before it has answered
   */
  run(job: Job, signal?: AbortSignal): Promise<Result>;
  /** False from the moment on in which it was told to end. */
  readonly isAlive: boolean;
  /** Settles when the process has ended. */
  readonly ended: Promise<void>;
  /** Ends the process once all its jobs are done. */
  retire(): void;
  /** Ends the process at once. */
  kill(): void;
}

export class ChildEndedError extends Error {
  override name = 'ChildEndedError';
}

/**
 * @param settings what the script is started with
 * @throws Error saying why it could not get ready
 */
export function startChild<Job, Result, Ready>(
  script: URL,
  settings: unknown,
): Promise<Child<Job, Result, Ready>> {
  const child = fork(fileURLToPath(script), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  /** By the number of the job. */
  const waiting = new Map<number, { resolve: (result: Result) => void; reject: (error: Error) => void }>();
  let jobs = 0;
  let isRetired = false;
  let isAlive = true;

  const send = (message: ToChild<Job>) => {
    // A process that has ended is seen by its exit; what could not be sent is rejected there.
    if (child.connected) child.send(message as object, () => {});
  };
  const kill = () => {
    isAlive = false;
    child.kill('SIGKILL');
  };
  const run = (job: Job, signal?: AbortSignal) =>
    new Promise<Result>((resolve, reject) => {
      if (child.exitCode !== null || child.signalCode !== null)
        return reject(new ChildEndedError('the process that does this has ended'));
      const id = jobs++;
      const cancel = () => send({ cancel: id });
      const settled = () => signal?.removeEventListener('abort', cancel);
      signal?.addEventListener('abort', cancel, { once: true });
      waiting.set(id, {
        resolve(result) {
          settled();
          resolve(result);
        },
        reject(error) {
          settled();
          reject(error);
        },
      });
      send({ job, id });
    });
  return new Promise((resolve, reject) => {
    const ended = new Promise<void>((settle) => {
      child.once('exit', () => {
        isAlive = false;
        reject(new ChildEndedError('the process ended while it was starting'));
        for (const { reject } of waiting.values())
          reject(new ChildEndedError('the process that did this has ended'));
        waiting.clear();
        settle();
      });
    });
    child.once('error', reject);
    child.on('message', (message) => {
      const said = message as FromChild<Ready, Result>;
      if ('failed' in said) {
        reject(Object.assign(new Error(said.failed), { code: said.code }));
        kill();
      } else if ('ready' in said) {
        resolve({
          ready: said.ready,
          processId: child.pid!,
          run,
          get isAlive() {
            return isAlive;
          },
          ended,
          retire() {
            isRetired = true;
            if (waiting.size === 0) kill();
          },
          kill,
        });
      } else {
        const { id, result } = said;
        const job = waiting.get(id);
        waiting.delete(id);
        job?.resolve(result);
        if (isRetired && waiting.size === 0) kill();
      }
    });
    send({ start: settings });
  });
}
