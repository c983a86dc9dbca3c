/** The spatial order: a permutation within each graph, and one that keeps neighbours close. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inverseOrder, radiusGraph, spatialOrder, takeRows } from '../../src/graph/index.ts';
import { MersenneTwister } from '../../src/random/mersenne-twister.ts';

it('is a permutation of the nodes of each graph, in any dimension', () => {
  const batches = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(9), { maxLength: 4 }));
  const value = fc.oneof(
    fc.constantFrom(0, 1, -1, 1e300, -1e300),
    fc.double({ noNaN: true, min: -9, max: 9 }),
  );
  fc.assert(
    fc.property(
      batches,
      fc.array(value, { minLength: 180, maxLength: 180 }),
      ([dimensions, nodeCounts], values) => {
        const nodes = nodeCounts.reduce((sum, count) => sum + count, 0);
        const coordinates = values.slice(0, nodes * dimensions);
        const order = spatialOrder(coordinates, { dimensions, nodeCounts });
        let first = 0;
        for (const count of nodeCounts) {
          const range = Array.from({ length: count }, (_, i) => first + i);
          expect([...order.subarray(first, first + count)].sort((a, b) => a - b)).toEqual(range);
          first += count;
        }
        const there = takeRows(coordinates, order, dimensions);
        expect([...takeRows(there, inverseOrder(order), dimensions)]).toEqual(coordinates);
      },
    ),
  );
});

it('brings neighbours in space close in memory', () => {
  const random = new MersenneTwister(4);
  const x = Float64Array.from({ length: 3 * 4000 }, () => random.uniform(0, 1));
  const spread = (coordinates: Float64Array) => {
    const { graph } = radiusGraph(coordinates, { dimensions: 3, radius: 0.1 });
    let sum = 0;
    for (let k = 0; k < graph.edgeCount; k++) sum += Math.abs(graph.senders[k]! - graph.receivers[k]!);
    return sum / graph.edgeCount;
  };
  expect(spread(takeRows(x, spatialOrder(x, { dimensions: 3 }), 3))).toBeLessThan(0.3 * spread(x));
});

it('follows the Z-order curve', () => {
  const corners = [7, 6, 5, 4, 3, 2, 1, 0].flatMap((k) => [k & 1, (k >> 1) & 1, (k >> 2) & 1]);
  expect([...spatialOrder(corners, { dimensions: 3 })]).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
});

it('names what is wrong', () => {
  expect(() => spatialOrder([0, Number.NaN], { dimensions: 1 })).toThrow(RangeError);
  expect(() => takeRows([1, 2, 3], new Int32Array([0]), 2)).toThrow('3 numbers, which do not make rows of 2');
  expect(() => takeRows([1, 2], new Int32Array([2]), 1)).toThrow('order[0] is 2; values has 2 rows');
});
