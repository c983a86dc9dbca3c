/**
 * @file Adam (Kingma and Ba 2015) over all parameters of a model at once, and AdamW (Loshchilov and Hutter 2019):
 *
 *   m = beta1 m + (1 - beta1) g,   v = beta2 v + (1 - beta2) g^2
 *   p = p - learningRate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
 *
 * Weight decay is part of the gradient, g + weightDecay p, as in PyTorch's Adam; `decoupled` shrinks the parameters
 * by learningRate weightDecay instead, as AdamW does.
 */
import type { Matrix, Numbers } from '../backends/backend.ts';
import { checkNames } from '../nn/check-config.ts';
import { ParameterSet } from '../tensor/parameters.ts';

export interface AdamOptions {
  readonly learningRate?: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
  /** AdamW. */
  readonly decoupled?: boolean;
}

/** What the next step depends on, beside parameters and gradients. */
export interface AdamState {
  /** Steps made so far. */
  readonly step: number;
  /** m, [size] in the order of the parameters. */
  readonly firstMoment: ArrayLike<number>;
  /** v, [size]. */
  readonly secondMoment: ArrayLike<number>;
}

const defaults: Required<AdamOptions> = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  decoupled: false,
};

export class Adam {
  readonly options: Required<AdamOptions>;
  readonly #parameters: ParameterSet;
  readonly #firstMoment: Matrix;
  readonly #secondMoment: Matrix;
  #step = 0;

  /**
   * @throws RangeError if an option is out of range; TypeError if there is no such option, or for what are no parameters,
   * such as a model
   */
  constructor(parameters: ParameterSet, options: AdamOptions = {}) {
    if (!(parameters instanceof ParameterSet))
      throw new TypeError('Adam takes the parameters of a model: new Adam(model.parameters)');
    checkNames('Adam', options, Object.keys(defaults));
    this.options = { ...defaults, ...options };
    checkOptions(this.options);
    const { backend } = parameters.engine;
    this.#parameters = parameters;
    this.#firstMoment = backend.persistent(backend.rows(1), parameters.size);
    this.#secondMoment = backend.persistent(backend.rows(1), parameters.size);
  }

  /**
   * Moves the parameters against their gradients, which are cleared.
   * @param options `learningRateFactor` is where the schedule stands; `gradientScale` multiplies the gradients first,
   * as clipping does
   */
  step({ learningRateFactor = 1, gradientScale = 1 } = {}): void {
    const { beta1, beta2, epsilon, weightDecay, decoupled } = this.options;
    const learningRate = this.options.learningRate * learningRateFactor;
    const t = ++this.#step;
    const { engine, values, gradients } = this.#parameters;
    engine.backend.adam(values, gradients, this.#firstMoment, this.#secondMoment, {
      stepSize: learningRate / (1 - beta1 ** t),
      secondMomentScale: 1 / Math.sqrt(1 - beta2 ** t),
      beta1,
      beta2,
      epsilon,
      l2: decoupled ? 0 : weightDecay,
      decay: decoupled ? learningRate * weightDecay : 0,
      gradientScale,
    });
    this.#parameters.clearGradients();
  }

  async state(): Promise<AdamState & { firstMoment: Numbers; secondMoment: Numbers }> {
    const { backend } = this.#parameters.engine;
    return {
      step: this.#step,
      firstMoment: await backend.read(this.#firstMoment),
      secondMoment: await backend.read(this.#secondMoment),
    };
  }

  /** @throws RangeError if the moments belong to another number of parameters */
  restore({ step, firstMoment, secondMoment }: AdamState): void {
    const { engine, size } = this.#parameters;
    for (const [name, values] of Object.entries({ firstMoment, secondMoment }))
      if (values.length !== size)
        throw new RangeError(`${name} must have ${size} numbers, one a parameter; got ${values.length}`);
    this.#step = step;
    engine.backend.write(this.#firstMoment, firstMoment);
    engine.backend.write(this.#secondMoment, secondMoment);
  }
}

function checkOptions({ learningRate, beta1, beta2, epsilon, weightDecay }: Required<AdamOptions>): void {
  for (const [name, value] of Object.entries({ learningRate, epsilon, weightDecay }))
    if (!(value >= 0 && Number.isFinite(value)))
      throw new RangeError(`invalid ${name}; not a number of at least 0: ${value}`);
  for (const [name, value] of Object.entries({ beta1, beta2 }))
    if (!(value >= 0 && value < 1)) throw new RangeError(`invalid ${name}; not in [0, 1): ${value}`);
}
