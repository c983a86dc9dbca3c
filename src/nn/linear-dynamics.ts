/** @file The linear baseline of the N-body experiment: x' = x + t v with one learned number t. */
import type { Engine } from '../tensor/engine.ts';
import { expectShape } from '../tensor/operations/check.ts';
import { add, multiply } from '../tensor/operations/index.ts';
import { constant, type Parameter } from '../tensor/parameters.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Model } from './model.ts';

/** The authors' `Linear_dynamics`. */
export class LinearDynamics extends Model {
  readonly name = 'LinearDynamics';
  readonly config = {};
  readonly #time: Parameter;

  constructor(engine: Engine) {
    super(engine);
    this.#time = this.parameters.declare('time', [1, 1], constant(0.7));
    this.initialise(0);
  }

  /** @returns x + t v, [N, n] */
  forward({ x, velocity }: { x: Tensor; velocity: Tensor }): Tensor {
    expectShape('forward', 'velocity', velocity, ...x.shape);
    return add(x, multiply(velocity, this.#time.tensor));
  }
}
