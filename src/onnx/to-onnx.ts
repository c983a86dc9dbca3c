/**
 * @file A model with its weights as an ONNX file, opset 18. The numbers of nodes, edges, dimensions and graphs are open:
 * one file serves graphs of every size.
 */
import { writeOnnx } from '../formats/onnx/write.ts';
import { EGNN } from '../nn/egnn.ts';
import { GNN } from '../nn/gnn.ts';
import { LinearDynamics } from '../nn/linear-dynamics.ts';
import type { Model } from '../nn/model.ts';
import { RadialField } from '../nn/radial-field.ts';
import { GraphBuilder } from './builder.ts';
import type { EdgeSource } from './edges.ts';
import { buildEGNN, buildGNN, buildLinearDynamics, buildRadialField } from './models.ts';
import { version } from './version.ts';

const OPSET = 18;
const edgeSources: readonly EdgeSource[] = ['given', 'complete'];

export interface OnnxExportOptions {
  /**
   * `given` (the default): the exported model takes `edge_index`. `complete`: it joins all nodes that share a number in
   * its input `graph`.
   */
  readonly edges?: EdgeSource;
}

/**
 * The model in float32, as the bytes of an ONNX file. With N nodes, E edges, n dimensions and G graphs it takes, as far
 * as the model needs them,
 *
 * - `h` [N, F], `x` [N, n], `velocity` [N, n], `node_attr` [N, B], `edge_attr` [E, A], in float32;
 * - `edge_index` int64 [2, E], row 0 sends and row 1 receives;
 * - `graph` int64 [N], each node's graph from 0: for a readout, and for `edges: 'complete'`, whose edges come by receiver,
 *   then by sender.
 *
 * It gives `h_out` [N, outputs], `x_out` [N, n], `v_out` [N, n], `y_out` [G, readout outputs], as far as the model does; G is
 * the highest number in `graph` plus 1. The metadata `egnn.model`, `egnn.config` (JSON) and `egnn.edges` say what was
 * exported.
 *
 * @throws RangeError for another value of `edges`, and for a model of 2 GiB or more
 * @throws TypeError for a model that is not of this package
 */
export async function toOnnx(
  model: Model,
  { edges = 'given' }: OnnxExportOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  if (!edgeSources.includes(edges))
    throw new RangeError(`edges must be 'given' or 'complete'; got ${JSON.stringify(edges)}`);
  const build = graphOf(model, edges);
  const builder = new GraphBuilder(await model.stateDict());
  build(builder);
  return writeOnnx({
    opset: OPSET,
    producer: { name: 'egnn', version },
    documentation: `${model.name} with ${model.parameterCount} parameters`,
    graph: builder.build(model.name),
    metadata: {
      'egnn.model': model.name,
      'egnn.config': JSON.stringify((model as Model & { config: object }).config),
      'egnn.edges': edges,
    },
  });
}

function graphOf(model: Model, edges: EdgeSource): (builder: GraphBuilder) => void {
  if (model instanceof EGNN) return (builder) => buildEGNN(builder, model, edges);
  if (model instanceof GNN) return (builder) => buildGNN(builder, model, edges);
  if (model instanceof RadialField) return (builder) => buildRadialField(builder, model, edges);
  if (model instanceof LinearDynamics) return buildLinearDynamics;
  throw new TypeError(`model must be an EGNN, GNN, RadialField or LinearDynamics; got ${model.name}`);
}
