/** @file The E(n)-equivariant graph neural network: an embedding, layers of EGCL, and an output embedding. */
import type { Activation, Aggregation, Normalization } from '../backends/backend.ts';
import type { Engine } from '../tensor/engine.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkActivation, checkNames, checkSizes, withDefaults } from './check-config.ts';
import { checkInput } from './check-input.ts';
import { EGCL, type EGCLConfig, type LayerInput } from './egcl.ts';
import { Linear } from './linear.ts';
import { Model } from './model.ts';
import { type PlainGraph, type Prediction, predict } from './predict.ts';

export interface EGNNConfig {
  /** Width of h at the input. */
  readonly inputFeatures: number;
  /** Width of h' at the output; 'hidden' returns it without an output embedding, 0 returns coordinates alone. */
  readonly outputFeatures?: number | 'hidden';
  readonly hiddenFeatures?: number;
  readonly layers?: number;
  /** Number of edge attributes. */
  readonly edgeFeatures?: number;
  /** Number of attributes fed to every node update. */
  readonly nodeAttributes?: number;
  readonly activation?: Activation;
  /** Infer the edges, eq. 8. */
  readonly attention?: boolean;
  /**
   * Divide x_i - x_j by its length: `true` as the authors do (detached norm + 1e-8), or with numbers of one's own.
   * Keeps stacked layers and large graphs from exploding.
   */
  readonly normalize?: boolean | Normalization;
  /** phi_x becomes range * tanh(phi_x): `true` for range 1, or the range. */
  readonly tanh?: boolean | number;
  /** `mean` over the neighbours (the paper's C on a complete graph), `sum`, or a constant that the sum is divided by. */
  readonly coordinateAggregation?: Aggregation | number;
  /** Eq. 4; `false` as in the paper's QM9 model. */
  readonly updateCoordinates?: boolean;
  readonly coordinateWeight?: number;
  /** Limit on each component of (x_i - x_j) phi_x. */
  readonly coordinateClamp?: number;
  readonly messageAggregation?: Aggregation;
  readonly residual?: boolean;
  /** Take velocities, eq. 7. */
  readonly velocity?: boolean;
  /** Of the first weights. */
  readonly seed?: number;
}

export interface EGNNOutput {
  /** [N, outputFeatures]; undefined if outputFeatures is 0. */
  readonly h: Tensor | undefined;
  /** [N, n] */
  readonly x: Tensor | undefined;
  /** The last layer's v', eq. 7, [N, n]; with `velocity` only. */
  readonly v: Tensor | undefined;
}

const defaults = {
  outputFeatures: 'hidden',
  hiddenFeatures: 64,
  layers: 4,
  edgeFeatures: 0,
  nodeAttributes: 0,
  activation: 'silu',
  attention: false,
  normalize: false,
  tanh: false,
  coordinateAggregation: 'mean',
  updateCoordinates: true,
  coordinateWeight: 1,
  messageAggregation: 'sum',
  residual: true,
  velocity: false,
  seed: 0,
} as const;

/** The authors' `normalize`: the norm is taken as a constant, so that coincident points have a gradient. */
const authorsNormalization: Normalization = { epsilon: 0, constant: 1e-8, detached: true };

/**
 * The authors' `EGNN` (egnn_clean), and with `velocity: true, outputFeatures: 0, coordinateClamp: 100` their
 * `EGNN_vel`; parameter names are theirs.
 */
export class EGNN extends Model {
  readonly name = 'EGNN';
  readonly config: Required<Omit<EGNNConfig, 'coordinateClamp'>> & Pick<EGNNConfig, 'coordinateClamp'>;
  readonly #embedding: Linear;
  readonly #layers: EGCL[];
  readonly #output: Linear | undefined;

  /** @throws RangeError if a width or the number of layers is not a positive integer */
  constructor(engine: Engine, config: EGNNConfig) {
    super(engine);
    this.config = withDefaults(defaults, config) as typeof this.config;
    checkConfig(this.config);
    const { inputFeatures, hiddenFeatures, outputFeatures, layers, seed } = this.config;
    const outputs = typeof outputFeatures === 'number' && outputFeatures > 0 ? outputFeatures : undefined;

    this.#embedding = new Linear(this.parameters, outputs ? 'embedding_in' : 'embedding', {
      inputs: inputFeatures,
      outputs: hiddenFeatures,
    });
    this.#layers = Array.from(
      { length: layers },
      (_, layer) => new EGCL(this.parameters, `gcl_${layer}`, layerConfig(this.config)),
    );
    if (outputs)
      this.#output = new Linear(this.parameters, 'embedding_out', { inputs: hiddenFeatures, outputs });
    this.initialise(seed);
  }

  /** One pass inside `engine.step`. @throws RangeError if an input's shape does not fit the model or the graph */
  forward(input: LayerInput): EGNNOutput {
    checkInput(input, {
      features: this.config.inputFeatures,
      edgeFeatures: this.config.edgeFeatures,
      nodeAttributes: this.config.nodeAttributes,
      coordinates: true,
      velocity: this.config.velocity,
    });
    const { engine } = this;
    const lastLayer = this.#layers.length - 1;
    let h: Tensor | undefined = engine.inLayer('embedding', () => this.#embedding.apply(input.h));
    let x = input.x;
    let v: Tensor | undefined;
    for (const [position, layer] of this.#layers.entries()) {
      const wantFeatures = position < lastLayer || this.config.outputFeatures !== 0;
      const output = engine.inLayer(`gcl_${position}`, () =>
        layer.forward({ ...input, h: h!, x }, wantFeatures),
      );
      h = output.h;
      x = output.x;
      v = this.config.velocity ? output.displacement : undefined;
    }
    if (this.#output) h = engine.inLayer('embedding_out', () => this.#output!.apply(h!));
    return { h, x, v };
  }

  /**
   * Plain arrays in, typed arrays out: `await model.predict({ X, C, E, A })`.
   * @throws RangeError or TypeError naming the argument, what was expected and what came
   */
  predict(input: PlainGraph): Promise<Prediction> {
    return predict(this, input);
  }
}

function layerConfig(config: EGNN['config']): EGCLConfig {
  const { coordinateAggregation, coordinateWeight, normalize, tanh } = config;
  const divisor = typeof coordinateAggregation === 'number' ? coordinateAggregation : 1;
  return {
    features: config.hiddenFeatures,
    hidden: config.hiddenFeatures,
    edgeFeatures: config.edgeFeatures,
    nodeAttributes: config.nodeAttributes,
    activation: config.activation,
    attention: config.attention,
    squaredDistance: true,
    updateCoordinates: config.updateCoordinates,
    velocity: config.velocity,
    normalization: normalize === true ? authorsNormalization : normalize || undefined,
    tanhRange: tanh === true ? 1 : tanh || undefined,
    coordinateClamp: config.coordinateClamp,
    coordinateAggregation: coordinateAggregation === 'mean' ? 'mean' : 'sum',
    coordinateWeight: coordinateWeight / divisor,
    messageAggregation: config.messageAggregation,
    residual: config.residual,
  };
}

function checkConfig(config: EGNN['config']): void {
  checkNames('EGNN', config, [...Object.keys(defaults), 'inputFeatures', 'coordinateClamp']);
  checkSizes(config, ['inputFeatures', 'hiddenFeatures', 'layers'], ['edgeFeatures', 'nodeAttributes']);
  checkActivation(config.activation);
  const { coordinateClamp, coordinateWeight, tanh } = config;
  if (coordinateClamp !== undefined && !(coordinateClamp > 0))
    throw new RangeError(`coordinateClamp must be a positive number; got ${coordinateClamp}`);
  if (!Number.isFinite(coordinateWeight))
    throw new RangeError(`coordinateWeight must be a finite number; got ${coordinateWeight}`);
  if (typeof tanh !== 'boolean' && !(tanh > 0))
    throw new RangeError(`tanh must be a boolean or a positive range; got ${tanh}`);
  const { outputFeatures, coordinateAggregation, messageAggregation } = config;
  if (outputFeatures !== 'hidden' && (!Number.isInteger(outputFeatures) || outputFeatures < 0))
    throw new RangeError(`outputFeatures must be 'hidden', 0 or a positive integer; got ${outputFeatures}`);
  if (messageAggregation !== 'mean' && messageAggregation !== 'sum')
    throw new RangeError(`messageAggregation must be 'mean' or 'sum'; got ${messageAggregation}`);
  if (!['mean', 'sum'].includes(coordinateAggregation as string) && !((coordinateAggregation as number) > 0))
    throw new RangeError(
      `coordinateAggregation must be 'mean', 'sum' or a positive number; got ${coordinateAggregation}`,
    );
}
