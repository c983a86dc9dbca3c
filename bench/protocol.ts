/**
 * @file What the bench asks of a side (ours or a peer's process), one JSON object a line on its standard input, and
 * what it answers, one line on its standard output. Arrays lie in files of the case's folder.
 *
 *   open   reads a case's files and compiles what there is to compile
 *   check  runs once from the first weights and writes its results to `file`
 *   run    runs for at least `seconds` and tells the milliseconds of every run
 *   peak   the largest resident memory of the process so far (ours only: a peer's process runs many cases)
 */
import type { Case } from './cases.ts';

export type Request =
  | { readonly op: 'open'; readonly case: Case; readonly folder: string; readonly learningRate: number }
  | { readonly op: 'check'; readonly file: string }
  | { readonly op: 'run'; readonly seconds: number }
  | { readonly op: 'peak' };

export interface Answers {
  /** What runs the case: name, version, variant. */
  open: { readonly about: string };
  /** `output` after a forward pass; `loss`, `weight.NAME` and `gradient.NAME` after a training step. */
  check: Record<string, never>;
  run: { readonly milliseconds: readonly number[] };
  peak: { readonly bytes: number };
}

export type Answer = Answers[keyof Answers] | { readonly error: string };
