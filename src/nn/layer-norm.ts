/**
 * @file Layer normalisation (Ba, Kiros, Hinton 2016), y = (x - mean) / sqrt(variance + 1e-5) scale + bias over the columns
 * of each row, from the general operations.
 */
import { add, divide, multiply, rowSums, square, squareRoot, subtract } from '../tensor/operations/index.ts';
import { constant, type Parameter, type ParameterSet } from '../tensor/parameters.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** PyTorch's. */
const EPSILON = 1e-5;

export class LayerNorm {
  /** [1, features] */
  readonly #scale: Parameter;
  /** [1, features] */
  readonly #bias: Parameter;

  constructor(parameters: ParameterSet, name: string, features: number) {
    this.#scale = parameters.declare(`${name}.scale`, [1, features], constant(1));
    this.#bias = parameters.declare(`${name}.bias`, [1, features], constant(0));
  }

  /** [rows, features] to [rows, features] */
  apply(x: Tensor): Tensor {
    const centred = subtract(x, multiply(rowSums(x), 1 / x.columns));
    const variance = multiply(rowSums(square(centred)), 1 / x.columns);
    const normal = divide(centred, squareRoot(add(variance, EPSILON)));
    return add(multiply(normal, this.#scale.tensor), this.#bias.tensor);
  }
}
