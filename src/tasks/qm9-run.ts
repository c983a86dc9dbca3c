/** @file One QM9 run from its settings to its test errors. */
import type { QM9 } from '../data/qm9/index.ts';
import type { Engine } from '../tensor/engine.ts';
import type { TrainingContext } from '../train/loop.ts';
import { QM9Task } from './qm9.ts';
import type { QM9Target, TargetErrors } from './qm9-model.ts';
import type { QM9Settings } from './qm9-settings.ts';
import { type RunResult, runTask } from './run.ts';

/** The validation error is that of the normalised targets, the test errors are in the paper's units. */
export interface QM9Result extends RunResult<TargetErrors> {
  readonly target: QM9Target;
}

interface QM9Run {
  readonly task: QM9Task;
  readonly result: QM9Result;
}

/** @throws NonFiniteError if the training diverges */
export async function runQM9(
  engine: Engine,
  settings: QM9Settings,
  data: QM9,
  context: TrainingContext = {},
): Promise<QM9Run> {
  const task = new QM9Task(engine, settings, data);
  return { task, result: await runTask(task, settings, { target: settings.target }, context) };
}
