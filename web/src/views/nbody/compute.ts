/** @file The view's work in the worker: the exact simulator, predictions of the models, and the training. */
import { LoadedModel, loadModel } from 'egnn/models';
import type { ComputeContext } from '../../compute/context.ts';
import { packArchive } from './archive.ts';
import { modelInput } from './model-input.ts';
import { type Observations, type Run, simulateRun } from './run.ts';
import type { System } from './system.ts';
import {
  startTraining,
  type TrainedModel,
  type Training,
  type TrainingOutcome,
  type TrainingRequest,
} from './training.ts';

export type ModelChoice = 'shipped' | 'trained';

export interface PredictionRequest {
  readonly observations: Observations;
  readonly model: ModelChoice;
}

export interface ArchiveRequest {
  readonly observations: Observations;
  /** The example's. */
  readonly moment: number;
}

/** What is known of the weights that were trained here. */
export type TrainedSummary = Omit<TrainedModel, 'config' | 'state'>;

let shipped: LoadedModel | undefined;
let training: Training | undefined;
let trained: TrainedModel | undefined;
/** The network that the trained weights are run in, and which of them it holds. */
let ownNetwork: { readonly network: LoadedModel; readonly of: TrainedModel } | undefined;

export function simulate(system: System): Run {
  return simulateRun(system);
}

/** @param weights the file of the shipped model, which `predict` needs. @throws Error if it is damaged */
export async function loadShipped(weights: Uint8Array, context: ComputeContext): Promise<void> {
  shipped ??= await loadModel(weights, { engine: await context.engine() });
}

/** Positions 1,000 steps after each observed moment, [501, N, 3]. @throws Error if the model is not there */
export async function predict(
  { observations, model }: PredictionRequest,
  context: ComputeContext,
): Promise<Float32Array> {
  const loaded = model === 'shipped' ? shipped : await trainedModel(context);
  if (!loaded) throw new Error('the shipped model has not been loaded');
  const { x } = await loaded.predictGraph(modelInput(observations));
  return Float32Array.from(x);
}

/** Trains until it is finished or stopped; progress is `TrainingProgress`. @throws Error if a training runs already */
export async function train(request: TrainingRequest, context: ComputeContext): Promise<TrainingOutcome> {
  if (training) throw new Error('a training runs already');
  const { engine, signal, progress } = context;
  const own = startTraining(request, {
    engine,
    signal,
    turn: context.pause,
    tell: progress,
    keep(model) {
      trained = model;
    },
  });
  training = own;
  try {
    return await own.outcome;
  } finally {
    training = undefined;
  }
}

export function pauseTraining(): void {
  training?.pause();
}

export function resumeTraining(): void {
  training?.resume();
}

/** The best weights stay. */
export function stopTraining(): void {
  training?.stop();
}

/** The best weights that were trained here since the page was opened; undefined if there are none. */
export function trainedSummary(): TrainedSummary | undefined {
  if (!trained) return undefined;
  const { config: _config, state: _state, ...summary } = trained;
  return summary;
}

/** A zip file with the model folder. @throws Error if nothing was trained */
export function archive({ observations, moment }: ArchiveRequest): Uint8Array<ArrayBuffer> {
  return packArchive(expectTrained(), observations, moment);
}

function expectTrained(): TrainedModel {
  if (!trained) throw new Error('nothing was trained here yet');
  return trained;
}

async function trainedModel(context: ComputeContext): Promise<LoadedModel> {
  const wanted = expectTrained();
  if (ownNetwork?.of !== wanted) {
    const network = ownNetwork?.network ?? new LoadedModel(await context.engine(), wanted);
    network.network.loadStateDict(wanted.state);
    ownNetwork = { network, of: wanted };
  }
  return ownNetwork.network;
}
