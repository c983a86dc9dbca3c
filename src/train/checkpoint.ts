/** @file A run's state between two steps as a checkpoint holds it, and back: the same bits in memory. */
import type { Numbers } from '../backends/backend.ts';
import type { MersenneTwisterState } from '../random/mersenne-twister.ts';
import type { ParameterSet } from '../tensor/parameters.ts';
import type { WeightAverage } from './average.ts';
import type { Best } from './best.ts';
import type { Checkpoint } from './checkpoint-files.ts';
import type { Adam } from './optimiser.ts';

/** Where a run stands; plain data that survives JSON. */
export interface Position {
  /** Epochs finished. */
  epoch: number;
  /** Batches done of the next epoch. */
  batch: number;
  /** Steps since the start of the run. */
  step: number;
  /** Sum over the samples of these batches. */
  lossSum: number;
  /** Of the first step, to tell a loss that has run away; earlier versions did not keep it. */
  firstLoss?: number;
  /** The random generator at the start of the epoch. */
  random: MersenneTwisterState;
  /** Training time so far. */
  seconds: number;
}

export type SavedState = Position & { readonly best: { epoch: number; error: number } | null };

interface Parts {
  readonly parameters: ParameterSet;
  readonly optimiser: Adam;
  readonly average: WeightAverage | undefined;
}

export async function captureCheckpoint(
  { parameters, optimiser, average }: Parts,
  position: Position,
  best: Best | undefined,
): Promise<Checkpoint<SavedState>> {
  const { firstMoment, secondMoment } = await optimiser.state();
  const tensors: Record<string, Numbers> = { parameters: await parameters.read(), firstMoment, secondMoment };
  if (average) tensors.average = await average.read();
  if (best) tensors.best = best.weights;
  return { state: { ...position, best: best ? { epoch: best.epoch, error: best.error } : null }, tensors };
}

/** @throws RangeError if the checkpoint is of another model */
export function restoreCheckpoint(
  { parameters, optimiser, average }: Parts,
  { state, tensors }: Checkpoint<SavedState>,
): { position: Position; best: Best | undefined } {
  const { best, ...position } = state;
  parameters.write(tensors.parameters);
  optimiser.restore({
    step: position.step,
    firstMoment: tensors.firstMoment,
    secondMoment: tensors.secondMoment,
  });
  average?.restore(tensors.average);
  return { position, best: best ? { ...best, weights: tensors.best } : undefined };
}
