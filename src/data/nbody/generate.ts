/**
 * @file Generates a set of trajectories on all cores.
 *
 * The random draws are one stream, so the main thread draws the starts in order, block by block; integrating them is
 * independent work, which idle workers take. The result does not depend on who integrated what. Without a built
 * worker script, or for a set too small to be worth starting workers, everything is done here.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { MersenneTwister } from '../../random/mersenne-twister.ts';
import { workerUrl } from '../../workers.ts';
import { BLOCK, type Block, drawBlocks, expectTrajectoryCount, generateOnOneThread } from './one-thread.ts';
import { emptySplit, type NBodySplit, writeSplit } from './split.ts';

/** Options of {@link generateNBody}. */
export interface GenerateOptions {
  /** How many threads integrate; as many as there are cores when left out. */
  threads?: number;
  /** Called after every block with how many trajectories are done, and how many there will be. */
  onProgress?: (done: number, total: number) => void;
  /** Stops the generation; the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Draws the next `count` trajectories of the generator's stream and integrates them up to frame 40.
 * @throws RangeError if `count` is not an integer of at least 0 or `threads` not one of at least 1; the signal's reason
 * when aborted
 */
export async function generateNBody(
  count: number,
  random: MersenneTwister,
  options: GenerateOptions = {},
): Promise<NBodySplit> {
  const { threads = availableParallelism(), onProgress, signal } = options;
  expectTrajectoryCount(count);
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RangeError(`invalid threads; not an integer of at least 1: ${threads}`);
  }
  signal?.throwIfAborted();
  const script = workerUrl('./worker.js', import.meta.url);
  const workers = Math.min(threads, Math.floor(count / BLOCK));
  if (workers < 2 || !existsSync(script))
    return generateOnOneThread(count, random, { onProgress, turn: setImmediate, signal });

  const whole = emptySplit(count);
  let done = 0;
  const accept = (offset: number, part: NBodySplit) => {
    writeSplit(whole, part, offset);
    done += part.count;
    onProgress?.(done, count);
  };
  await integrateInWorkers(script, workers, drawBlocks(count, random), accept, signal);
  return whole;
}

/** Keeps every worker busy, with one block in hand and one waiting, until all blocks have come back. */
async function integrateInWorkers(
  script: URL,
  count: number,
  blocks: Iterator<Block>,
  accept: (offset: number, part: NBodySplit) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const workers = Array.from({ length: count }, () => new Worker(script));
  let stop: (() => void) | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      let outstanding = 0;
      const send = (worker: Worker) => {
        const next = blocks.next();
        if (next.done) {
          if (outstanding === 0) resolve();
          return;
        }
        outstanding++;
        worker.postMessage(next.value);
      };
      stop = () => reject(signal?.reason);
      signal?.addEventListener('abort', stop);
      for (const worker of workers) {
        worker.on('message', ({ offset, split }: { offset: number; split: NBodySplit }) => {
          try {
            outstanding--;
            accept(offset, split);
            send(worker);
          } catch (error) {
            reject(error);
          }
        });
        worker.on('error', reject);
        worker.on('exit', (code) => reject(new Error(`a worker ended unexpectedly, exit code ${code}`)));
        send(worker);
        send(worker);
      }
    });
  } finally {
    if (stop) signal?.removeEventListener('abort', stop);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
