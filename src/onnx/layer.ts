/**
 * @file The equivariant graph convolutional layer as ONNX operators: eq. 3-8 with every option, as `nn/egcl.ts` and
 * the reference backend's edge block compute them.
 *
 * The first layer of phi_e is split, as in the engine: W [h_i, h_j, r^2, a] = W_i h_i + W_j h_j + W_p [r^2, a]. The two
 * products with h are done once a node, and gathered.
 */
import type { EGCLConfig } from '../nn/egcl.ts';
import type { GraphBuilder, Value } from './builder.ts';
import { differences, type Edges, squaredDistances } from './edges.ts';
import {
  activate,
  concatenate,
  gather,
  linear,
  product,
  scaled,
  squaredLengths,
  twoLayers,
} from './operations.ts';
import { aggregate } from './segments.ts';

/** PyTorch's epsilon of a layer normalisation. */
const NORM_EPSILON = 1e-5;

export interface LayerValues {
  readonly edges: Edges;
  /** [N, F] */
  readonly h: Value;
  /** [N, n] */
  readonly x: Value | undefined;
  /** [E, A] */
  readonly edgeAttributes: Value | undefined;
  /** [N, B] */
  readonly nodeAttributes: Value | undefined;
  /** [N, n] */
  readonly velocity: Value | undefined;
}

interface LayerResult {
  /** [N, F]; undefined if it was not wanted. */
  readonly h: Value | undefined;
  /** [N, n] */
  readonly x: Value | undefined;
  /** x' - x, [N, n]; undefined where coordinates are not updated. */
  readonly displacement: Value | undefined;
}

/** @param wantFeatures whether h' is needed: the last layer of a model that returns coordinates alone leaves it out */
export function layer(
  builder: GraphBuilder,
  name: string,
  config: EGCLConfig,
  input: LayerValues,
  wantFeatures = true,
): LayerResult {
  const { coordinates, updateFeatures } = config;
  const wantMessages = updateFeatures && (wantFeatures || coordinates === 'pair');

  const message =
    wantMessages || coordinates === 'message' ? messages(builder, name, config, input) : undefined;
  const h = wantMessages ? updatedFeatures(builder, name, config, input, message!) : input.h;
  let pull: Value | undefined;
  if (coordinates === 'message') {
    const hidden = linear(builder, `${name}.coord_mlp.0`, message!, { activation: config.activation });
    pull = coordinatePull(builder, `${name}.coord_mlp.2`, config, input, hidden);
  } else if (coordinates === 'pair') {
    const first = pairLayer(builder, `${name}.coord_mlp.0`, config, { ...input, h });
    const hidden = linear(builder, `${name}.coord_mlp.2`, first, { activation: config.activation });
    pull = coordinatePull(builder, `${name}.coord_mlp.4`, config, input, hidden);
  }

  const displacement = displacementOf(builder, name, config, input, pull);
  return {
    h: wantFeatures ? h : undefined,
    x: input.x && displacement ? builder.node('Add', [input.x, displacement]) : input.x,
    displacement,
  };
}

/** eq. 3 and 8: e_ij m_ij, [E, M] */
function messages(builder: GraphBuilder, name: string, config: EGCLConfig, input: LayerValues): Value {
  const { activation } = config;
  const first = pairLayer(builder, `${name}.edge_mlp.0`, config, input);
  const message = linear(builder, `${name}.edge_mlp.2`, first, { activation });
  if (!config.attention) return message;
  const gate = linear(builder, `${name}.att_mlp.0`, message, { activation: 'sigmoid' });
  return builder.node('Mul', [message, gate]);
}

/** A network's first layer on (h_i, h_j, |x_i - x_j|^2, a_ij), [E, hidden] */
function pairLayer(builder: GraphBuilder, name: string, config: EGCLConfig, input: LayerValues): Value {
  const { features, activation } = config;
  const { senders, receivers } = input.edges;
  const weight = `${name}.weight`;
  const part = (partName: string, first: number, count: number) =>
    builder.weightColumns(weight, partName, first, count);
  const ofReceiver = product(builder, input.h, part('receiver', 0, features), builder.weight(`${name}.bias`));
  const ofSender = product(builder, input.h, part('sender', features, features));
  const ofNodes = builder.node('Add', [
    gather(builder, ofReceiver, receivers.index),
    gather(builder, ofSender, senders),
  ]);
  const known = pairFeatures(builder, config, input);
  if (known.length === 0) return activate(builder, ofNodes, activation);
  const pairWeight = part('pair', 2 * features, builder.inputsOf(weight) - 2 * features);
  return activate(builder, product(builder, concatenate(builder, known), pairWeight, ofNodes), activation);
}

/** |x_i - x_j|^2, its Fourier features, and a_ij: matrices [E, ...] */
function pairFeatures(builder: GraphBuilder, config: EGCLConfig, input: LayerValues): Value[] {
  const { squaredDistance, fourierFeatures } = config;
  const { x, edges, edgeAttributes } = input;
  const known: Value[] = [];
  if (squaredDistance) known.push(squaredDistances(builder, x!, edges));
  if (fourierFeatures > 0) {
    const distance = squaredDistances(builder, x!, edges);
    const angles = Array.from({ length: fourierFeatures }, (_, k) => scaled(builder, distance, 2 ** -k));
    known.push(...angles.map((angle) => activate(builder, angle, 'sin')));
    known.push(...angles.map((angle) => activate(builder, angle, 'cos')));
  }
  if (edgeAttributes) known.push(edgeAttributes);
  return known;
}

/** eq. 5 and 6: [N, F] */
function updatedFeatures(
  builder: GraphBuilder,
  name: string,
  config: EGCLConfig,
  { h, edges, nodeAttributes }: LayerValues,
  message: Value,
): Value {
  const { messageAggregation, messageWeight, normalizeFeatures, activation, residual } = config;
  const own = normalizeFeatures
    ? builder.node(
        'LayerNormalization',
        [h, builder.weight(`${name}.node_norm.scale`), builder.weight(`${name}.node_norm.bias`)],
        { epsilon: { float: NORM_EPSILON } },
      )
    : h;
  const received = aggregate(builder, message, edges.receivers, messageAggregation);
  const inputs = [own, scaled(builder, received, messageWeight)];
  if (nodeAttributes) inputs.push(nodeAttributes);
  const update = twoLayers(builder, `${name}.node_mlp`, concatenate(builder, inputs), activation);
  return residual ? builder.node('Add', [update, h]) : update;
}

/** The sum in eq. 4, from the hidden layer of phi_x [E, hidden]: [N, n] */
function coordinatePull(
  builder: GraphBuilder,
  head: string,
  config: EGCLConfig,
  { x, edges }: LayerValues,
  hidden: Value,
): Value {
  const { normalization, tanhRange, coordinateClamp: clamp } = config;
  let strength = linear(builder, head, hidden, { bias: config.coordinateBias });
  if (tanhRange !== undefined) strength = scaled(builder, activate(builder, strength, 'tanh'), tanhRange);
  let difference = differences(builder, x!, edges);
  if (normalization) {
    const { epsilon, constant } = normalization;
    const square = squaredLengths(builder, difference);
    const root = builder.node('Sqrt', [builder.node('Add', [square, builder.scalar(epsilon)])]);
    difference = builder.node('Div', [difference, builder.node('Add', [root, builder.scalar(constant)])]);
  }
  let pull = builder.node('Mul', [difference, strength]);
  if (clamp !== undefined) pull = builder.node('Clip', [pull, builder.scalar(-clamp), builder.scalar(clamp)]);
  return aggregate(builder, pull, edges.receivers, config.coordinateAggregation);
}

/** eq. 4 and 7 */
function displacementOf(
  builder: GraphBuilder,
  name: string,
  config: EGCLConfig,
  { h, velocity }: LayerValues,
  pull: Value | undefined,
): Value | undefined {
  let pulled = pull && scaled(builder, pull, config.coordinateWeight);
  if (pulled && config.coordinateScale)
    pulled = builder.node('Mul', [pulled, builder.weight(`${name}.coord_norm.scale`)]);
  if (!velocity) return pulled;
  const speed = twoLayers(builder, `${name}.coord_mlp_vel`, h, config.activation);
  const carried = builder.node('Mul', [velocity, speed]);
  return pulled ? builder.node('Add', [carried, pulled]) : carried;
}
