/**
 * @file The radial field baseline (Koehler, Klein, Noe 2019) with velocities, as the paper's N-body experiment runs it:
 *
 *   x_i' = x_i + mean_j (x_i - x_j) tanh(phi(|x_i - x_j|, a_ij)) + phi_v(|v_i|) v_i
 *
 * Written from the general operations: an example of a layer that the engine knows nothing about.
 */
import type { Activation } from '../backends/backend.ts';
import type { Graph } from '../graph/graph.ts';
import type { Engine } from '../tensor/engine.ts';
import { expectShape } from '../tensor/operations/check.ts';
import {
  add,
  gather,
  multiply,
  rowSums,
  segmentMean,
  square,
  squareRoot,
  subtract,
  tanh,
} from '../tensor/operations/index.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkActivation, checkNames, checkSizes, withDefaults } from './check-config.ts';
import { checkOptional } from './check-input.ts';
import { Linear, xavierUniform } from './linear.ts';
import { Model } from './model.ts';

export interface RadialFieldConfig {
  readonly hiddenFeatures?: number;
  readonly layers?: number;
  readonly edgeFeatures?: number;
  readonly activation?: Activation;
  readonly seed?: number;
}

export interface RadialFieldInput {
  readonly graph: Graph;
  /** [N, n] */
  readonly x: Tensor;
  /** [N, n] */
  readonly velocity: Tensor;
  /** |v_i|, [N, 1] */
  readonly speed: Tensor;
  /** [E, A] */
  readonly edgeAttributes?: Tensor;
}

interface Layer {
  readonly radial: { first: Linear; second: Linear };
  readonly velocity: { first: Linear; second: Linear };
}

const defaults = {
  hiddenFeatures: 64,
  layers: 4,
  edgeFeatures: 0,
  activation: 'silu' as Activation,
  seed: 0,
};

/** The authors' `RF_vel`; parameter names are theirs. */
export class RadialField extends Model {
  readonly name = 'RadialField';
  readonly config: Required<RadialFieldConfig>;
  readonly #layers: Layer[];

  /** @throws RangeError or TypeError naming an option that is unknown or out of range */
  constructor(engine: Engine, config: RadialFieldConfig = {}) {
    super(engine);
    this.config = withDefaults(defaults, config);
    checkNames('RadialField', this.config, Object.keys(defaults));
    checkSizes(this.config, ['hiddenFeatures', 'layers'], ['edgeFeatures']);
    checkActivation(this.config.activation);
    const { hiddenFeatures: hidden, edgeFeatures, layers } = this.config;
    this.#layers = Array.from({ length: layers }, (_, layer) => {
      const declare = (name: string, inputs: number, outputs: number) =>
        new Linear(this.parameters, `gcl_${layer}.${name}`, { inputs, outputs });
      return {
        velocity: {
          first: declare('coord_mlp_vel.0', 1, hidden),
          second: declare('coord_mlp_vel.2', hidden, 1),
        },
        radial: {
          first: declare('phi.0', 1 + edgeFeatures, hidden),
          second: new Linear(this.parameters, `gcl_${layer}.phi.2`, {
            inputs: hidden,
            outputs: 1,
            bias: false,
            initialise: xavierUniform(hidden, 1, 0.001),
          }),
        },
      };
    });
    this.initialise(this.config.seed);
  }

  /** @returns x', [N, n] @throws RangeError if an input's shape does not fit the model or the graph */
  forward(input: RadialFieldInput): Tensor {
    const { graph, velocity, speed, edgeAttributes } = input;
    let x = input.x;
    expectShape('forward', 'x', x, graph.nodeCount, undefined);
    expectShape('forward', 'velocity', velocity, graph.nodeCount, x.columns);
    expectShape('forward', 'speed', speed, graph.nodeCount, 1);
    checkOptional('edgeAttributes', edgeAttributes, graph.edgeCount, this.config.edgeFeatures);
    for (const [position, layer] of this.#layers.entries())
      x = this.engine.inLayer(`gcl_${position}`, () => this.#layer(layer, { ...input, x }));
    return x;
  }

  #layer({ radial, velocity }: Layer, input: RadialFieldInput): Tensor {
    const { activation } = this.config;
    const { receivers, senders } = this.engine.graph(input.graph);
    const difference = subtract(gather(input.x, receivers), gather(input.x, senders));
    const distance = squareRoot(rowSums(square(difference)));
    const pair = input.edgeAttributes ? [distance, input.edgeAttributes] : [distance];
    const strength = tanh(radial.second.apply(radial.first.apply(pair, activation)));
    const pull = segmentMean(multiply(difference, strength), receivers);
    const speed = velocity.second.apply(velocity.first.apply(input.speed, activation));
    return add(add(input.x, pull), multiply(input.velocity, speed));
  }
}
