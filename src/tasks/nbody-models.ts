/**
 * @file The four models of the paper's table 2, each with what it takes of a batch. Only the EGNN and the radial
 * field are equivariant and see invariants; the GNN sees coordinates as ordinary features; linear dynamics sees no
 * forces at all.
 */
import { EGNN } from '../nn/egnn.ts';
import { GNN } from '../nn/gnn.ts';
import { LinearDynamics } from '../nn/linear-dynamics.ts';
import type { Model } from '../nn/model.ts';
import { RadialField } from '../nn/radial-field.ts';
import type { Engine } from '../tensor/engine.ts';
import { concatenate } from '../tensor/operations/index.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { BatchTensors } from '../train/batch.ts';
import type { NBodyInputName } from './nbody-inputs.ts';

export const nbodyModels = ['egnn', 'gnn', 'radial-field', 'linear'] as const;
export type NBodyModelName = (typeof nbodyModels)[number];

export interface NBodyModelSettings {
  readonly model: NBodyModelName;
  /** Width H of the hidden layers. */
  readonly hidden: number;
  readonly layers: number;
  /** Of the first weights. */
  readonly seed: number;
}

export type NBodyTensors = BatchTensors<NBodyInputName>;

export interface NBodyModel {
  readonly model: Model;
  /** Positions at frame 40, [5 M, 3]; called inside `engine.step`. */
  predict(batch: NBodyTensors): Tensor;
}

export function createNBodyModel(engine: Engine, settings: NBodyModelSettings): NBodyModel {
  const common = { hiddenFeatures: settings.hidden, layers: settings.layers, seed: settings.seed };
  switch (settings.model) {
    case 'egnn': {
      const model = new EGNN(engine, {
        ...common,
        inputFeatures: 1,
        outputFeatures: 0,
        edgeFeatures: 2,
        velocity: true,
        coordinateClamp: 100,
      });
      return {
        model,
        predict({ graph, inputs: { speed, x, velocity, pairAttributes } }) {
          return model.forward({ graph, h: speed, x, velocity, edgeAttributes: pairAttributes }).x!;
        },
      };
    }
    case 'gnn': {
      const model = new GNN(engine, { ...common, inputFeatures: 6, outputFeatures: 3, edgeFeatures: 1 });
      return {
        model,
        predict({ graph, inputs: { x, velocity, chargeProducts } }) {
          return model.forward({ graph, h: concatenate([x, velocity]), edgeAttributes: chargeProducts });
        },
      };
    }
    case 'radial-field': {
      const model = new RadialField(engine, { ...common, edgeFeatures: 2 });
      return {
        model,
        predict({ graph, inputs: { speed, x, velocity, pairAttributes } }) {
          return model.forward({ graph, x, velocity, speed, edgeAttributes: pairAttributes });
        },
      };
    }
    case 'linear': {
      const model = new LinearDynamics(engine);
      return { model, predict: ({ inputs }) => model.forward(inputs) };
    }
  }
}
