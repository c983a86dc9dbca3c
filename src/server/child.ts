/**
 * @file A process of the server's own that works off jobs in order: started, spoken to, watched. It lives in a process
 * and not in a thread so that nothing that happens in it, a kill by the system for want of memory included, can take the
 * server along.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FromChild, ToChild } from './messages.ts';

export interface Child<Job, Result, Ready> {
  readonly ready: Ready;
  readonly processId: number;
  /** Jobs that are being done. */
  readonly pending: number;
  /** @throws ChildEndedError if the process ends before it has answered */
  run(job: Job): Promise<Result>;
  /** Asks it to leave the job that it is doing; that job is answered nevertheless, and soon. */
  cancel(): void;
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
  const waiting: { resolve: (result: Result) => void; reject: (error: Error) => void }[] = [];
  let isRetired = false;

  const send = (message: ToChild<Job>) => {
    // A process that has ended is seen by its exit; what could not be sent is rejected there.
    if (child.connected) child.send(message as object, () => {});
  };
  let isAlive = true;
  const kill = () => {
    isAlive = false;
    child.kill('SIGKILL');
  };
  return new Promise((resolve, reject) => {
    const ended = new Promise<void>((settle) => {
      child.once('exit', () => {
        reject(new ChildEndedError('the process ended while it was starting'));
        for (const { reject } of waiting.splice(0))
          reject(new ChildEndedError('the process that did this has ended'));
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
          get pending() {
            return waiting.length;
          },
          ended,
          get isAlive() {
            return isAlive;
          },
          cancel: () => send({ cancel: true }),
          kill,
          run: (job) =>
            new Promise((resolve, reject) => {
              if (child.exitCode !== null || child.signalCode !== null)
                return reject(new ChildEndedError('the process that does this has ended'));
              waiting.push({ resolve, reject });
              send({ job });
            }),
          retire() {
            isRetired = true;
            if (waiting.length === 0) kill();
          },
        });
      } else {
        waiting.shift()?.resolve(said.result);
        if (isRetired && waiting.length === 0) kill();
      }
    });
    send({ start: settings });
  });
}
