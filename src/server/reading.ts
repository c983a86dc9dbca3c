/**
 * @file Reading bodies: short ones at once, long ones and SMILES in a process of their own, one after the other, so that
 * a request which takes too long to read can be ended alone.
 */

import { workerUrl } from '../workers.ts';
import type { ReaderSettings, ReadJob, ReadResult } from './messages.ts';
import type { Limits } from './options.ts';
import { requestReader } from './read-request.ts';
import { type Supervisor, supervise } from './supervisor.ts';

export interface Reading {
  /** @throws the signal's reason once it is aborted; ChildEndedError if reading ended the process */
  read(job: ReadJob, signal: AbortSignal): Promise<ReadResult>;
  stop(): void;
}

/** @param onEnded told when the process ended without being asked to */
export async function startReading(limits: Limits, onEnded: () => void): Promise<Reading> {
  const readBeside = requestReader(limits);
  let waiting: { signal: AbortSignal; begin: () => void }[] = [];
  let running: AbortSignal | undefined;
  let supervisor: Supervisor<ReadJob, ReadResult, true> | undefined;
  supervisor = await supervise<ReadJob, ReadResult, true>({
    script: workerUrl('./reader-process.js', import.meta.url),
    settings: { limits } satisfies ReaderSettings,
    onReady: () => queueMicrotask(next),
    onEnded,
  });

  function next(): void {
    waiting = waiting.filter(({ signal }) => !signal.aborted);
    if (running || !supervisor?.child) return;
    waiting.shift()?.begin();
  }

  async function readInProcess(job: ReadJob, signal: AbortSignal): Promise<ReadResult> {
    running = signal;
    const { child } = supervisor!;
    const cancel = () => child!.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    // A record that takes this long cannot be interrupted otherwise, and nothing else is lost with the process.
    const timer = setTimeout(() => child!.kill(), limits.seconds * 1000);
    try {
      return await child!.run(job);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
      running = undefined;
      next();
    }
  }

  return {
    async read(job, signal) {
      const beside = await readBeside(job);
      if (beside) return beside;
      return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        waiting.push({ signal, begin: () => readInProcess(job, signal).then(resolve, reject) });
        next();
      });
    },
    stop: () => supervisor.stop(),
  };
}
