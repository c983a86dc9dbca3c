/**
 * @file The edges of the exported model: an input, or made by the model itself where graphs are complete. i receives,
 * j sends.
 */
import type { GraphBuilder, Value } from './builder.ts';
import { gather, rowCount, type Segments, squaredLengths } from './operations.ts';

/** Where edges come from: an input `edge_index`, or every pair of nodes of a graph. */
export type EdgeSource = 'given' | 'complete';

export interface Edges {
  /** int64 [E] */
  readonly senders: Value;
  /** Each edge's receiver, among the nodes. */
  readonly receivers: Segments;
}

/** @param onNodes any matrix with a row a node */
export function edgesOf(builder: GraphBuilder, source: EdgeSource, onNodes: Value): Edges {
  const pairs = source === 'given' ? edgeIndex(builder) : completeEdges(builder, onNodes);
  const row = (k: number) => gather(builder, pairs, builder.integers(k));
  const [senders, index] = source === 'given' ? [row(0), row(1)] : [row(1), row(0)];
  return { senders, receivers: { index, count: rowCount(builder, onNodes) } };
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

function edgeIndex(builder: GraphBuilder): Value {
  return builder.input({
    name: 'edge_index',
    type: 'int64',
    shape: [2, 'edges'],
    documentation: 'Row 0: the node that sends along each edge. Row 1: the node that receives.',
  });
}

/** Where [N, N] is true, as [2, E]: receivers, and senders, which run faster. */
function completeEdges(builder: GraphBuilder, onNodes: Value): Value {
  const pairwiseEqual = (values: Value) =>
    builder.node('Equal', [
      builder.node('Unsqueeze', [values, builder.integers([1])]),
      builder.node('Unsqueeze', [values, builder.integers([0])]),
    ]);
  const count = builder.node('Squeeze', [rowCount(builder, onNodes)]);
  const numbers = builder.node('Range', [builder.integers(0), count, builder.integers(1)]);
  const sameGraph = pairwiseEqual(graphOfNode(builder));
  const others = builder.node('Not', [pairwiseEqual(numbers)]);
  return builder.node('NonZero', [builder.node('And', [sameGraph, others])]);
}
