import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { balancedBatches } from '../../src/data/balanced-batches.ts';
import { MersenneTwister } from '../../src/random/mersenne-twister.ts';

const sizeLists = fc.array(fc.integer({ min: 1, max: 29 }), { maxLength: 300 });
const batchSizes = fc.integer({ min: 1, max: 40 });
const edges = (size: number) => size * (size - 1);
const gap = (values: number[]) => (values.length === 0 ? 0 : Math.max(...values) - Math.min(...values));

describe('balancedBatches', () => {
  it('holds every graph once, in as few batches as can be, of sizes that differ by at most one', () => {
    fc.assert(
      fc.property(sizeLists, batchSizes, fc.nat(), (sizes, batchSize, seed) => {
        const batches = balancedBatches(sizes, batchSize, new MersenneTwister(seed));
        expect(batches.length).toBe(Math.ceil(sizes.length / batchSize));
        expect(gap(batches.map(({ length }) => length))).toBeLessThanOrEqual(1);
        expect(batches.every(({ length }) => length <= batchSize)).toBe(true);
        const all = batches.flatMap((batch) => [...batch]).sort((a, b) => a - b);
        expect(all).toEqual(sizes.map((_, k) => k));
      }),
    );
  });

  it('batches differ by no more edges than the graphs of one layer', () => {
    fc.assert(
      fc.property(sizeLists, batchSizes, fc.nat(), (sizes, batchSize, seed) => {
        const batches = balancedBatches(sizes, batchSize, new MersenneTwister(seed));
        const descending = sizes.map(edges).sort((a, b) => b - a);
        const layers: number[][] = [];
        for (let at = 0; at < sizes.length; at += batches.length) {
          const layer = descending.slice(at, at + batches.length);
          layers.push(layer.length < batches.length ? [...layer, 0] : layer);
        }
        const sums = batches.map((batch) => batch.reduce((sum, graph) => sum + edges(sizes[graph]), 0));
        expect(gap(sums)).toBeLessThanOrEqual(Math.max(0, ...layers.map(gap)));
      }),
    );
  });

  it('the seed decides, and each epoch has its own batches', () => {
    const sizes = Array.from({ length: 500 }, (_, k) => 5 + (k % 20));
    const random = new MersenneTwister(1);
    const [one, two] = [balancedBatches(sizes, 32, random), balancedBatches(sizes, 32, random)];
    expect(two).not.toEqual(one);
    expect(balancedBatches(sizes, 32, new MersenneTwister(1))).toEqual(one);
  });

  it('names an invalid batch size', () => {
    expect(() => balancedBatches([3], 0, new MersenneTwister(1))).toThrow(
      'invalid batchSize; not an integer of at least 1: 0',
    );
  });
});
