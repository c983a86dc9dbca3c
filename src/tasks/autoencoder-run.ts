/** @file One run of the autoencoder from its settings to its test scores. */
import type { GraphParts } from '../data/graphs/index.ts';
import type { Engine } from '../tensor/engine.ts';
import type { TrainingContext } from '../train/loop.ts';
import { type AutoencoderScores, AutoencoderTask } from './autoencoder.ts';
import type {
  AutoencoderDataSet,
  AutoencoderModelName,
  AutoencoderSettings,
} from './autoencoder-settings.ts';
import { type RunResult, runTask } from './run.ts';

/** The validation error is the cross-entropy of a graph. */
export interface AutoencoderResult extends RunResult<AutoencoderScores> {
  readonly dataset: AutoencoderDataSet;
  readonly model: AutoencoderModelName;
}

interface AutoencoderRun {
  readonly task: AutoencoderTask;
  readonly result: AutoencoderResult;
}

/**
 * An engine of one thread is the fastest: a step of one small graph leaves nothing to share.
 * @throws NonFiniteError if the training diverges
 */
export async function runAutoencoder(
  engine: Engine,
  settings: AutoencoderSettings,
  graphs: GraphParts,
  context: TrainingContext = {},
): Promise<AutoencoderRun> {
  const task = new AutoencoderTask(engine, settings, graphs);
  const about = { dataset: settings.dataset, model: settings.model };
  return { task, result: await runTask(task, settings, about, context) };
}
