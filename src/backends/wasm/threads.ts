/** @file Worker threads in Node: as many as asked for, started once, gone with the process. */
import { workerUrl } from '../../workers.ts';
import type { WorkerSetup } from './worker.ts';

/** How many threads this machine can run at once. */
export async function availableThreads(): Promise<number> {
  if (!globalThis.process?.versions?.node) return 1;
  const { availableParallelism } = await import('node:os');
  return availableParallelism();
}

/** Starts workers 1..threads-1 and waits until they listen. @returns a function that ends them */
export async function startWorkers(
  setup: Omit<WorkerSetup, 'thread'>,
  onDeath: (message: string) => void,
): Promise<() => void> {
  if (setup.threads === 1) return () => {};
  const { Worker } = await import('node:worker_threads');
  const workers = await Promise.all(
    Array.from({ length: setup.threads - 1 }, async (_, position) => {
      const worker = new Worker(workerUrl('./worker.js', import.meta.url), {
        workerData: { ...setup, thread: position + 1 },
      });
      await new Promise<void>((resolve, reject) => {
        worker.once('message', () => resolve());
        worker.once('error', reject);
        worker.once('exit', (code) => reject(new Error(`worker thread ended with code ${code}`)));
      });
      // An idle engine does not keep the process alive.
      worker.unref();
      worker.once('error', (error) => onDeath(error.message));
      worker.once('exit', (code) => onDeath(`it ended with code ${code}`));
      return worker;
    }),
  );
  return () => {
    for (const worker of workers) worker.terminate();
  };
}
