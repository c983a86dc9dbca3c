/**
 * @file The paper's charged N-body experiment in one place: the simulator, sets of trajectories, and the training of a
 * model on them. Nothing here needs Node; `egnn/data` has the authors' whole data set with its cache.
 */
export type { NBodyData } from '../data/nbody/dataset.ts';
export { generateOnOneThread, type OneThreadOptions } from '../data/nbody/one-thread.ts';
export {
  drawInitial,
  integrate,
  type Particles,
  type SimulateOptions,
  simulate,
  type Trajectory,
} from '../data/nbody/simulator.ts';
export { type NBodySplit, sliceSplit } from '../data/nbody/split.ts';
export { NBodyTask } from '../tasks/nbody.ts';
export type { NBodyInputName } from '../tasks/nbody-inputs.ts';
export {
  type NBodyModelName,
  type NBodyModelSettings,
  type NBodyTensors,
  nbodyModels,
} from '../tasks/nbody-models.ts';
export { longRecipes, type NBodySettings, paperErrors, shortRecipes } from '../tasks/nbody-settings.ts';
export { type RunResult, runTask, type TestedTask } from '../tasks/run.ts';
export { type TrainingSettings, trainingOptions } from '../tasks/training-settings.ts';
export type { TrainingContext } from '../train/loop.ts';
export type { EpochMetrics, StepProgress, TrainingEvents, TrainingStatus } from '../train/task.ts';
