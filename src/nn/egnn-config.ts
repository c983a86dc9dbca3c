/**
 * @file The options of EGNN: what they are, their defaults, what they may be, and the layers they make.
 */
import type { Activation, Aggregation, Normalization } from '../backends/backend.ts';
import { shown } from '../shown.ts';
import {
  checkActivation,
  checkFlags,
  checkNames,
  checkSizes,
  expectConfig,
  withDefaults,
} from './check-config.ts';
import type { EGCLConfig } from './egcl.ts';
import type { ReadoutConfig } from './readout.ts';

export interface EGNNConfig {
  /** Width of h at the input. */
  readonly inputFeatures: number;
  /** Width of h' at the output; 'hidden' returns it without an output embedding, 0 returns coordinates alone. */
  readonly outputFeatures?: number | 'hidden';
  readonly hiddenFeatures?: number;
  /** Width of the messages; as the hidden layers if left out. */
  readonly messageFeatures?: number;
  /** Widths of the hidden layers of phi_e, phi_h and phi_x, if they are not `hiddenFeatures`. */
  readonly edgeHidden?: number;
  readonly nodeHidden?: number;
  readonly coordinateHidden?: number;
  readonly layers?: number;
  /** Number of edge attributes. */
  readonly edgeFeatures?: number;
  /** Whether h goes through a linear embedding first; without one, inputFeatures is hiddenFeatures. */
  readonly embedding?: boolean;
  /** Feed |x_i - x_j|^2 of the network's input to every layer, as the first edge attribute (EDM, E-NF). */
  readonly inputDistance?: boolean;
  /** Feed sin and cos of |x_i - x_j|^2 / 2^k, k = 0 .. this number - 1, to phi_e (lucidrains). */
  readonly fourierFeatures?: number;
  /** Number of attributes fed to every node update. */
  readonly nodeAttributes?: number;
  /** Feed h of the network's input to every node update, before the node attributes (the authors' QM9 `node_attr`). */
  readonly inputAttributes?: boolean;
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
  /**
   * What phi_x is a function of: the message (the paper), or as a network of its own, after the features' update, of
   * (h_i', h_j', |x_i - x_j|^2, a_ij) (EDM).
   */
  readonly coordinateNetwork?: 'message' | 'pair';
  /** Coordinates are updated by every so many-th layer (EDM's `inv_sublayers`). */
  readonly coordinateEvery?: number;
  /** A bias behind phi_x (lucidrains). */
  readonly coordinateBias?: boolean;
  /** A learned factor of the coordinate update (lucidrains' `CoorsNorm`). */
  readonly coordinateScale?: boolean;
  readonly coordinateWeight?: number;
  /** Limit on each component of (x_i - x_j) phi_x. */
  readonly coordinateClamp?: number;
  /** `sum`, `mean` over the neighbours, or a constant that the sum is divided by. */
  readonly messageAggregation?: Aggregation | number;
  /** Eq. 6; `false` leaves h as it is. */
  readonly updateFeatures?: boolean;
  /** Layer normalisation of h before phi_h (lucidrains' `norm_feats`). */
  readonly normalizeFeatures?: boolean;
  readonly residual?: boolean;
  /** Take velocities, eq. 7. */
  readonly velocity?: boolean;
  /** A network on the whole graph behind the layers, as in the paper's QM9 model. */
  readonly readout?: ReadoutConfig;
  /** Of the first weights. */
  readonly seed?: number;
}

const defaults = {
  outputFeatures: 'hidden',
  hiddenFeatures: 64,
  layers: 4,
  edgeFeatures: 0,
  embedding: true,
  inputDistance: false,
  fourierFeatures: 0,
  nodeAttributes: 0,
  inputAttributes: false,
  activation: 'silu',
  attention: false,
  normalize: false,
  tanh: false,
  coordinateAggregation: 'mean',
  updateCoordinates: true,
  coordinateNetwork: 'message',
  coordinateEvery: 1,
  coordinateBias: false,
  coordinateScale: false,
  coordinateWeight: 1,
  messageAggregation: 'sum',
  updateFeatures: true,
  normalizeFeatures: false,
  residual: true,
  velocity: false,
  seed: 0,
} as const;

/** Options that have no default, or one that other options give. */
const others = [
  'inputFeatures',
  'coordinateClamp',
  'readout',
  'messageFeatures',
  'edgeHidden',
  'nodeHidden',
  'coordinateHidden',
] as const;

/** Options without a default of their own. */
type Optional = 'coordinateClamp' | 'readout';
export type FullEGNNConfig = Required<Omit<EGNNConfig, Optional>> & Pick<EGNNConfig, Optional>;

/** The authors' `normalize`: the norm is taken as a constant, so that coincident points have a gradient. */
const authorsNormalization: Normalization = { epsilon: 0, constant: 1e-8, detached: true };

/** @throws RangeError or TypeError naming an option that is unknown or out of range */
export function fullConfig(given: EGNNConfig): FullEGNNConfig {
  expectConfig('EGNN', given, 'inputFeatures');
  const config = withDefaults(defaults, given) as typeof defaults & EGNNConfig;
  const { hiddenFeatures } = config;
  const widths = { messageFeatures: hiddenFeatures, edgeHidden: hiddenFeatures, nodeHidden: hiddenFeatures };
  const full = withDefaults({ ...widths, coordinateHidden: hiddenFeatures }, config) as FullEGNNConfig;
  checkConfig(full);
  return full;
}

export function layerConfig(config: FullEGNNConfig, layer: number): EGCLConfig {
  const { normalize, tanh, coordinateWeight, coordinateEvery } = config;
  const updates = config.updateCoordinates && (layer + 1) % coordinateEvery === 0;
  const coordinates = aggregationOf(config.coordinateAggregation);
  const messages = aggregationOf(config.messageAggregation);
  return {
    features: config.hiddenFeatures,
    edgeHidden: config.edgeHidden,
    nodeHidden: config.nodeHidden,
    coordinateHidden: config.coordinateHidden,
    messageFeatures: config.messageFeatures,
    edgeFeatures: config.edgeFeatures + (config.inputDistance ? 1 : 0),
    nodeAttributes: config.nodeAttributes + (config.inputAttributes ? config.inputFeatures : 0),
    activation: config.activation,
    attention: config.attention,
    squaredDistance: true,
    fourierFeatures: config.fourierFeatures,
    coordinates: updates ? config.coordinateNetwork : 'none',
    coordinateBias: config.coordinateBias,
    coordinateScale: updates && config.coordinateScale,
    velocity: config.velocity,
    normalization: normalize === true ? authorsNormalization : normalize || undefined,
    tanhRange: tanh === true ? 1 : tanh || undefined,
    coordinateClamp: config.coordinateClamp,
    coordinateAggregation: coordinates.aggregation,
    coordinateWeight: coordinateWeight * coordinates.weight,
    messageAggregation: messages.aggregation,
    messageWeight: messages.weight,
    updateFeatures: config.updateFeatures,
    normalizeFeatures: config.normalizeFeatures,
    residual: config.residual,
  };
}

function aggregationOf(aggregation: Aggregation | number): { aggregation: Aggregation; weight: number } {
  if (typeof aggregation === 'number') return { aggregation: 'sum', weight: 1 / aggregation };
  return { aggregation, weight: 1 };
}

function checkConfig(config: FullEGNNConfig): void {
  checkNames('EGNN', config, [...Object.keys(defaults), ...others]);
  checkSizes(
    config,
    [
      'inputFeatures',
      'hiddenFeatures',
      'layers',
      'messageFeatures',
      'edgeHidden',
      'nodeHidden',
      'coordinateHidden',
      'coordinateEvery',
    ],
    ['edgeFeatures', 'nodeAttributes', 'fourierFeatures'],
  );
  checkFlags(config, [
    'embedding',
    'inputDistance',
    'inputAttributes',
    'attention',
    'updateCoordinates',
    'coordinateBias',
    'coordinateScale',
    'updateFeatures',
    'normalizeFeatures',
    'residual',
    'velocity',
  ]);
  checkActivation(config.activation);
  if (typeof config.normalize !== 'boolean') checkNormalization(config.normalize);
  const { coordinateClamp, coordinateWeight, tanh, outputFeatures, coordinateNetwork } = config;
  if (coordinateClamp !== undefined && !isPositive(coordinateClamp))
    throw new RangeError(`coordinateClamp must be a positive number; got ${shown(coordinateClamp)}`);
  if (!Number.isFinite(coordinateWeight))
    throw new RangeError(`coordinateWeight must be a finite number; got ${shown(coordinateWeight)}`);
  if (typeof tanh !== 'boolean' && !isPositive(tanh))
    throw new RangeError(`tanh must be a boolean or a positive range; got ${shown(tanh)}`);
  if (outputFeatures !== 'hidden' && (!Number.isInteger(outputFeatures) || outputFeatures < 0))
    throw new RangeError(
      `outputFeatures must be 'hidden', 0 or a positive integer; got ${shown(outputFeatures)}`,
    );
  if (config.readout && outputFeatures === 0)
    throw new RangeError('a readout needs features; outputFeatures must not be 0');
  if (coordinateNetwork !== 'message' && coordinateNetwork !== 'pair')
    throw new RangeError(`coordinateNetwork must be 'message' or 'pair'; got ${shown(coordinateNetwork)}`);
  if (!config.embedding && config.inputFeatures !== config.hiddenFeatures)
    throw new RangeError(
      `without an embedding, inputFeatures (${config.inputFeatures}) must be hiddenFeatures (${config.hiddenFeatures})`,
    );
  for (const name of ['messageAggregation', 'coordinateAggregation'] as const) {
    const value = config[name];
    if (value !== 'mean' && value !== 'sum' && !isPositive(value))
      throw new RangeError(`${name} must be 'mean', 'sum' or a positive number; got ${shown(value)}`);
  }
}

function checkNormalization(normalize: Normalization): void {
  if (typeof normalize !== 'object' || normalize === null)
    throw new RangeError(
      `normalize must be a boolean or { epsilon, constant, detached }; got ${shown(normalize)}`,
    );
  for (const name of ['epsilon', 'constant'] as const)
    if (!(Number.isFinite(normalize[name]) && normalize[name] >= 0))
      throw new RangeError(`normalize.${name} must be a number from 0; got ${shown(normalize[name])}`);
  checkFlags(normalize, ['detached']);
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && value > 0;
}
