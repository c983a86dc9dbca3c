/** @file The paper's plain GNN baseline (appendix C.1): coordinates are ordinary features, so nothing is equivariant. */
import type { Activation } from '../backends/backend.ts';
import type { Engine } from '../tensor/engine.ts';
import type { Tensor } from '../tensor/tensor.ts';
import {
  checkActivation,
  checkFlags,
  checkNames,
  checkSizes,
  expectConfig,
  withDefaults,
} from './check-config.ts';
import { checkInput } from './check-input.ts';
import { EGCL, type LayerInput } from './egcl.ts';
import { Linear } from './linear.ts';
import { Model } from './model.ts';

export interface GNNConfig {
  /** Width of h at the input: position and velocity in the N-body experiment. */
  readonly inputFeatures: number;
  readonly outputFeatures: number;
  readonly hiddenFeatures?: number;
  readonly layers?: number;
  readonly edgeFeatures?: number;
  readonly activation?: Activation;
  readonly attention?: boolean;
  readonly residual?: boolean;
  readonly seed?: number;
}

const defaults = {
  hiddenFeatures: 64,
  layers: 4,
  edgeFeatures: 0,
  activation: 'silu' as Activation,
  attention: false,
  residual: true,
  seed: 0,
};

/** The authors' `GNN`; parameter names are theirs. */
export class GNN extends Model {
  readonly name = 'GNN';
  readonly config: Required<GNNConfig>;
  readonly #embedding: Linear;
  readonly #layers: EGCL[];
  readonly #decoder: { first: Linear; second: Linear };

  /** @throws RangeError or TypeError naming an option that is unknown or out of range */
  constructor(engine: Engine, config: GNNConfig) {
    super(engine);
    expectConfig('GNN', config, 'inputFeatures and outputFeatures');
    this.config = withDefaults(defaults, config);
    checkNames('GNN', this.config, [...Object.keys(defaults), 'inputFeatures', 'outputFeatures']);
    checkSizes(
      this.config,
      ['inputFeatures', 'outputFeatures', 'hiddenFeatures', 'layers'],
      ['edgeFeatures'],
    );
    checkFlags(this.config, ['attention', 'residual']);
    checkActivation(this.config.activation);
    const { inputFeatures, outputFeatures, hiddenFeatures: hidden, layers, seed } = this.config;
    this.#layers = Array.from(
      { length: layers },
      (_, layer) =>
        new EGCL(this.parameters, `gcl_${layer}`, {
          features: hidden,
          edgeHidden: hidden,
          nodeHidden: hidden,
          coordinateHidden: hidden,
          messageFeatures: hidden,
          edgeFeatures: this.config.edgeFeatures,
          nodeAttributes: 0,
          activation: this.config.activation,
          attention: this.config.attention,
          squaredDistance: false,
          fourierFeatures: 0,
          coordinates: 'none',
          coordinateBias: false,
          coordinateScale: false,
          velocity: false,
          coordinateAggregation: 'sum',
          coordinateWeight: 1,
          messageAggregation: 'sum',
          messageWeight: 1,
          updateFeatures: true,
          normalizeFeatures: false,
          residual: this.config.residual,
        }),
    );
    this.#decoder = {
      first: new Linear(this.parameters, 'decoder.0', { inputs: hidden, outputs: hidden }),
      second: new Linear(this.parameters, 'decoder.2', { inputs: hidden, outputs: outputFeatures }),
    };
    this.#embedding = new Linear(this.parameters, 'embedding.0', { inputs: inputFeatures, outputs: hidden });
    this.initialise(seed);
  }

  /** @returns [N, outputFeatures] */
  forward(input: Pick<LayerInput, 'graph' | 'h' | 'edgeAttributes'>): Tensor {
    checkInput(input, {
      features: this.config.inputFeatures,
      edgeFeatures: this.config.edgeFeatures,
      nodeAttributes: 0,
      coordinates: false,
      velocity: false,
    });
    const { engine } = this;
    let h = engine.inLayer('embedding', () => this.#embedding.apply(input.h));
    for (const [position, layer] of this.#layers.entries())
      h = engine.inLayer(`gcl_${position}`, () => layer.forward({ ...input, h }).h!);
    return engine.inLayer('decoder', () =>
      this.#decoder.second.apply(this.#decoder.first.apply(h, this.config.activation)),
    );
  }
}
