/** @file One N-body run from its settings to its test error. */
import type { NBodyData } from '../data/nbody/index.ts';
import type { Engine } from '../tensor/engine.ts';
import type { TrainingContext } from '../train/loop.ts';
import { NBodyTask } from './nbody.ts';
import type { NBodyModelName } from './nbody-models.ts';
import type { NBodySettings } from './nbody-settings.ts';
import { type RunResult, runTask } from './run.ts';

/** The test error is the mean squared error of the coordinates. */
export interface NBodyResult extends RunResult<number> {
  readonly model: NBodyModelName;
}

interface NBodyRun {
  readonly task: NBodyTask;
  readonly result: NBodyResult;
}

/** @throws NonFiniteError if the training diverges */
export async function runNBody(
  engine: Engine,
  settings: NBodySettings,
  data: NBodyData,
  context: TrainingContext = {},
): Promise<NBodyRun> {
  const task = new NBodyTask(engine, settings, data);
  return { task, result: await runTask(task, settings, { model: settings.model }, context) };
}
