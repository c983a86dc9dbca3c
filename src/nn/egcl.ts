/**
 * @file The equivariant graph convolutional layer, eq. 3-8 of Satorras, Hoogeboom, Welling 2021
 * (arXiv:2102.09844). i receives, j sends:
 *
 *   m_ij = phi_e(h_i, h_j, |x_i - x_j|^2, a_ij)                      (3)
 *   x_i' = x_i + C sum_j (x_i - x_j) phi_x(m_ij)                     (4)
 *   m_i  = sum_j e_ij m_ij,  e_ij = sigmoid(m_ij w + b)              (5, 8)
 *   h_i' = phi_h(h_i, m_i) (+ h_i)                                   (6)
 *   x_i' = x_i + phi_v(h_i) v_i + C sum_j (x_i - x_j) phi_x(m_ij)    (7)
 *
 * One layer serves the whole family: without the distance and the coordinate update it is the paper's plain GNN, with
 * `coordinates: 'pair'` it is that of EDM (Hoogeboom et al. 2022), whose phi_x is a network of its own on
 * (h_i', h_j', |x_i - x_j|^2, a_ij).
 */
import type { Activation, Aggregation, EdgeBlockOptions, Normalization } from '../backends/backend.ts';
import type { Graph } from '../graph/graph.ts';
import { add, concatenate, edgeBlock, linear, multiply } from '../tensor/operations/index.ts';
import { constant, type Parameter, type ParameterSet } from '../tensor/parameters.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { fourierFeatures, squaredDistances } from './distances.ts';
import { LayerNorm } from './layer-norm.ts';
import { Linear, xavierUniform } from './linear.ts';

/** Where phi_x takes its input from: the message, or the pair's own features. */
export type CoordinateNetwork = 'message' | 'pair' | 'none';

export interface EGCLConfig {
  /** Width F of h, in and out. */
  readonly features: number;
  /** Widths of the hidden layers of phi_e, phi_h and phi_x. */
  readonly edgeHidden: number;
  readonly nodeHidden: number;
  readonly coordinateHidden: number;
  /** Width M of the messages. */
  readonly messageFeatures: number;
  /** Number of edge attributes a_ij. */
  readonly edgeFeatures: number;
  /** Number of attributes fed to every node update beside h and m. */
  readonly nodeAttributes: number;
  readonly activation: Activation;
  /** Infer the edges, eq. 8. */
  readonly attention: boolean;
  /** Feed |x_i - x_j|^2 to phi_e. */
  readonly squaredDistance: boolean;
  /** Feed sin and cos of |x_i - x_j|^2 / 2^k, k below this number, too. */
  readonly fourierFeatures: number;
  /** Eq. 4; without it x stays as it is. */
  readonly coordinates: CoordinateNetwork;
  /** A bias behind phi_x. */
  readonly coordinateBias: boolean;
  /** A learned factor of the coordinate update. */
  readonly coordinateScale: boolean;
  /** phi_v, eq. 7. */
  readonly velocity: boolean;
  readonly normalization?: Normalization;
  /** phi_x becomes tanhRange * tanh(phi_x). */
  readonly tanhRange?: number;
  /** Limit on each component of (x_i - x_j) phi_x. */
  readonly coordinateClamp?: number;
  readonly coordinateAggregation: Aggregation;
  /** C, beside the mean if there is one. */
  readonly coordinateWeight: number;
  readonly messageAggregation: Aggregation;
  /** Factor of the aggregated messages. */
  readonly messageWeight: number;
  /** Eq. 6; without it h stays as it is. */
  readonly updateFeatures: boolean;
  /** Normalise h_i before phi_h takes it (Ba et al. 2016). */
  readonly normalizeFeatures: boolean;
  readonly residual: boolean;
}

export interface LayerInput {
  readonly graph: Graph;
  /** [N, F] */
  readonly h: Tensor;
  /** [N, n] */
  readonly x?: Tensor;
  /** [E, A] in the graph's edge order */
  readonly edgeAttributes?: Tensor;
  /** [N, nodeAttributes] */
  readonly nodeAttributes?: Tensor;
  /** [N, n], the velocities at the network's input */
  readonly velocity?: Tensor;
}

export interface LayerOutput {
  /** [N, F]; undefined if it was not wanted. */
  h: Tensor | undefined;
  /** [N, n] */
  x: Tensor | undefined;
  /** x' - x, [N, n]; undefined where coordinates are not updated. */
  displacement: Tensor | undefined;
}

export class EGCL {
  readonly config: EGCLConfig;
  readonly #options: EdgeBlockOptions;
  readonly #message1: Linear;
  readonly #message2: Linear;
  readonly #gate: Linear | undefined;
  readonly #node: { norm: LayerNorm | undefined; first: Linear; second: Linear } | undefined;
  /** phi_x: `pair` comes before `first` where its input is the pair's own. */
  readonly #coordinate: { pair: Linear | undefined; first: Linear; head: Linear } | undefined;
  readonly #coordinateScale: Parameter | undefined;
  readonly #velocity: { first: Linear; second: Linear } | undefined;

  constructor(parameters: ParameterSet, name: string, config: EGCLConfig) {
    this.config = config;
    const { features, edgeHidden, messageFeatures: message, nodeHidden, coordinateHidden } = config;
    const declare = (layer: string, inputs: number, outputs: number) =>
      new Linear(parameters, `${name}.${layer}`, { inputs, outputs });
    const pair =
      2 * features + (config.squaredDistance ? 1 : 0) + 2 * config.fourierFeatures + config.edgeFeatures;
    this.#message1 = declare('edge_mlp.0', pair, edgeHidden);
    this.#message2 = declare('edge_mlp.2', edgeHidden, message);
    if (config.updateFeatures)
      this.#node = {
        norm: config.normalizeFeatures ? new LayerNorm(parameters, `${name}.node_norm`, features) : undefined,
        first: declare('node_mlp.0', features + message + config.nodeAttributes, nodeHidden),
        second: declare('node_mlp.2', nodeHidden, features),
      };
    if (config.coordinates !== 'none') {
      const ofPair = config.coordinates === 'pair';
      this.#coordinate = {
        pair: ofPair ? declare('coord_mlp.0', pair, coordinateHidden) : undefined,
        first: ofPair
          ? declare('coord_mlp.2', coordinateHidden, coordinateHidden)
          : declare('coord_mlp.0', message, coordinateHidden),
        head: new Linear(parameters, `${name}.coord_mlp.${ofPair ? 4 : 2}`, {
          inputs: coordinateHidden,
          outputs: 1,
          bias: config.coordinateBias,
          initialise: xavierUniform(coordinateHidden, 1, 0.001),
        }),
      };
    }
    if (config.velocity)
      this.#velocity = {
        first: declare('coord_mlp_vel.0', features, nodeHidden),
        second: declare('coord_mlp_vel.2', nodeHidden, 1),
      };
    if (config.attention) this.#gate = declare('att_mlp.0', message, 1);
    if (config.coordinateScale)
      this.#coordinateScale = parameters.declare(`${name}.coord_norm.scale`, [1, 1], constant(1));
    this.#options = {
      activation: config.activation,
      squaredDistance: config.squaredDistance,
      messageAggregation: config.messageAggregation,
      coordinateAggregation: config.coordinateAggregation,
      normalization: config.normalization,
      tanhRange: config.tanhRange,
      clamp: config.coordinateClamp,
    };
  }

  /** @param wantFeatures whether h' is needed; the last layer of a model that returns coordinates alone saves it */
  forward(input: LayerInput, wantFeatures = true): LayerOutput {
    const { h, x } = input;
    const edgeAttributes = this.#edgeAttributes(input);
    const ofPair = this.config.coordinates === 'pair';
    const wantMessages = this.#node !== undefined && (wantFeatures || ofPair);

    let shift: Tensor | undefined;
    let updated = wantFeatures ? h : undefined;
    if (wantMessages || !ofPair) {
      const message = edgeBlock(
        input.graph,
        {
          ...this.#pairParts(this.#message1, h),
          x,
          edgeAttributes,
          messageWeight: this.#message2.weight.tensor,
          messageBias: this.#message2.bias!.tensor,
          gateWeight: this.#gate?.weight.tensor,
          gateBias: this.#gate?.bias?.tensor,
          ...(ofPair
            ? undefined
            : {
                coordinateWeight: this.#coordinate?.first.weight.tensor,
                coordinateBias: this.#coordinate?.first.bias?.tensor,
                coordinateHead: this.#coordinate?.head.weight.tensor,
                coordinateHeadBias: this.#coordinate?.head.bias?.tensor,
              }),
        },
        this.#options,
        wantMessages,
      );
      shift = message.shift;
      if (wantMessages) updated = this.#updateFeatures(h, message.messages!, input.nodeAttributes);
    }
    if (this.#coordinate?.pair)
      shift = edgeBlock(
        input.graph,
        {
          ...this.#pairParts(this.#coordinate.pair, updated ?? h),
          x,
          edgeAttributes,
          messageWeight: this.#coordinate.first.weight.tensor,
          messageBias: this.#coordinate.first.bias!.tensor,
          coordinateHead: this.#coordinate.head.weight.tensor,
          coordinateHeadBias: this.#coordinate.head.bias?.tensor,
        },
        this.#options,
        false,
      ).shift;

    const displacement = this.#displacement(input, shift);
    return {
      h: wantFeatures ? updated : undefined,
      x: x && displacement ? add(x, displacement) : x,
      displacement,
    };
  }

  /** What a_ij is to the edge block: the edges' own attributes behind the Fourier features. */
  #edgeAttributes({ graph, x, edgeAttributes }: LayerInput): Tensor | undefined {
    if (this.config.fourierFeatures === 0) return edgeAttributes;
    const features = fourierFeatures(squaredDistances(graph, x!), this.config.fourierFeatures);
    return edgeAttributes ? concatenate([features, edgeAttributes]) : features;
  }

  /** First layer on a pair: W [h_i, h_j, r^2, a] = W_i h_i + W_j h_j + w_r r^2 + W_a a */
  #pairParts({ weight, bias }: Linear, h: Tensor) {
    const { features } = this.config;
    const pairFeatures = weight.shape[0] - 2 * features;
    return {
      receiverPart: linear(h, weight.part(0, features), { bias }),
      senderPart: linear(h, weight.part(features, features)),
      pairWeight: pairFeatures > 0 ? weight.part(2 * features, pairFeatures) : undefined,
    };
  }

  /** eq. 4 and 7 */
  #displacement({ h, velocity }: LayerInput, shift: Tensor | undefined): Tensor | undefined {
    const { coordinateWeight, activation } = this.config;
    let pulled = shift && scaled(shift, coordinateWeight);
    if (pulled && this.#coordinateScale) pulled = multiply(pulled, this.#coordinateScale.tensor);
    if (!this.#velocity || !velocity) return pulled;
    const carried = multiply(
      velocity,
      this.#velocity.second.apply(this.#velocity.first.apply(h, activation)),
    );
    return pulled ? add(carried, pulled) : carried;
  }

  /** eq. 6 */
  #updateFeatures(h: Tensor, messages: Tensor, attributes: Tensor | undefined): Tensor {
    const { norm, first, second } = this.#node!;
    const own = norm ? norm.apply(h) : h;
    const received = scaled(messages, this.config.messageWeight);
    const inputs = attributes ? [own, received, attributes] : [own, received];
    const update = second.apply(first.apply(inputs, this.config.activation));
    return this.config.residual ? add(update, h) : update;
  }
}

function scaled(tensor: Tensor, factor: number): Tensor {
  return factor === 1 ? tensor : multiply(tensor, factor);
}
