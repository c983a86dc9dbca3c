/** @file Each model of the family as an ONNX graph: its inputs, its layers in order, its outputs. */
import type { EGNN } from '../nn/egnn.ts';
import { fullConfig, layerConfig } from '../nn/egnn-config.ts';
import type { GNN } from '../nn/gnn.ts';
import type { RadialField } from '../nn/radial-field.ts';
import type { GraphBuilder, Value } from './builder.ts';
import { differences, type EdgeSource, type Edges, edgesOf, graphOfNode, squaredDistances } from './edges.ts';
import { type LayerValues, layer } from './layer.ts';
import { activate, concatenate, gather, linear, squaredLengths, twoLayers } from './operations.ts';
import { aggregate, type Segments } from './segments.ts';

export function buildEGNN(builder: GraphBuilder, { config }: EGNN, source: EdgeSource): void {
  const { outputFeatures, activation, layers } = config;
  const features = inputFeatures(builder, config.inputFeatures);
  const coordinates = inputCoordinates(builder);
  const edges = edgesOf(builder, source, features);
  const constant = {
    edges,
    edgeAttributes: egnnEdgeAttributes(builder, config, coordinates, edges),
    nodeAttributes:
      config.nodeAttributes > 0 ? inputNodeAttributes(builder, config.nodeAttributes) : undefined,
    velocity: config.velocity ? inputVelocity(builder) : undefined,
  };
  const projects = typeof outputFeatures === 'number' && outputFeatures > 0;
  let h: Value | undefined = config.embedding
    ? linear(builder, projects ? 'embedding_in' : 'embedding', features)
    : features;
  let x: Value | undefined = coordinates;
  let v: Value | undefined;
  for (let k = 0; k < layers; k++) {
    const input: LayerValues = { ...constant, h: h!, x };
    const wantFeatures = k < layers - 1 || outputFeatures !== 0;
    const output = builder.within(`gcl_${k}`, () =>
      layer(builder, `gcl_${k}`, layerConfig(config, k), input, wantFeatures),
    );
    h = output.h;
    x = output.x;
    v = config.velocity ? output.displacement : undefined;
  }
  if (projects) h = linear(builder, 'embedding_out', h!);
  if (h) outputFeaturesOf(builder, h, outputFeatures === 'hidden' ? config.hiddenFeatures : outputFeatures);
  outputVectors(builder, 'x_out', x!, "The coordinates x'.");
  if (v) outputVectors(builder, 'v_out', v, "The last layer's displacement x' - x.");
  if (config.readout) {
    const { outputs, pooling = 'sum' } = config.readout;
    const nodes = twoLayers(builder, 'node_dec', h!, activation);
    const graphs = aggregate(builder, nodes, graphsOf(builder), pooling);
    builder.output(
      {
        name: 'y_out',
        type: 'float32',
        shape: ['graphs', outputs],
        documentation: 'The readout of each graph.',
      },
      twoLayers(builder, 'graph_dec', graphs, activation),
    );
  }
}

export function buildGNN(builder: GraphBuilder, { config }: GNN, source: EdgeSource): void {
  const { hiddenFeatures, layers, edgeFeatures, activation, attention, residual } = config;
  // An EGCL that knows nothing of coordinates.
  const settings = { hiddenFeatures, layers, edgeFeatures, activation, attention, residual };
  const full = fullConfig({ ...settings, inputFeatures: config.inputFeatures, updateCoordinates: false });
  const features = inputFeatures(builder, config.inputFeatures);
  const edges = edgesOf(builder, source, features);
  const constant = {
    edges,
    edgeAttributes: edgeFeatures > 0 ? inputEdgeAttributes(builder, edgeFeatures, edges) : undefined,
    nodeAttributes: undefined,
    velocity: undefined,
    x: undefined,
  };
  let h = linear(builder, 'embedding.0', features);
  for (let k = 0; k < layers; k++) {
    const layerOptions = { ...layerConfig(full, k), squaredDistance: false };
    h = builder.within(`gcl_${k}`, () => layer(builder, `gcl_${k}`, layerOptions, { ...constant, h }).h!);
  }
  outputFeaturesOf(builder, twoLayers(builder, 'decoder', h, activation), config.outputFeatures);
}

export function buildRadialField(builder: GraphBuilder, { config }: RadialField, source: EdgeSource): void {
  const { layers, edgeFeatures, activation } = config;
  let x = inputCoordinates(builder);
  const velocity = inputVelocity(builder);
  const edges = edgesOf(builder, source, x);
  const attributes = edgeFeatures > 0 ? [inputEdgeAttributes(builder, edgeFeatures, edges)] : [];
  const speed = builder.node('Sqrt', [squaredLengths(builder, velocity)]);
  for (let k = 0; k < layers; k++) {
    const name = `gcl_${k}`;
    x = builder.within(name, () => {
      const distance = builder.node('Sqrt', [squaredDistances(builder, x, edges)]);
      const pair = concatenate(builder, [distance, ...attributes]);
      const hidden = linear(builder, `${name}.phi.0`, pair, { activation });
      const strength = activate(builder, linear(builder, `${name}.phi.2`, hidden, { bias: false }), 'tanh');
      const pulls = builder.node('Mul', [differences(builder, x, edges), strength]);
      const pull = aggregate(builder, pulls, edges.receivers, 'mean');
      const carried = builder.node('Mul', [
        velocity,
        twoLayers(builder, `${name}.coord_mlp_vel`, speed, activation),
      ]);
      return builder.node('Add', [builder.node('Add', [x, pull]), carried]);
    });
  }
  outputVectors(builder, 'x_out', x, "The coordinates x'.");
}

export function buildLinearDynamics(builder: GraphBuilder): void {
  const x = inputCoordinates(builder);
  const path = builder.node('Mul', [inputVelocity(builder), builder.weight('time')]);
  outputVectors(builder, 'x_out', builder.node('Add', [x, path]), "The coordinates x'.");
}

/** a_ij, behind the distance at the input where the model takes it. */
function egnnEdgeAttributes(
  builder: GraphBuilder,
  { edgeFeatures, inputDistance }: EGNN['config'],
  x: Value,
  edges: Edges,
): Value | undefined {
  const given = edgeFeatures > 0 ? inputEdgeAttributes(builder, edgeFeatures, edges) : undefined;
  if (!inputDistance) return given;
  const distance = squaredDistances(builder, x, edges);
  return given ? concatenate(builder, [distance, given]) : distance;
}

/** Each node's graph among as many as the highest number says; none of no nodes. */
function graphsOf(builder: GraphBuilder): Segments {
  const index = graphOfNode(builder);
  const numbers = builder.node('Concat', [builder.integers([-1]), index], { axis: { integer: 0 } });
  const highest = builder.node('ReduceMax', [numbers]);
  return { index, count: builder.node('Add', [highest, builder.integers([1])]), ascending: false };
}

function inputFeatures(builder: GraphBuilder, width: number): Value {
  const documentation = 'Features of the nodes.';
  return builder.input({ name: 'h', type: 'float32', shape: ['nodes', width], documentation });
}

function inputCoordinates(builder: GraphBuilder): Value {
  const documentation = 'Coordinates, in any number of dimensions.';
  return builder.input({ name: 'x', type: 'float32', shape: ['nodes', 'dimensions'], documentation });
}

function inputVelocity(builder: GraphBuilder): Value {
  const documentation = 'Velocities.';
  return builder.input({ name: 'velocity', type: 'float32', shape: ['nodes', 'dimensions'], documentation });
}

function inputNodeAttributes(builder: GraphBuilder, width: number): Value {
  const documentation = 'Attributes of the nodes, which every layer sees.';
  return builder.input({ name: 'node_attr', type: 'float32', shape: ['nodes', width], documentation });
}

/** In the order that edges have inside the model. */
function inputEdgeAttributes(builder: GraphBuilder, width: number, { order }: Edges): Value {
  const documentation = 'Attributes of the edges, in the order of the edges.';
  const given = builder.input({
    name: 'edge_attr',
    type: 'float32',
    shape: ['edges', width],
    documentation,
  });
  return order ? gather(builder, given, order) : given;
}

function outputFeaturesOf(builder: GraphBuilder, h: Value, width: number): void {
  const documentation = 'Features of the nodes.';
  builder.output({ name: 'h_out', type: 'float32', shape: ['nodes', width], documentation }, h);
}

function outputVectors(builder: GraphBuilder, name: string, values: Value, documentation: string): void {
  builder.output({ name, type: 'float32', shape: ['nodes', 'dimensions'], documentation }, values);
}
