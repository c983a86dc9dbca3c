/** @file What a model can be asked for: which inputs it takes, how they are predicted, and how the results are written. */
import type { Molecule } from '../formats/index.ts';
import type { LoadedModel, MoleculePrediction } from '../models/index.ts';
import type { PlainGraph } from '../nn/plain-graph.ts';
import type { Prediction } from '../nn/predict.ts';
import type { InputFormat } from './entries.ts';
import { graphInputs } from './graph-inputs.ts';
import { moleculeInputs } from './molecule-inputs.ts';
import { graphTable, moleculeTable, writeTable } from './npz-table.ts';
import {
  type Encoder,
  type GraphOutputs,
  graphLines,
  type MoleculeEncoder,
  type MoleculeOutputs,
  moleculeCsv,
  moleculeLines,
  moleculeXyz,
  type OutputFormat,
} from './outputs.ts';
import { graphPredictor, moleculePredictor, type Predictor } from './predictors.ts';

export interface Job<Item, Result> {
  readonly formats: readonly InputFormat<Item>[];
  readonly predictor: Predictor<Item, Result>;
  readonly encoder: Encoder<Item, Result>;
  /** Makes a file of its own kind of what the encoder has written; undefined where that is the output already. */
  readonly convert?: (
    from: string,
    to: string,
    files: readonly string[],
    signal: AbortSignal,
  ) => Promise<void>;
}

export type JobKind = 'molecules' | 'graphs';

/**
 * What a model predicts from: molecules if it makes numbers a molecule of atoms, else graphs.
 * @throws TypeError if it takes neither
 */
export function jobKindOf({ config: { network, atoms } }: LoadedModel): JobKind {
  if (network.kind !== 'egnn')
    throw new TypeError(`a model of kind ${network.kind} has no command line predictions; an egnn has`);
  return network.readout && atoms ? 'molecules' : 'graphs';
}

/** @param forces the output whose negative gradient is wanted @throws RangeError for a name that the format cannot hold */
export function moleculeJob(
  model: LoadedModel,
  to: OutputFormat,
  forces: string | undefined,
): Job<Molecule, MoleculePrediction> {
  const { precision } = model.network.engine.backend;
  const outputs: MoleculeOutputs = { outputs: model.outputs, forces, precision };
  const encoders = { csv: moleculeCsv, jsonl: moleculeLines, xyz: moleculeXyz, npz: moleculeLines };
  const encoder: MoleculeEncoder = encoders[to](outputs);
  const table = to === 'npz' ? moleculeTable(outputs) : undefined;
  return {
    formats: moleculeInputs,
    predictor: moleculePredictor(model, forces),
    encoder,
    convert: table && ((from, path, files, signal) => writeTable(from, path, files, table, signal)),
  };
}

/** @throws RangeError for an output's name that the format cannot hold */
export function graphJob(model: LoadedModel, to: 'jsonl' | 'npz'): Job<PlainGraph, Prediction> {
  const outputs = graphOutputsOf(model);
  const table = to === 'npz' ? graphTable(outputs) : undefined;
  return {
    formats: graphInputs,
    predictor: graphPredictor(model),
    encoder: graphLines(outputs),
    convert: table && ((from, path, files, signal) => writeTable(from, path, files, table, signal)),
  };
}

/** What the predictions of a model for graphs are written with. */
export function graphOutputsOf(model: LoadedModel): GraphOutputs {
  const { network } = model.config;
  return {
    outputs: model.outputs,
    inputFeatures: 'inputFeatures' in network ? network.inputFeatures : 0,
    precision: model.network.engine.backend.precision,
  };
}
