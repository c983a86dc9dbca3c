/**
 * @file Weights that can be seen at work without training. First weights are small, and those of coordinate heads smaller
 * still (the authors draw them with gain 0.001), so that an untrained network hardly moves a point. Equivariance does not
 * depend on what the weights are, so views that show it multiply them.
 */
import type { StateDict } from 'egnn';

export interface Factors {
  /** Of all weights and biases but those of coordinate heads. */
  readonly weights: number;
  /** Of the last weights of phi_x (of phi, in the radial field). */
  readonly heads: number;
}

const head = /\.(coord_mlp|phi)\.2\.weight$/;

/** A copy of `state`, multiplied. */
export function livelyWeights(state: StateDict, { weights, heads }: Factors): StateDict {
  return Object.fromEntries(
    Object.entries(state).map(([name, { shape, data }]) => {
      const factor = head.test(name) ? heads : weights;
      return [name, { shape, data: Float64Array.from(data, (value) => factor * value) }];
    }),
  );
}
