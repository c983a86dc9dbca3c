/** @file One run of an experiment, from its task to its test error, with a folder or without, new or resumed. */
import type { ModelConfig } from '../models/config.ts';
import { type TrainingContext, train } from '../train/loop.ts';
import type { Task, TrainingStatus } from '../train/task.ts';
import { type TrainingSettings, trainingOptions } from './training-settings.ts';

/** A task that can be tested. */
export interface TestedTask<Name extends string = string, Test = unknown> extends Task<Name> {
  /** The error on the test set of the weights at hand. */
  test(): Promise<Test>;
  /**
   * What the model takes and gives, with which it can be used without the task; its test error, if there is one yet.
   * Left out where a model is of no use elsewhere.
   */
  describeModel?(test?: Test): ModelConfig;
}

export interface RunResult<Test> {
  readonly status: TrainingStatus;
  readonly parameters: number;
  readonly epoch: number;
  readonly step: number;
  /** Training time, validations included. */
  readonly seconds: number;
  /** Undefined where a run was interrupted before the first validation. */
  readonly bestEpoch: number | undefined;
  readonly validation: number | undefined;
  /** Test error at the best validation error; undefined while the run is interrupted. */
  readonly test: Test | undefined;
}

/**
 * @param about what else the result is to say
 * @throws NonFiniteError if the training diverges; LockedError if another process trains in the folder
 */
export function runTask<Name extends string, Test, About extends object>(
  task: TestedTask<Name, Test>,
  settings: TrainingSettings,
  about: About,
  context: TrainingContext,
): Promise<RunResult<Test> & About> {
  const run = () => runInFolder(task, settings, about, context);
  return context.folder ? context.folder.hold(run) : run();
}

async function runInFolder<Name extends string, Test, About extends object>(
  task: TestedTask<Name, Test>,
  settings: TrainingSettings,
  about: About,
  context: TrainingContext,
): Promise<RunResult<Test> & About> {
  const { folder } = context;
  const saveModel = async (test?: Test) => {
    if (task.describeModel) await folder?.saveModel(task.describeModel(test));
  };
  await saveModel();
  const { status, epoch, step, seconds, best } = await train(task, trainingOptions(settings), context);
  const test = status === 'interrupted' ? undefined : await task.test();
  const result = {
    status,
    ...about,
    parameters: task.model.parameterCount,
    epoch,
    step,
    seconds,
    bestEpoch: best?.epoch,
    validation: best?.error,
    test,
  };
  if (status !== 'interrupted') {
    await saveModel(test);
    await folder?.saveResult(result);
  }
  return result;
}
