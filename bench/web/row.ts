/** @file A line of the bench's table. */
import { summarise } from '../statistics.ts';

export interface Row {
  readonly what: string;
  /** Median and quartiles with the unit, or one number. */
  readonly figure: string;
}

/** The median of some samples, and the quartiles around it. */
export function row(what: string, samples: readonly number[], unit: string, digits = 0): Row {
  const { median, quartiles } = summarise(samples);
  const [low, high] = quartiles.map((value) => value.toFixed(digits));
  return { what, figure: `${median.toFixed(digits)} ${unit} (${low} to ${high})` };
}
