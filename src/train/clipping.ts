/** @file Gradient clipping by the global norm: all gradients together are shortened to at most a given length. */
import type { ParameterSet } from '../tensor/parameters.ts';

/** The length of all gradients as one vector; call it inside `engine.step`, after `backward`. */
export async function gradientNorm({ engine: { backend }, gradients }: ParameterSet): Promise<number> {
  const squared = backend.scratch(backend.rows(1), 1);
  backend.sumOfSquares(gradients, squared);
  return Math.sqrt((await backend.read(squared))[0]);
}

/** What to multiply gradients of length `norm` by, so that they are no longer than `limit`. */
export function clippingScale(norm: number, limit: number): number {
  return norm > limit ? limit / norm : 1;
}
