/** @file What the training loop asks of a task, and what it tells while it runs. */
import type { Model } from '../nn/model.ts';
import type { MersenneTwister } from '../random/mersenne-twister.ts';
import { shown } from '../shown.ts';
import { describeNonFinite, type NonFinite } from '../tensor/non-finite.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Batch, BatchTensors } from './batch.ts';
import type { Schedule } from './schedules.ts';

/** A model with the data it learns from. */
export interface Task<Name extends string = string> {
  readonly model: Model;
  /** How many training samples there are. */
  readonly sampleCount: number;
  /**
   * The batches of an epoch: every sample once, in ceil(sampleCount / batchSize) batches; shuffled and cut if left out.
   * Nothing but `random` may decide about them, so that a resumed run finds the same ones.
   */
  batches?(batchSize: number, random: MersenneTwister): Int32Array[];
  /** @param samples numbers in [0, sampleCount) */
  batch(samples: Int32Array): Batch<Name>;
  /**
   * The mean loss of a batch's samples, [1, 1], from nothing but its tensors and the model: it may be called once for
   * many batches of the same graph.
   */
  loss(batch: BatchTensors<Name>): Tensor;
  /** The error on the validation set; the weights where it is smallest are kept. */
  validate(): Promise<number>;
}

export interface TrainingOptions {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly schedule: Schedule;
  /** Of the order of the samples. */
  readonly seed: number;
  readonly weightDecay: number;
  /** AdamW's weight decay instead of Adam's. */
  readonly decoupledWeightDecay: boolean;
  /** Longest gradient; 0 for no limit. */
  readonly clip: number;
  /** Decay of the average of the weights that is validated and kept instead of the weights; 0 for none. */
  readonly averageDecay: number;
  /** Epochs from one validation to the next. */
  readonly validateEvery: number;
  /** Epochs without a better validation error after which training stops; 0 for never. */
  readonly patience: number;
}

/** One line of metrics.jsonl. */
export interface EpochMetrics {
  /** Counted from 1. */
  readonly epoch: number;
  /** Steps since the start of the run. */
  readonly step: number;
  /** Mean training loss of the epoch. */
  readonly loss: number;
  /** Null in epochs without validation. */
  readonly validation: number | null;
  readonly learningRate: number;
  /** Training time since the start of the run. */
  readonly seconds: number;
}

export interface StepProgress {
  readonly epoch: number;
  readonly step: number;
  readonly steps: number;
  /** Samples trained on by this process. */
  readonly samples: number;
  /** Of the last batch. */
  readonly loss: number;
}

export interface TrainingEvents {
  /**
   * Called several times a second, between two steps. Training waits for the promise that it may return, which is how a
   * training pauses; that time does not count.
   */
  onStep?(progress: StepProgress): void | Promise<void>;
  onEpoch?(metrics: EpochMetrics): void;
  /** Something that is worth a warning, in a line. */
  onNotice?(line: string): void;
}

/** `early`: out of patience. */
export type TrainingStatus = 'finished' | 'early' | 'interrupted';

/** A number that is not finite stopped the training; the last good checkpoint is untouched. */
export class NonFiniteError extends Error {
  override name = 'NonFiniteError';
  readonly step: number;
  readonly layer: string | undefined;

  constructor(what: string, value: number, step: number, found: NonFinite, advice: string) {
    super(`${what} is ${shown(value)} at step ${step}${describeNonFinite(found)}; ${advice}`);
    this.step = step;
    this.layer = found.layer;
  }
}
