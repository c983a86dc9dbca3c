/**
 * @file Worker threads in Node: as many as asked for, started once, gone with the process. Starting one takes longer
 * than choosing and compiling the kernels, so workers are spawned first and get the kernels when they are there.
 */
import type { Worker } from 'node:worker_threads';
import { workerUrl } from '../../workers.ts';
import type { WorkerKernels, WorkerSetup } from './worker.ts';

/** How many threads this machine can run at once. */
export async function availableThreads(): Promise<number> {
  if (!globalThis.process?.versions?.node) return 1;
  const { availableParallelism } = await import('node:os');
  return availableParallelism();
}

export interface Workers {
  /** Waits until all listen to the ring. From then on a death is reported to `onDeath`. */
  start(kernels: WorkerKernels, onDeath: (message: string) => void): Promise<void>;
  end(): void;
}

/** Spawns workers 1..threads-1, which wait for their kernels. */
export async function spawnWorkers(setup: Omit<WorkerSetup, 'thread'>): Promise<Workers> {
  if (setup.threads === 1) return { start: async () => {}, end() {} };
  const { Worker } = await import('node:worker_threads');
  const workers = Array.from(
    { length: setup.threads - 1 },
    (_, position) =>
      new Worker(workerUrl('./worker.js', import.meta.url), {
        workerData: { ...setup, thread: position + 1 },
      }),
  );
  const ready = Promise.all(workers.map(readiness));
  // Who waits for `start` hears of a failure; until then it must not end the process.
  ready.catch(() => {});
  return {
    async start(kernels, onDeath) {
      for (const worker of workers) worker.postMessage(kernels);
      await ready;
      for (const worker of workers) {
        // An idle engine does not keep the process alive.
        worker.unref();
        worker.once('error', (error) => onDeath(error.message));
        worker.once('exit', (code) => onDeath(`it ended with code ${code}`));
      }
    },
    end() {
      for (const worker of workers) worker.terminate();
    },
  };
}

function readiness(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a worker thread ended with code ${code}`)));
  });
}
