/** Radius and nearest-neighbour graphs against all pairs, in 1, 2, 3 and 8 dimensions. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Graph } from '../../src/graph/graph.ts';
import { nearestNeighbourGraph, radiusGraph } from '../../src/graph/neighbours.ts';
import { spatialOrder } from '../../src/graph/spatial-order.ts';

interface Cloud {
  coordinates: number[];
  dimensions: number;
  nodeCounts: number[];
}

/** Batches of points of four kinds: a lattice full of ties and coincident points, a cloud, a line, far outliers. */
function clouds(dimensions: number): fc.Arbitrary<Cloud> {
  const coordinate = fc.constantFrom<fc.Arbitrary<number>[]>(
    fc.integer({ min: -2, max: 2 }),
    fc.double({ min: -3, max: 3, noNaN: true }),
    fc.oneof({ weight: 30, arbitrary: fc.double({ min: -1, max: 1, noNaN: true }) }, fc.constant(1e9)),
    fc.integer({ min: -1, max: 1 }).map((v) => v * 0.1),
  );
  return fc.tuple(fc.array(fc.nat(140), { maxLength: 3 }), coordinate).chain(([nodeCounts, value]) => {
    const length = nodeCounts.reduce((sum, n) => sum + n, 0) * dimensions;
    return fc
      .array(value, { minLength: length, maxLength: length, size: 'max' })
      .map((coordinates) => ({ coordinates, dimensions, nodeCounts }));
  });
}

/** For every node, the other nodes of its graph, nearest first, ties to the lower number. */
function ranked({ coordinates, dimensions, nodeCounts }: Cloud): { node: number; squared: number }[][] {
  const rows: { node: number; squared: number }[][] = [];
  let start = 0;
  for (const count of nodeCounts) {
    for (let i = start; i < start + count; i++) {
      const row = [];
      for (let j = start; j < start + count; j++) {
        let squared = 0;
        for (let c = 0; c < dimensions; c++) {
          squared += (coordinates[i * dimensions + c]! - coordinates[j * dimensions + c]!) ** 2;
        }
        if (j !== i) row.push({ node: j, squared });
      }
      rows.push(row.sort((a, b) => a.squared - b.squared || a.node - b.node));
    }
    start += count;
  }
  return rows;
}

const sendersOf = (graph: Graph) =>
  Array.from({ length: graph.nodeCount }, (_, i) => [
    ...graph.senders.subarray(graph.edgeOffsets[i]!, graph.edgeOffsets[i + 1]!),
  ]);
const ascending = (nodes: number[]) => nodes.sort((a, b) => a - b);

describe.each([1, 2, 3, 8])('in %i dimensions', (dimensions) => {
  const runs = { numRuns: 40 };

  it('the radius graph joins what lies within the radius', () => {
    const radii = fc.constantFrom(0, 0.1, 0.3, 1, 2, 1e10, Number.POSITIVE_INFINITY);
    fc.assert(
      fc.property(clouds(dimensions), radii, fc.boolean(), (cloud, radius, selfLoops) => {
        const { graph } = radiusGraph(cloud.coordinates, { ...cloud, radius, selfLoops });
        const expected = ranked(cloud).map((row, i) => {
          const near = row.filter(({ squared }) => squared <= radius * radius).map(({ node }) => node);
          return ascending(selfLoops ? [...near, i] : near);
        });
        expect(sendersOf(graph)).toEqual(expected);
        expect(graph.graphCount).toBe(cloud.nodeCounts.length);
        expect(graph.edgeOrder).toBeUndefined();
      }),
      runs,
    );
  });

  it('maxNeighbours keeps the nearest', () => {
    fc.assert(
      fc.property(clouds(dimensions), fc.nat(6), fc.boolean(), (cloud, maxNeighbours, selfLoops) => {
        const options = { ...cloud, radius: 1, maxNeighbours, selfLoops };
        const { graph } = radiusGraph(cloud.coordinates, options);
        const expected = ranked(cloud).map((row, i) => {
          const near = row.filter(({ squared }) => squared <= 1).slice(0, maxNeighbours);
          return ascending([...near.map(({ node }) => node), ...(selfLoops ? [i] : [])]);
        });
        expect(sendersOf(graph)).toEqual(expected);
      }),
      runs,
    );
  });

  it('the nearest-neighbour graph joins the k nearest', () => {
    fc.assert(
      fc.property(clouds(dimensions), fc.constantFrom(0, 1, 4, 30, 1000), (cloud, k) => {
        const { graph } = nearestNeighbourGraph(cloud.coordinates, { ...cloud, k });
        const expected = ranked(cloud).map((row) => ascending(row.slice(0, k).map(({ node }) => node)));
        expect(sendersOf(graph)).toEqual(expected);
      }),
      runs,
    );
  });
});

it.each([1, 2, 3, 8])('nested rows are the flat array, in %i dimensions', (dimensions) => {
  fc.assert(
    fc.property(clouds(dimensions), ({ coordinates, nodeCounts }) => {
      const options = { dimensions, nodeCounts };
      const nested = Array.from({ length: coordinates.length / dimensions }, (_, i) =>
        coordinates.slice(i * dimensions, (i + 1) * dimensions),
      );
      const typed = nested.map((row) => Float64Array.from(row));
      for (const rows of [nested, typed]) {
        const within = radiusGraph(rows, { ...options, radius: 0.5 }).graph;
        expect(sendersOf(within)).toEqual(
          sendersOf(radiusGraph(coordinates, { ...options, radius: 0.5 }).graph),
        );
        const nearest = nearestNeighbourGraph(rows, { ...options, k: 2 }).graph;
        expect(sendersOf(nearest)).toEqual(
          sendersOf(nearestNeighbourGraph(coordinates, { ...options, k: 2 }).graph),
        );
        expect(spatialOrder(rows, options)).toEqual(spatialOrder(coordinates, options));
      }
    }),
    { numRuns: 20 },
  );
});

describe('edge cases', () => {
  it('coincident points see each other', () => {
    const coordinates = new Float32Array(3 * 300);
    expect(radiusGraph(coordinates, { dimensions: 3, radius: 0 }).graph.edgeCount).toBe(300 * 299);
    const { graph } = nearestNeighbourGraph(coordinates, { dimensions: 3, k: 2 });
    expect(sendersOf(graph).slice(0, 4)).toEqual([
      [1, 2],
      [0, 2],
      [0, 1],
      [0, 1],
    ]);
  });

  it('a neighbour exactly one cell border away is not lost', () => {
    const coordinates = Float64Array.from({ length: 1000 }, (_, i) => i * 0.1);
    const { graph } = radiusGraph(coordinates, { dimensions: 1, radius: 0.1 * (1 + 1e-12) });
    expect(graph.edgeCount).toBe(2 * 999);
  });

  it('coordinates whose extent overflows still work', () => {
    const coordinates = Float64Array.from({ length: 100 }, (_, i) => (i % 2 ? 1e308 : -1e308));
    expect(radiusGraph(coordinates, { dimensions: 1, radius: 1 }).graph.edgeCount).toBe(2 * 50 * 49);
    expect(nearestNeighbourGraph(coordinates, { dimensions: 1, k: 3 }).graph.edgeCount).toBe(300);
  });

  it('no nodes, and single nodes', () => {
    expect(radiusGraph([], { dimensions: 3, radius: 1 }).graph.nodeCount).toBe(0);
    const { graph } = nearestNeighbourGraph([1, 2], { dimensions: 1, k: 3, nodeCounts: [1, 0, 1] });
    expect([graph.graphCount, graph.edgeCount]).toEqual([3, 0]);
  });

  it.each([
    [[0, Number.NaN], { dimensions: 2, radius: 1 }, 'coordinates of node 0, dimension 1: NaN'],
    [
      [0, 1, Number.POSITIVE_INFINITY],
      { dimensions: 1, radius: 1 },
      'coordinates of node 2, dimension 0: Infinity',
    ],
    [[0, 1, 2], { dimensions: 2, radius: 1 }, 'not a multiple of dimensions (2)'],
    [[[0, 1], [2]], { dimensions: 2, radius: 1 }, 'coordinates[1] must have 2 numbers; got 1'],
    [[[0, 1]], { dimensions: 3, radius: 1 }, 'coordinates[0] must have 3 numbers; got 2'],
    [[[0], [Number.NaN]], { dimensions: 1, radius: 1 }, 'coordinates[1][0] must be a finite number; got NaN'],
    [[0], { dimensions: 0, radius: 1 }, 'dimensions is 0; allowed: integers from 1'],
    [[0], { dimensions: 1, radius: -1 }, 'radius is -1; allowed: numbers from 0'],
    [[0], { dimensions: 1, radius: Number.NaN }, 'radius is NaN'],
    [[0], { dimensions: 1, radius: '1' as never }, 'radius is "1"'],
    [[0], { dimensions: '1' as never, radius: 1 }, 'dimensions is "1"'],
    [[0], { dimensions: 1, radius: 1, maxNeighbours: '1' as never }, 'maxNeighbours is "1"'],
    [[0], { dimensions: 1, radius: 1, maxNeighbours: 1.5 }, 'maxNeighbours is 1.5'],
    [[0, 1], { dimensions: 1, radius: 1, nodeCounts: [1] }, 'nodeCounts sum to 1; coordinates hold 2 nodes'],
  ])('%j with %j is refused', (coordinates, options, message) => {
    expect(() => radiusGraph(coordinates, options)).toThrow(RangeError);
    expect(() => radiusGraph(coordinates, options)).toThrow(message);
  });
});
