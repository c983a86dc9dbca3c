/** @file Generates a set of trajectories on the thread that asks, block by block. Nothing here needs Node. */
import type { MersenneTwister } from '../../random/mersenne-twister.ts';
import { drawInitial, type Particles, skipObservationNoise } from './simulator.ts';
import { emptySplit, FRAMES, integrateAll, type NBodySplit, PARTICLES, writeSplit } from './split.ts';

/** About 50 ms of work: starting a worker takes as long, and progress is reported this often. */
export const BLOCK = 64;

/** Trajectories to integrate; `offset` is the first one's place in the whole set. */
export interface Block {
  offset: number;
  starts: Particles[];
}

/** Options of {@link generateOnOneThread}. */
export interface OneThreadOptions {
  /** Called after every block with how many trajectories are done, and how many there will be. */
  onProgress?: (done: number, total: number) => void;
  /** Awaited after every block, so that other work gets a turn. */
  turn?: () => Promise<void>;
  /** Stops the generation; the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Draws the next `count` trajectories of the generator's stream and integrates them up to frame 40, about 1,000 a
 * second: what `generateNBody` gives, without its threads.
 * @throws RangeError if `count` is not an integer of at least 0; the signal's reason when aborted
 */
export async function generateOnOneThread(
  count: number,
  random: MersenneTwister,
  { onProgress, turn, signal }: OneThreadOptions = {},
): Promise<NBodySplit> {
  expectTrajectoryCount(count);
  const whole = emptySplit(count);
  for (const { offset, starts } of drawBlocks(count, random)) {
    signal?.throwIfAborted();
    writeSplit(whole, integrateAll(starts), offset);
    onProgress?.(offset + starts.length, count);
    await turn?.();
  }
  signal?.throwIfAborted();
  return whole;
}

/** @throws RangeError if `count` is not an integer of at least 0 */
export function expectTrajectoryCount(count: number): void {
  if (!Number.isInteger(count) || count < 0)
    throw new RangeError(`invalid count; not an integer of at least 0: ${count}`);
}

/** The starts of `count` trajectories, in the order of the authors' stream. */
export function* drawBlocks(count: number, random: MersenneTwister): Generator<Block> {
  for (let offset = 0; offset < count; offset += BLOCK) {
    const starts: Particles[] = [];
    for (let i = offset; i < Math.min(offset + BLOCK, count); i++) {
      starts.push(drawInitial(random, PARTICLES));
      skipObservationNoise(random, PARTICLES, FRAMES);
    }
    yield { offset, starts };
  }
}
