/** @file One N-body run from its settings to its test error, with a folder or without, new or resumed. */
import type { NBodyData } from '../data/nbody/index.ts';
import type { Engine } from '../tensor/engine.ts';
import { type TrainingContext, train } from '../train/loop.ts';
import type { TrainingStatus } from '../train/task.ts';
import { NBodyTask } from './nbody.ts';
import type { NBodyModelName } from './nbody-models.ts';
import { type NBodySettings, trainingOptions } from './nbody-settings.ts';

export interface NBodyResult {
  readonly status: TrainingStatus;
  readonly model: NBodyModelName;
  readonly parameters: number;
  readonly epoch: number;
  readonly step: number;
  /** Training time, validations included. */
  readonly seconds: number;
  /** Undefined where a run was interrupted before the first validation. */
  readonly bestEpoch: number | undefined;
  readonly validation: number | undefined;
  /** Test error at the best validation error; undefined while the run is interrupted. */
  readonly test: number | undefined;
}

export interface NBodyRun {
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
  const { status, epoch, step, seconds, best } = await train(task, trainingOptions(settings), context);
  const result: NBodyResult = {
    status,
    model: settings.model,
    parameters: task.model.parameterCount,
    epoch,
    step,
    seconds,
    bestEpoch: best?.epoch,
    validation: best?.error,
    test: status === 'interrupted' ? undefined : await task.test(),
  };
  if (status !== 'interrupted') await context.folder?.saveResult(result);
  return { task, result };
}
