/** @file The settings that every experiment's training has, as people write them, and what the loop makes of them. */
import { namedSchedule, type ScheduleName } from '../train/schedules.ts';
import type { TrainingOptions } from '../train/task.ts';

export interface TrainingSettings {
  /** Of the first weights, and of the order of the samples. */
  readonly seed: number;
  readonly epochs: number;
  /** Training samples used. */
  readonly samples: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly schedule: ScheduleName;
  /** Share of the run in which the learning rate rises. */
  readonly warmUp: number;
  readonly optimiser: 'adam' | 'adamw';
  readonly weightDecay: number;
  /** Longest gradient; 0 for no limit. */
  readonly clip: number;
  /** Decay of the average of the weights; 0 for none. */
  readonly ema: number;
  /** Epochs from one validation to the next. */
  readonly validateEvery: number;
  /** Epochs without improvement after which to stop; 0 for never. */
  readonly patience: number;
}

export function trainingOptions(settings: TrainingSettings): TrainingOptions {
  const { epochs, batchSize, learningRate, seed, weightDecay, clip, validateEvery, patience } = settings;
  return {
    epochs,
    batchSize,
    learningRate,
    seed,
    weightDecay,
    clip,
    validateEvery,
    patience,
    schedule: namedSchedule(settings.schedule, settings.warmUp),
    decoupledWeightDecay: settings.optimiser === 'adamw',
    averageDecay: settings.ema,
  };
}
