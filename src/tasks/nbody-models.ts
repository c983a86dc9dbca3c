/**
 * @file The four models of the paper's table 2, each with what it takes of a batch. Only the EGNN and the radial
 * field are equivariant and see invariants; the GNN sees coordinates as ordinary features; linear dynamics sees no
 * forces at all.
 */
import { buildNetwork } from '../models/build.ts';
import type { NetworkConfig } from '../models/config.ts';
import { EGNN } from '../nn/egnn.ts';
import { GNN } from '../nn/gnn.ts';
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

/** What the settings describe, as it stands in a model's configuration. */
export function networkOf({ model, hidden, layers, seed }: NBodyModelSettings): NetworkConfig {
  const common = { hiddenFeatures: hidden, layers, seed };
  switch (model) {
    case 'egnn':
      return {
        kind: 'egnn',
        ...common,
        inputFeatures: 1,
        outputFeatures: 0,
        edgeFeatures: 2,
        velocity: true,
        coordinateClamp: 100,
      };
    case 'gnn':
      return { kind: 'gnn', ...common, inputFeatures: 6, outputFeatures: 3, edgeFeatures: 1 };
    case 'radial-field':
      return { kind: 'radial-field', ...common, edgeFeatures: 2 };
    case 'linear':
      return { kind: 'linear-dynamics' };
  }
}

export function createNBodyModel(engine: Engine, settings: NBodyModelSettings): NBodyModel {
  const model = buildNetwork(engine, networkOf(settings));
  return { model, predict: (batch) => predictPositions(model, batch) };
}

function predictPositions(model: ReturnType<typeof buildNetwork>, { graph, inputs }: NBodyTensors): Tensor {
  const { x, velocity, speed, chargeProducts, pairAttributes } = inputs;
  if (model instanceof EGNN)
    return model.forward({ graph, h: speed, x, velocity, edgeAttributes: pairAttributes }).x!;
  if (model instanceof GNN)
    return model.forward({ graph, h: concatenate([x, velocity]), edgeAttributes: chargeProducts });
  if (model instanceof RadialField)
    return model.forward({ graph, x, velocity, speed, edgeAttributes: pairAttributes });
  return model.forward(inputs);
}
