/**
 * @file An EGNN as a vector field on coordinates and features, as continuous normalizing flows and diffusion models use it
 * (Garcia Satorras et al. 2021; Hoogeboom et al. 2022): the features go in with the time and a context, the velocity is
 * what the coordinates have moved by, without its mean over each graph, and the features come out without time and
 * context.
 */
import { concatenate, gather, segmentMean, slice, subtract } from '../tensor/operations/index.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { LayerInput } from './egcl.ts';
import type { EGNN } from './egnn.ts';

export interface VectorFieldInput extends Pick<LayerInput, 'graph' | 'edgeAttributes'> {
  /** [N, F] */
  readonly h: Tensor;
  /** [N, n] */
  readonly x: Tensor;
  /** [N, 1], the same for all nodes of a graph */
  readonly time?: Tensor;
  /** [N, C] */
  readonly context?: Tensor;
}

/** @returns velocity [N, n], of zero mean in each graph, and h [N, F] */
export function vectorField(model: EGNN, input: VectorFieldInput): { velocity: Tensor; h: Tensor } {
  const { graph, h, x, time, context, edgeAttributes } = input;
  const features = [h, time, context].filter((part) => part !== undefined);
  const output = model.forward({
    graph,
    h: features.length > 1 ? concatenate(features) : h,
    x,
    edgeAttributes,
  });
  const moved = subtract(output.x!, x);
  const { graphOfNode } = model.engine.graph(graph);
  return {
    velocity: subtract(moved, gather(segmentMean(moved, graphOfNode), graphOfNode)),
    h: slice(output.h!, 0, h.columns),
  };
}
