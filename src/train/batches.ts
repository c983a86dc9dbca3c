/** @file Mini-batches: the samples of an epoch in an order that the seed decides, cut into pieces. */
import type { MersenneTwister } from '../random/mersenne-twister.ts';

/**
 * Every sample once; the last batch is smaller if `batchSize` does not divide `sampleCount`.
 * @returns batches of sample numbers in [0, sampleCount)
 */
export function shuffledBatches(
  sampleCount: number,
  batchSize: number,
  random: MersenneTwister,
): Int32Array[] {
  const order = random.permutation(sampleCount);
  const batches: Int32Array[] = [];
  for (let first = 0; first < sampleCount; first += batchSize)
    batches.push(order.subarray(first, Math.min(first + batchSize, sampleCount)));
  return batches;
}
