import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MersenneTwister } from '../../src/random/mersenne-twister.ts';
import { shuffledBatches } from '../../src/train/batches.ts';

it('batches hold every sample once, and only the last is smaller', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 60 }), (samples, size) => {
      const batches = shuffledBatches(samples, size, new MersenneTwister(1));
      expect(batches.flatMap((batch) => [...batch]).sort((a, b) => a - b)).toEqual(
        Array.from({ length: samples }, (_, k) => k),
      );
      expect(batches.slice(0, -1).every((batch) => batch.length === size)).toBe(true);
    }),
  );
});

it('the seed decides the order, and each epoch has its own', () => {
  const random = new MersenneTwister(7);
  const [first, second] = [shuffledBatches(50, 10, random), shuffledBatches(50, 10, random)];
  expect(first).not.toEqual(second);
  expect(shuffledBatches(50, 10, new MersenneTwister(7))).toEqual(first);
  expect(shuffledBatches(50, 10, new MersenneTwister(8))).not.toEqual(first);
});
