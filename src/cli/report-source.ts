/** @file What an experiment tells the reports of its runs. */
import type { Measurement } from '../report/measurement.ts';
import type { Score } from '../report/text.ts';
import type { ExperimentParts } from './experiment.ts';

export interface MeasuringOptions {
  /** The test set is for runs that are over. */
  readonly set: 'test' | 'validation';
  /** How many samples at most, at even distances; all if left out. */
  readonly most?: number;
}

export interface ReportSource<Parts extends ExperimentParts> {
  /** What was trained on what: `EGNN on QM9, mu`. */
  title(settings: Parts['settings']): string;
  /** What is made small in training, and decides on the validation set. */
  readonly errorName: string;
  /** What came out of a test, beside the paper. */
  scores(test: NonNullable<Parts['result']['test']>, settings: Parts['settings']): Score[];
  /** What the weights at hand make of a set. */
  measure(
    task: Parts['task'],
    data: Parts['data'],
    settings: Parts['settings'],
    options: MeasuringOptions,
  ): Promise<Measurement>;
}
