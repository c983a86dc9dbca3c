/** @file A layer small enough that all of its numbers can be shown, and its weights as plain matrices. */
import { EGCL, type EGCLConfig, type Engine, MersenneTwister, ParameterSet } from 'egnn';
import { livelyWeights } from '../../lively-weights.ts';

/** Widths of h and m. */
export const FEATURES = 3;
export const MESSAGE = 4;
const HIDDEN = 8;
/** Found by trial: gates, messages and shifts differ from edge to edge, and nothing is cut off. */
const SEED = 33;
const FACTORS = { weights: 3, heads: 400 };

const config: EGCLConfig = {
  features: FEATURES,
  edgeHidden: HIDDEN,
  nodeHidden: HIDDEN,
  coordinateHidden: HIDDEN,
  messageFeatures: MESSAGE,
  edgeFeatures: 0,
  nodeAttributes: 0,
  activation: 'silu',
  attention: true,
  squaredDistance: true,
  fourierFeatures: 0,
  coordinates: 'message',
  coordinateBias: false,
  coordinateScale: false,
  velocity: false,
  coordinateAggregation: 'mean',
  coordinateWeight: 1,
  messageAggregation: 'sum',
  messageWeight: 1,
  updateFeatures: true,
  normalizeFeatures: false,
  residual: true,
};

/** [inputs, outputs], row-major */
export interface Weight {
  readonly outputs: number;
  readonly values: ArrayLike<number>;
}

/** By the name under which the layer knows them: `edge_mlp.0.weight`. */
export type Weights = Readonly<Record<string, Weight>>;

export interface SmallLayer {
  readonly layer: EGCL;
  readonly weights: Weights;
}

export async function buildLayer(engine: Engine): Promise<SmallLayer> {
  const parameters = new ParameterSet(engine);
  const layer = new EGCL(parameters, 'gcl_0', config);
  parameters.allocate(new MersenneTwister(SEED));
  const drawn = await Promise.all(
    [...parameters].map(
      async ({ name, shape, tensor }) => [name, { shape, data: await tensor.read() }] as const,
    ),
  );
  const lively = livelyWeights(Object.fromEntries(drawn), FACTORS);
  parameters.write([...parameters].flatMap(({ name }) => Array.from(lively[name].data)));
  const weights = await Promise.all(
    [...parameters].map(async ({ name, shape, tensor }) => [
      name.slice('gcl_0.'.length),
      { outputs: shape[1], values: await tensor.read() },
    ]),
  );
  return { layer, weights: Object.fromEntries(weights) };
}
