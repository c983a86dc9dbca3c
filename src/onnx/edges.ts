/**
 * @file The edges of the exported model: an input, or made by the model itself where graphs are complete. i receives,
 * j sends. Inside the model edges come by receiver, as sums over neighbours need them.
 */
import type { GraphBuilder, Value } from './builder.ts';
import { gather, rowCount, squaredLengths } from './operations.ts';
import { rangeOf, type Segments } from './segments.ts';

/** Where edges come from: an input `edge_index`, or every pair of nodes of a graph. */
export type EdgeSource = 'given' | 'complete';

export interface Edges {
  /** int64 [E] */
  readonly senders: Value;
  /** Each edge's receiver, among the nodes. */
  readonly receivers: Segments;
  /** int64 [E], where each edge stood in the input; undefined for the same order. */
  readonly order: Value | undefined;
}

/** @param onNodes any matrix with a row a node */
export function edgesOf(builder: GraphBuilder, source: EdgeSource, onNodes: Value): Edges {
  return source === 'given' ? givenEdges(builder, onNodes) : completeEdges(builder, onNodes);
}

/** x_i - x_j, [E, n] */
export function differences(builder: GraphBuilder, x: Value, { senders, receivers }: Edges): Value {
  return builder.node('Sub', [gather(builder, x, receivers.index), gather(builder, x, senders)]);
}

/** |x_i - x_j|^2, [E, 1] */
export function squaredDistances(builder: GraphBuilder, x: Value, edges: Edges): Value {
  return squaredLengths(builder, differences(builder, x, edges));
}

/** The graph of each node, int64 [N]. */
export function graphOfNode(builder: GraphBuilder): Value {
  return builder.input({
    name: 'graph',
    type: 'int64',
    shape: ['nodes'],
    documentation: 'The number of the graph that each node belongs to, from 0.',
  });
}

function givenEdges(builder: GraphBuilder, onNodes: Value): Edges {
  const edgeIndex = builder.input({
    name: 'edge_index',
    type: 'int64',
    shape: [2, 'edges'],
    documentation: 'Row 0: the node that sends along each edge. Row 1: the node that receives.',
  });
  const row = (k: number) => gather(builder, edgeIndex, builder.integers(k));
  const [senders, receivers] = [row(0), row(1)];
  const [index, order] = sorted(builder, receivers);
  return {
    senders: gather(builder, senders, order),
    receivers: { index, count: rowCount(builder, onNodes), ascending: true },
    order,
  };
}

/** Where the matrix [N, N] of pairs is true, row by row: a row receives. */
function completeEdges(builder: GraphBuilder, onNodes: Value): Edges {
  const pairwiseEqual = (values: Value) =>
    builder.node('Equal', [
      builder.node('Unsqueeze', [values, builder.integers([1])]),
      builder.node('Unsqueeze', [values, builder.integers([0])]),
    ]);
  const count = rowCount(builder, onNodes);
  const sameGraph = pairwiseEqual(graphOfNode(builder));
  const others = builder.node('Not', [pairwiseEqual(rangeOf(builder, count))]);
  const pairs = builder.node('NonZero', [builder.node('And', [sameGraph, others])]);
  const row = (k: number) => gather(builder, pairs, builder.integers(k));
  return { senders: row(1), receivers: { index: row(0), count, ascending: true }, order: undefined };
}

/** Whole numbers [E] in ascending order, and where each stood: equal ones keep their order. */
function sorted(builder: GraphBuilder, values: Value): readonly Value[] {
  const smallestFirst = { axis: { integer: 0 }, largest: { integer: 0 } };
  return builder.outputsOf('TopK', [values, rowCount(builder, values)], smallestFirst, 2);
}
