/** @file The losses of one prediction against one target, and their derivatives, in float64. */
import type { Loss } from '../backend.ts';
import { sigmoid } from './activations.ts';

/** Each loss beside its derivative with respect to the prediction p; t is the target. */
export const lossFunctions: Record<
  Loss,
  { f: (p: number, t: number) => number; derivative: (p: number, t: number) => number }
> = {
  meanSquaredError: { f: (p, t) => (p - t) ** 2, derivative: (p, t) => 2 * (p - t) },
  l1: { f: (p, t) => Math.abs(p - t), derivative: (p, t) => Math.sign(p - t) },
  huber: {
    f: (p, t) => (Math.abs(p - t) < 1 ? 0.5 * (p - t) ** 2 : Math.abs(p - t) - 0.5),
    derivative: (p, t) => Math.max(-1, Math.min(1, p - t)),
  },
  // log(1 + e^-|p|) keeps the exponential small: -t log s(p) - (1 - t) log(1 - s(p)).
  binaryCrossEntropy: {
    f: (p, t) => Math.max(p, 0) - p * t + Math.log1p(Math.exp(-Math.abs(p))),
    derivative: (p, t) => sigmoid(p) - t,
  },
};
