/** Graph: edges sorted by receiver and preserved as a multiset, complete graphs, batches, errors. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../src/graph/graph.ts';

const edges = (graph: Graph) =>
  Array.from(graph.receivers, (receiver, k) => [graph.senders[k]!, receiver] as [number, number]);
const sortedPairs = (pairs: [number, number][]) => pairs.map(([s, r]) => `${s}>${r}`).sort();
const rows = (pairs: [number, number][]) => [pairs.map(([s]) => s), pairs.map(([, r]) => r)];

/** A node count and edges among those nodes. */
const edgeLists = fc
  .integer({ min: 0, max: 12 })
  .chain((nodeCount) =>
    fc.tuple(
      fc.constant(nodeCount),
      nodeCount === 0
        ? fc.constant([] as [number, number][])
        : fc.array(fc.tuple(fc.nat(nodeCount - 1), fc.nat(nodeCount - 1)), { maxLength: 40 }),
    ),
  );

function expectConsistent(graph: Graph): void {
  expect(graph.nodeOffsets.length).toBe(graph.graphCount + 1);
  expect(graph.edgeOffsets.length).toBe(graph.nodeCount + 1);
  expect(graph.edgeOffsets.at(-1)).toBe(graph.edgeCount);
  expect([graph.senders.length, graph.receivers.length]).toEqual([graph.edgeCount, graph.edgeCount]);
  for (let i = 0; i < graph.nodeCount; i++) {
    for (let k = graph.edgeOffsets[i]!; k < graph.edgeOffsets[i + 1]!; k++) {
      expect(graph.receivers[k]).toBe(i);
      expect(graph.graphOfNode[graph.senders[k]!]).toBe(graph.graphOfNode[i]);
    }
  }
}

describe('complete graphs', () => {
  it('list receiver-major edges without self loops', () => {
    const graph = Graph.complete([2, 0, 1, 3]);
    expectConsistent(graph);
    expect([graph.kind, graph.graphCount, graph.nodeCount, graph.edgeCount]).toEqual(['complete', 4, 6, 8]);
    expect([...graph.receivers]).toEqual([0, 1, 3, 3, 4, 4, 5, 5]);
    expect([...graph.senders]).toEqual([1, 0, 4, 5, 3, 5, 3, 4]);
    expect([...graph.graphOfNode]).toEqual([0, 0, 2, 3, 3, 3]);
    expect(graph.edgeOrder).toBeUndefined();
  });

  it('know their edge count without writing edges out, and say so when they cannot be', () => {
    const graph = Graph.complete(100_000);
    expect(graph.edgeCount).toBe(9_999_900_000);
    expect(() => graph.senders).toThrow(/9999900000 edges.*at most 2147483647/);
    expect(() => graph.edgeOffsets).toThrow(RangeError);
  });

  it.each([0, 1])('work with %i nodes', (n) => {
    expectConsistent(Graph.complete(n));
    expect(Graph.complete(n).edgeCount).toBe(0);
  });
});

describe('given edges', () => {
  it('are sorted by receiver, stable, and remember their order', () => {
    fc.assert(
      fc.property(edgeLists, ([nodeCount, pairs]) => {
        const graph = Graph.fromEdges(rows(pairs), { nodeCount });
        expectConsistent(graph);
        const order = graph.edgeOrder ?? Int32Array.from(pairs, (_, k) => k);
        expect(edges(graph)).toEqual(Array.from(order, (k) => pairs[k]));
        expect(sortedPairs(edges(graph))).toEqual(sortedPairs(pairs));
        for (let k = 1; k < order.length; k++) {
          if (graph.receivers[k] === graph.receivers[k - 1]) expect(order[k]).toBeGreaterThan(order[k - 1]!);
        }
      }),
    );
  });

  it('carry their attributes along', () => {
    fc.assert(
      fc.property(edgeLists, fc.integer({ min: 0, max: 3 }), ([nodeCount, pairs], width) => {
        const graph = Graph.fromEdges(rows(pairs), { nodeCount });
        const attributes = pairs.flatMap(([s, r]) => [s, r, s * 100 + r].slice(0, width));
        const sorted = graph.sortEdgeRows(attributes, width);
        expect([...sorted]).toEqual(edges(graph).flatMap(([s, r]) => [s, r, s * 100 + r].slice(0, width)));
      }),
    );
  });

  it('keep float64 attributes in float64', () => {
    const graph = Graph.fromEdges(
      [
        [0, 1],
        [1, 0],
      ],
      { nodeCount: 2 },
    );
    expect(graph.sortEdgeRows(Float64Array.of(0.1, 0.2), 1)).toEqual(Float64Array.of(0.2, 0.1));
    expect(graph.sortEdgeRows([0.5, 0.25], 1)).toEqual(Float32Array.of(0.25, 0.5));
    expect(() => graph.sortEdgeRows([1, 2, 3], 1)).toThrow(
      'attributes has 3 values; expected 2 edges x 1 = 2',
    );
  });

  it('mean the same in every form and convention', () => {
    const options = { nodeCount: 3 };
    const nested = Graph.fromEdges(
      [
        [0, 2, 1],
        [1, 1, 0],
      ],
      options,
    );
    const same = [
      Graph.fromEdges(Int32Array.of(0, 2, 1, 1, 1, 0), options),
      Graph.fromEdges({ data: [0, 2, 1, 1, 1, 0], shape: [2, 3] }, options),
      Graph.fromEdges({ data: BigInt64Array.of(0n, 2n, 1n, 1n, 1n, 0n), shape: [2, 3] }, options),
      Graph.fromEdges(
        [
          [1, 1, 0],
          [0, 2, 1],
        ],
        { nodeCount: 3, convention: 'target-to-source' },
      ),
    ];
    for (const graph of same) expect(edges(graph)).toEqual(edges(nested));
    expect(edges(nested)).toEqual([
      [1, 0],
      [0, 1],
      [2, 1],
    ]);
  });

  it('may repeat and loop', () => {
    const graph = Graph.fromEdges(
      [
        [0, 0, 1],
        [1, 1, 1],
      ],
      { nodeCount: 2 },
    );
    expect(edges(graph)).toEqual([
      [0, 1],
      [0, 1],
      [1, 1],
    ]);
    expect(graph.edgeOrder).toBeUndefined();
  });

  it.each([
    [[[0], [3]], 'edgeIndex[1][0] is 3; allowed: integers from 0 to 2 (nodeCount is 3)'],
    [
      [
        [0, -1],
        [0, 1],
      ],
      'edgeIndex[0][1] is -1',
    ],
    [[[0.5], [0]], 'edgeIndex[0][0] is 0.5'],
    [[[null], [0]] as never, 'edgeIndex[0][0] is null'],
    [[[''], [0]] as never, 'edgeIndex[0][0] is ""'],
    [['1', '0'] as never, 'edgeIndex[0][0] is "1"'],
    [[[true], [0]] as never, 'edgeIndex[0][0] is true'],
    [[[[]], [0]] as never, 'edgeIndex[0][0] is an array'],
    [[[Number.NaN], [0]], 'edgeIndex[0][0] is NaN'],
    [[[0, 1], [0]], 'rows differ in length: row 0 has 2 values, row 1 has 1'],
    [[[0]], 'edgeIndex has 1 rows; expected 2'],
    [[0, 1], 'not made of two rows'],
    [Int32Array.of(0, 1, 2), 'edgeIndex has 3 values'],
    [{ data: [0, 1, 2], shape: [3, 1] }, 'edgeIndex has shape [3, 1] and 3 values; expected shape [2, E]'],
  ])('%j is refused: %s', (edgeIndex, message) => {
    const build = () => Graph.fromEdges(edgeIndex as number[][], { nodeCount: 3 });
    expect(build).toThrow(RangeError);
    expect(build).toThrow(message as string);
  });

  it('are refused without the number of nodes, and if there are none', () => {
    expect(() => Graph.fromEdges([[], []], undefined as never)).toThrow(
      'fromEdges takes the edges and { nodeCount, ... }; the second is missing',
    );
    for (const [edgeIndex, got] of [
      [undefined, 'undefined'],
      [null, 'null'],
      ['0,1', '"0,1"'],
    ])
      expect(() => Graph.fromEdges(edgeIndex as never, { nodeCount: 2 })).toThrow(
        `edgeIndex must be two rows of node numbers; got ${got}`,
      );
  });

  it('refuses edges between graphs and counts that do not add up', () => {
    expect(() =>
      Graph.fromEdges(
        [
          [0, 1],
          [1, 2],
        ],
        { nodeCount: 4, nodeCounts: [2, 2] },
      ),
    ).toThrow('at edge 1: node 1 of graph 0 sends to node 2 of graph 1');
    expect(() => Graph.fromEdges([[], []], { nodeCount: 4, nodeCounts: [2, 1] })).toThrow(
      'nodeCounts sum to 3; nodeCount is 4',
    );
    expect(() => Graph.fromEdges([[], []], { nodeCount: -1 })).toThrow('nodeCount is -1');
    expect(() => Graph.complete([2, 1.5])).toThrow('nodeCounts[1] is 1.5');
  });
});

describe('batches', () => {
  const parts = fc.oneof(
    fc.nat(5).map((n) => Graph.complete(n)),
    fc.array(fc.nat(3), { maxLength: 3 }).map((counts) => Graph.complete(counts)),
    edgeLists.map(([nodeCount, pairs]) => Graph.fromEdges(rows(pairs), { nodeCount })),
  );

  it('hold every part, shifted', () => {
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 5 }), (graphs) => {
        const batch = Graph.batch(graphs);
        expectConsistent(batch);
        expect(batch.kind).toBe(graphs.every((g) => g.kind === 'complete') ? 'complete' : 'edges');
        expect(batch.graphCount).toBe(graphs.reduce((sum, g) => sum + g.graphCount, 0));
        let first = 0;
        let offset = 0;
        const expected: [number, number][] = [];
        const order: number[] = [];
        for (const graph of graphs) {
          expected.push(...edges(graph).map(([s, r]) => [s + first, r + first] as [number, number]));
          for (let k = 0; k < graph.edgeCount; k++) order.push((graph.edgeOrder?.[k] ?? k) + offset);
          first += graph.nodeCount;
          offset += graph.edgeCount;
        }
        expect(edges(batch)).toEqual(expected);
        if (batch.edgeOrder !== undefined) expect([...batch.edgeOrder]).toEqual(order);
        else expect(graphs.every((g) => g.edgeOrder === undefined)).toBe(true);
      }),
    );
  });
});
