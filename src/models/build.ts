/** @file From a configuration to the model that it describes, and whether weights fit it. */
import { createReferenceBackend } from '../backends/reference/reference.ts';
import { EGNN } from '../nn/egnn.ts';
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

/** So many numbers more than the weights have are no danger: what is missing can then be said by its name. */
const TOLERATED = 2 ** 20;

/**
 * What a configuration asks for, held against the weights that came with it, before anything is built: a few bytes of
 * JSON must not ask for all memory.
 * @param numbers how many the weights have in all
 * @throws RangeError if the network has many more
 */
export function expectPlausible(config: NetworkConfig, numbers: number): void {
  const wanted = countParameters(config);
  if (wanted > numbers + TOLERATED)
    throw new RangeError(
      `the model's configuration asks for ${wanted.toLocaleString('en')} numbers; its weights have ${numbers.toLocaleString('en')} in all`,
    );
}

/** How many numbers the parameters of a network are; the network is built as far as they are declared. */
function countParameters(config: NetworkConfig): number {
  const declared = Symbol('declared');
  let count = 0;
  const engine = new Engine({
    ...createReferenceBackend(),
    persistent(_, columns) {
      count = columns;
      throw declared;
    },
  });
  try {
    buildNetwork(engine, config);
  } catch (error) {
    if (error !== declared) throw error;
  }
  return count;
}
