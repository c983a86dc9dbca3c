/** @file The best validation error so far, and early stopping: how long ago it was. */
import type { Numbers } from '../backends/backend.ts';

export interface Best {
  /** Counted from 1. */
  readonly epoch: number;
  readonly error: number;
  /** The weights that had this error, [size] in the order of the parameters. */
  readonly weights: Numbers;
}

export function isImprovement(error: number, best: Best | undefined): boolean {
  return best === undefined || error < best.error;
}

/** Whether `patience` epochs went by without a better error; a patience of 0 waits for ever. */
export function isOutOfPatience(epoch: number, best: Best | undefined, patience: number): boolean {
  return patience > 0 && best !== undefined && epoch - best.epoch >= patience;
}
