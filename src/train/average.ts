/**
 * @file An exponential moving average of the weights (EMA), which is often better than the weights themselves:
 *
 *   average = d average + (1 - d) weights,   d = min(decay, (1 + t) / (10 + t)) at step t,
 *
 * so that the random first weights are soon forgotten.
 */
import type { Matrix, Numbers } from '../backends/backend.ts';
import type { ParameterSet } from '../tensor/parameters.ts';

export class WeightAverage {
  readonly decay: number;
  readonly #parameters: ParameterSet;
  readonly #average: Matrix;

  /** @throws RangeError if `decay` is not in (0, 1) */
  constructor(parameters: ParameterSet, decay: number) {
    if (!(decay > 0 && decay < 1)) throw new RangeError(`invalid decay; not in (0, 1): ${decay}`);
    const { backend } = parameters.engine;
    this.decay = decay;
    this.#parameters = parameters;
    this.#average = backend.persistent(backend.rows(1), parameters.size);
    backend.affine(parameters.values, this.#average, 1, 0, false);
  }

  /** Takes in the weights after step `step`, the first being 1. */
  update(step: number): void {
    const decay = Math.min(this.decay, (1 + step) / (10 + step));
    this.#parameters.engine.backend.averageWeights(this.#average, this.#parameters.values, decay);
  }

  /** Runs `work` with the average in place of the model's weights. */
  async whileApplied<T>(work: () => Promise<T>): Promise<T> {
    const weights = await this.#parameters.read();
    this.#parameters.write(await this.read());
    try {
      return await work();
    } finally {
      this.#parameters.write(weights);
    }
  }

  /** [size] in the order of the parameters. */
  read(): Promise<Numbers> {
    return this.#parameters.engine.backend.read(this.#average);
  }

  restore(values: ArrayLike<number>): void {
    this.#parameters.engine.backend.write(this.#average, values);
  }
}
