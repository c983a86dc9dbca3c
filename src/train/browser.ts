/** @file The parts of `egnn/train` that need no file system: what bundlers for browsers find under that name. */
export { WeightAverage } from './average.ts';
export { type Batch, type BatchInput, type BatchTensors, batchTensors } from './batch.ts';
export { shuffledBatches } from './batches.ts';
export type { Best } from './best.ts';
export type { Position, SavedState } from './checkpoint.ts';
export { clippingScale, gradientNorm } from './clipping.ts';
export { type TrainingContext, type TrainingResult, train } from './loop.ts';
export { Adam, type AdamOptions, type AdamState } from './optimiser.ts';
export {
  constantSchedule,
  cosineSchedule,
  namedSchedule,
  type Schedule,
  type ScheduleName,
  scheduleNames,
  stepSchedule,
  warmUpSchedule,
} from './schedules.ts';
export {
  type EpochMetrics,
  NonFiniteError,
  type StepProgress,
  type Task,
  type TrainingEvents,
  type TrainingOptions,
  type TrainingStatus,
} from './task.ts';
