/** @file From a configuration to the model that it describes, with weights drawn from its seed. */
import { EGNN } from '../nn/egnn.ts';
import { GNN } from '../nn/gnn.ts';
import { LinearDynamics } from '../nn/linear-dynamics.ts';
import { RadialField } from '../nn/radial-field.ts';
import type { Engine } from '../tensor/engine.ts';
import type { NetworkConfig } from './config.ts';

/** @throws RangeError or TypeError naming an option that does not go with the others */
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
