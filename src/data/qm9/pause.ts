/** @file Reading takes seconds: it says how far it is, and can be stopped. */
import { setImmediate } from 'node:timers/promises';

/** What every reader of QM9 takes. */
export interface ReadingOptions {
  /** Called now and then with how many bytes have been read, and how many there are. */
  onProgress?: (done: number, total: number) => void;
  /** Stops the reading; the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
}

/** Reports, lets everything else have its turn, and stops if told to. */
export async function pause(options: ReadingOptions, done: number, total: number): Promise<void> {
  options.onProgress?.(done, total);
  await setImmediate();
  options.signal?.throwIfAborted();
}
