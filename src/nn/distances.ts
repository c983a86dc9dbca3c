/** @file What a pair of nodes knows of its distance, as numbers an edge. */
import type { Graph } from '../graph/graph.ts';
import {
  concatenate,
  cos,
  gather,
  multiply,
  rowSums,
  sin,
  square,
  subtract,
} from '../tensor/operations/index.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** |x_i - x_j|^2, [E, 1]; x is [N, n] */
export function squaredDistances(graph: Graph, x: Tensor): Tensor {
  const { receivers, senders } = x.engine.graph(graph);
  return rowSums(square(subtract(gather(x, receivers), gather(x, senders))));
}

/**
 * sin(d / 2^k) for k = 0..count-1, then cos(d / 2^k): the encoding of a squared distance d [E, 1] in lucidrains'
 * egnn-pytorch.
 * @returns [E, 2 count]
 */
export function fourierFeatures(d: Tensor, count: number): Tensor {
  const angles = Array.from({ length: count }, (_, k) => multiply(d, 2 ** -k));
  return concatenate([...angles.map(sin), ...angles.map(cos)]);
}
