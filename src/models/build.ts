/** @file From a configuration to the model that it describes, and whether weights fit it. */
import { createReferenceBackend } from '../backends/reference/reference.ts';
import { EGNN } from '../nn/egnn.ts';
import { fullConfig } from '../nn/egnn-config.ts';
import { GNN } from '../nn/gnn.ts';
import { LinearDynamics } from '../nn/linear-dynamics.ts';
import { RadialField } from '../nn/radial-field.ts';
import type { StateDict } from '../nn/state-dict.ts';
import { Engine } from '../tensor/engine.ts';
import type { NetworkConfig } from './config.ts';

/** The network with weights drawn from its seed. @throws RangeError or TypeError naming an option that does not go with the others */
export function buildNetwork(
  engine: Engine,
  config: NetworkConfig,
): EGNN | GNN | RadialField | LinearDynamics {
  switch (config.kind) {
    case 'egnn': {
      const { kind: _, ...options } = config;
      return new EGNN(engine, options);
    }
    case 'gnn': {
      const { kind: _, ...options } = config;
      return new GNN(engine, options);
    }
    case 'radial-field': {
      const { kind: _, ...options } = config;
      return new RadialField(engine, options);
    }
    case 'linear-dynamics':
      return new LinearDynamics(engine);
  }
}

/** @throws Error or RangeError saying what of the weights, as float32, the network would not take */
export function expectWeights(config: NetworkConfig, state: StateDict): void {
  expectPlausible(
    config,
    Object.values(state).reduce((sum, { data }) => sum + data.length, 0),
  );
  const engine = new Engine({ ...createReferenceBackend(), precision: 'float32' });
  buildNetwork(engine, config).loadStateDict(state);
}

/**
 * What a configuration asks for, held against the weights that came with it, before anything is built: a few bytes of
 * JSON must not ask for all memory.
 * @param numbers how many the weights have in all
 * @throws RangeError if the network has a matrix of more numbers than that
 */
export function expectPlausible(config: NetworkConfig, numbers: number): void {
  const products = productsOf(config);
  for (const [name, size] of Object.entries(products))
    if (size > numbers)
      throw new RangeError(
        `the model's configuration asks for ${name}, ${size.toLocaleString('en')} numbers; its weights have ${numbers.toLocaleString('en')} in all`,
      );
}

/** The sizes of the weight matrices that grow with two widths, or with the depth. */
function productsOf(config: NetworkConfig): Record<string, number> {
  if (config.kind === 'linear-dynamics') return {};
  const { hiddenFeatures = 64, layers = 4, edgeFeatures = 0 } = config;
  const shared = {
    'layers x hiddenFeatures': layers * hiddenFeatures,
    edgeFeatures,
  };
  if (config.kind === 'radial-field') return shared;
  if (config.kind === 'gnn')
    return {
      ...shared,
      'layers x hiddenFeatures x hiddenFeatures': layers * hiddenFeatures ** 2,
      'inputFeatures x hiddenFeatures': config.inputFeatures * hiddenFeatures,
      'hiddenFeatures x outputFeatures': hiddenFeatures * config.outputFeatures,
    };
  const { kind: _, ...options } = config;
  const full = fullConfig(options);
  const { messageFeatures, edgeHidden, nodeHidden, coordinateHidden } = full;
  const outputs = full.outputFeatures === 'hidden' ? 1 : full.outputFeatures;
  return {
    'layers x hiddenFeatures x edgeHidden': full.layers * full.hiddenFeatures * edgeHidden,
    'layers x edgeHidden x messageFeatures': full.layers * edgeHidden * messageFeatures,
    'edgeFeatures x edgeHidden': full.edgeFeatures * edgeHidden,
    ...(full.updateFeatures && {
      'layers x nodeHidden x hiddenFeatures': full.layers * nodeHidden * full.hiddenFeatures,
      'messageFeatures x nodeHidden': messageFeatures * nodeHidden,
      'nodeAttributes x nodeHidden': full.nodeAttributes * nodeHidden,
    }),
    ...(full.updateCoordinates &&
      full.coordinateEvery <= full.layers && {
        'messageFeatures x coordinateHidden': messageFeatures * coordinateHidden,
      }),
    ...(full.embedding && { 'inputFeatures x hiddenFeatures': full.inputFeatures * full.hiddenFeatures }),
    ...(full.readout && { 'hiddenFeatures x readout.outputs': full.readout.outputs * full.hiddenFeatures }),
    ...(!full.readout &&
      full.embedding && { 'hiddenFeatures x outputFeatures': full.hiddenFeatures * outputs }),
  };
}
