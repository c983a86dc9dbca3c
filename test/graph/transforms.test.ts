/** Transforms against the same operation on sets of pairs. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Graph } from '../../src/graph/graph.ts';
import { undirected, withoutDuplicates, withoutSelfLoops } from '../../src/graph/transforms.ts';

type Pair = [sender: number, receiver: number];
const pairsOf = (graph: Graph): Pair[] =>
  Array.from(graph.receivers, (receiver, k) => [graph.senders[k]!, receiver]);
const unique = (pairs: Pair[]) => [...new Map(pairs.map((pair) => [pair.join(), pair])).values()];
const graphs = fc
  .array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 30 })
  .map((pairs) => Graph.fromEdges([pairs.map(([s]) => s), pairs.map(([, r]) => r)], { nodeCount: 6 }));

it('withoutSelfLoops drops exactly the self loops', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      expect(pairsOf(withoutSelfLoops(graph))).toEqual(pairsOf(graph).filter(([s, r]) => s !== r));
    }),
  );
});

it('withoutDuplicates keeps the first of each edge and where it came from', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const result = withoutDuplicates(graph);
      expect(pairsOf(result)).toEqual(unique(pairsOf(graph)));
      const input = pairsOf(graph);
      const order = Array.from(input, (_, k) => graph.edgeOrder?.[k] ?? k);
      const origin = new Map(order.map((k, position) => [k, input[position]]));
      pairsOf(result).forEach((pair, k) => {
        expect(origin.get(result.edgeOrder?.[k] ?? k)).toEqual(pair);
      });
    }),
  );
});

it('undirected holds each edge and its reverse once', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const both = unique(
        pairsOf(graph).flatMap(([s, r]): Pair[] => [
          [s, r],
          [r, s],
        ]),
      );
      expect(pairsOf(undirected(graph))).toEqual(both.sort((a, b) => a[1] - b[1] || a[0] - b[0]));
    }),
  );
});

it('complete graphs are simple and undirected already', () => {
  const graph = Graph.complete([3, 2]);
  expect([withoutSelfLoops(graph), withoutDuplicates(graph), undirected(graph)]).toEqual([
    graph,
    graph,
    graph,
  ]);
});
