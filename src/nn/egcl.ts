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
 * One layer serves the whole family: without the distance and the coordinate update it is the paper's plain GNN.
 */
import type { Activation, Aggregation, EdgeBlockOptions, Normalization } from '../backends/backend.ts';
import type { Graph } from '../graph/graph.ts';
import { add, edgeBlock, linear, multiply } from '../tensor/operations/index.ts';
import type { ParameterSet } from '../tensor/parameters.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Linear, xavierUniform } from './linear.ts';

export interface EGCLConfig {
  /** Width F of h, in and out. */
  readonly features: number;
  /** Width H of the hidden layers and of the messages. */
  readonly hidden: number;
  /** Number of edge attributes a_ij. */
  readonly edgeFeatures: number;
  /** Number of attributes fed to every node update beside h and m. */
  readonly nodeAttributes: number;
  readonly activation: Activation;
  /** Infer the edges, eq. 8. */
  readonly attention: boolean;
  /** Feed |x_i - x_j|^2 to phi_e. */
  readonly squaredDistance: boolean;
  /** Eq. 4; without it x stays as it is. */
  readonly updateCoordinates: boolean;
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
  readonly #node1: Linear;
  readonly #node2: Linear;
  readonly #coordinate: { first: Linear; head: Linear } | undefined;
  readonly #velocity: { first: Linear; second: Linear } | undefined;
  readonly #gate: Linear | undefined;

  constructor(parameters: ParameterSet, name: string, config: EGCLConfig) {
    this.config = config;
    const { features, hidden, edgeFeatures, nodeAttributes } = config;
    const declare = (layer: string, inputs: number, outputs: number) =>
      new Linear(parameters, `${name}.${layer}`, { inputs, outputs });
    const pairFeatures = (config.squaredDistance ? 1 : 0) + edgeFeatures;
    this.#message1 = declare('edge_mlp.0', 2 * features + pairFeatures, hidden);
    this.#message2 = declare('edge_mlp.2', hidden, hidden);
    this.#node1 = declare('node_mlp.0', features + hidden + nodeAttributes, hidden);
    this.#node2 = declare('node_mlp.2', hidden, features);
    if (config.updateCoordinates)
      this.#coordinate = {
        first: declare('coord_mlp.0', hidden, hidden),
        head: new Linear(parameters, `${name}.coord_mlp.2`, {
          inputs: hidden,
          outputs: 1,
          bias: false,
          initialise: xavierUniform(hidden, 1, 0.001),
        }),
      };
    if (config.velocity)
      this.#velocity = {
        first: declare('coord_mlp_vel.0', features, hidden),
        second: declare('coord_mlp_vel.2', hidden, 1),
      };
    if (config.attention) this.#gate = declare('att_mlp.0', hidden, 1);
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
    const { graph, h, x, edgeAttributes, nodeAttributes } = input;
    const { features, activation } = this.config;

    // eq. 3, first layer: W [h_i, h_j, r^2, a] = W_i h_i + W_j h_j + w_r r^2 + W_a a
    const { weight, bias } = this.#message1;
    const pairFeatures = weight.shape[0] - 2 * features;
    const { messages, shift } = edgeBlock(
      graph,
      {
        receiverPart: linear(h, weight.part(0, features), { bias }),
        senderPart: linear(h, weight.part(features, features)),
        x,
        edgeAttributes,
        pairWeight: pairFeatures > 0 ? weight.part(2 * features, pairFeatures) : undefined,
        messageWeight: this.#message2.weight.tensor,
        messageBias: this.#message2.bias!.tensor,
        gateWeight: this.#gate?.weight.tensor,
        gateBias: this.#gate?.bias?.tensor,
        coordinateWeight: this.#coordinate?.first.weight.tensor,
        coordinateBias: this.#coordinate?.first.bias?.tensor,
        coordinateHead: this.#coordinate?.head.weight.tensor,
      },
      this.#options,
      wantFeatures,
    );

    const displacement = this.#displacement(input, shift);
    return {
      h: wantFeatures ? this.#updateFeatures(h, messages!, nodeAttributes, activation) : undefined,
      x: x && displacement ? add(x, displacement) : x,
      displacement,
    };
  }

  /** eq. 4 and 7 */
  #displacement({ h, velocity }: LayerInput, shift: Tensor | undefined): Tensor | undefined {
    const { coordinateWeight, activation } = this.config;
    const pulled = shift && (coordinateWeight === 1 ? shift : multiply(shift, coordinateWeight));
    if (!this.#velocity || !velocity) return pulled;
    const carried = multiply(
      velocity,
      this.#velocity.second.apply(this.#velocity.first.apply(h, activation)),
    );
    return pulled ? add(carried, pulled) : carried;
  }

  /** eq. 6 */
  #updateFeatures(
    h: Tensor,
    messages: Tensor,
    attributes: Tensor | undefined,
    activation: Activation,
  ): Tensor {
    const inputs = attributes ? [h, messages, attributes] : [h, messages];
    const update = this.#node2.apply(this.#node1.apply(inputs, activation));
    return this.config.residual ? add(update, h) : update;
  }
}
