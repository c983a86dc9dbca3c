/**
 * @file Reading bodies: short ones at once, long ones and SMILES in a process of their own. It reads several bodies at a
 * time, a record of each in turn, so that a long one does not hold up the others, and one that cannot be read ends alone.
 */

import { workerUrl } from '../workers.ts';
import { type Child, ChildEndedError } from './child.ts';
import type { ReaderSettings, ReadJob, ReadResult } from './messages.ts';
import type { Limits } from './options.ts';
import { requestReader } from './read-request.ts';
import { type Supervisor, supervise } from './supervisor.ts';

/** Of the bodies that are read at a time; what becomes of them takes about ten times that memory. */
const BYTES_AT_A_TIME = 16 * 2 ** 20;
/** A record that takes this long after its request was given up cannot be interrupted otherwise than with the process. */
const PATIENCE_MILLISECONDS = 5_000;

export interface Reading {
  /** @throws the signal's reason once it is aborted; ChildEndedError if reading ended the process, twice */
  read(job: ReadJob, signal: AbortSignal): Promise<ReadResult>;
  stop(): void;
}

type Reader = Child<ReadJob, ReadResult, true>;

interface ReadingEvents {
  onEnded(): void;
  onFailedStart(reason: Error): void;
}

export async function startReading(limits: Limits, events: ReadingEvents): Promise<Reading> {
  const readBeside = requestReader(limits);
  let waiting: { bytes: number; signal: AbortSignal; begin: (child: Reader) => void }[] = [];
  let bytesInHand = 0;
  let supervisor: Supervisor<ReadJob, ReadResult, true> | undefined;
  supervisor = await supervise<ReadJob, ReadResult, true>({
    script: workerUrl('./reader-process.js', import.meta.url),
    settings: { limits } satisfies ReaderSettings,
    onReady: () => queueMicrotask(next),
    ...events,
  });

  /** Those that fit in with what is being read, in the order of their arrival. */
  function next(): void {
    waiting = waiting.filter(({ signal }) => !signal.aborted);
    for (;;) {
      const child = supervisor?.child;
      const fitting = waiting.findIndex(
        ({ bytes }) => bytesInHand === 0 || bytesInHand + bytes <= BYTES_AT_A_TIME,
      );
      if (!child || fitting < 0) return;
      const [{ bytes, begin }] = waiting.splice(fitting, 1);
      bytesInHand += bytes;
      begin(child);
    }
  }

  async function readInProcess(job: ReadJob, signal: AbortSignal): Promise<ReadResult> {
    const bytes = job.bytes.length;
    const child = await new Promise<Reader>((begin) => {
      waiting.push({ bytes, signal, begin });
      next();
    });
    let timer: NodeJS.Timeout | undefined;
    const onAbort = () => {
      timer = setTimeout(() => child.kill(), PATIENCE_MILLISECONDS);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await child.run(job, signal);
    } finally {
      bytesInHand -= bytes;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
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
        readInProcess(job, signal)
          .catch((error) => {
            // Another body may have ended the process.
            if (error instanceof ChildEndedError && !signal.aborted) return readInProcess(job, signal);
            throw error;
          })
          .then(resolve, reject);
      });
    },
    stop: () => supervisor.stop(),
  };
}
