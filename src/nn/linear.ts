/** @file A linear layer's weight and bias under their PyTorch names, drawn as PyTorch draws them. */
import type { Activation } from '../backends/backend.ts';
import { linear } from '../tensor/operations/index.ts';
import { type Initialiser, type Parameter, type ParameterSet, uniform } from '../tensor/parameters.ts';
import type { Tensor } from '../tensor/tensor.ts';

export interface LinearConfig {
  readonly inputs: number;
  readonly outputs: number;
  readonly bias?: boolean;
  /** U(+-1/sqrt(inputs)) if left out. */
  readonly initialise?: Initialiser;
}

export class Linear {
  /** [inputs, outputs] */
  readonly weight: Parameter;
  /** [1, outputs] */
  readonly bias: Parameter | undefined;

  constructor(parameters: ParameterSet, name: string, config: LinearConfig) {
    const { inputs, outputs } = config;
    const standard = uniform(inputs > 0 ? 1 / Math.sqrt(inputs) : 0);
    this.weight = parameters.declare(`${name}.weight`, [inputs, outputs], config.initialise ?? standard);
    if (config.bias ?? true) this.bias = parameters.declare(`${name}.bias`, [1, outputs], standard);
  }

  /**
   * f([x_1, x_2, ...] W + b)
   * @param inputs [rows, inputs] in one or several tensors side by side
   * @returns [rows, outputs]
   */
  apply(inputs: Tensor | readonly Tensor[], activation: Activation = 'identity'): Tensor {
    return linear(inputs, this.weight, { bias: this.bias, activation });
  }
}

/** U(+-gain sqrt(6 / (inputs + outputs))), Glorot and Bengio 2010; the authors draw coordinate heads with gain 0.001. */
export function xavierUniform(inputs: number, outputs: number, gain: number): Initialiser {
  return uniform(gain * Math.sqrt(6 / (inputs + outputs)));
}
