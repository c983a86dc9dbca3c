/**
 * @file y = f([x_1, x_2, ...] W + b), without ever putting the inputs side by side: the product is the sum over
 * inputs of x_k times its rows of W.
 */
import type { Activation } from '../../backends/backend.ts';
import { Parameter } from '../parameters.ts';
import type { Tensor } from '../tensor.ts';
import { engineOf, expectShape, expectTensor } from './check.ts';

export interface LinearOptions {
  /** [1, outputs] */
  bias?: Tensor | Parameter;
  /** f; identity if left out. */
  activation?: Activation;
}

/**
 * @param inputs one or more [rows, inputs_k]
 * @param weight [sum of inputs_k, outputs]; several inputs need a `Parameter`
 * @returns [rows, outputs]
 * @throws RangeError if shapes do not meet
 */
export function linear(
  inputs: Tensor | readonly Tensor[],
  weight: Tensor | Parameter,
  options: LinearOptions = {},
): Tensor {
  const list = (Array.isArray(inputs) ? inputs : [inputs]) as readonly Tensor[];
  const engine = engineOf('linear', 'input', list[0], 0);
  for (const [k, input] of list.entries()) expectTensor('linear', 'input', input, engine, k);
  const parts = partsFor(list, weight);
  const bias = options.bias instanceof Parameter ? options.bias.tensor : options.bias;
  const activation = options.activation ?? 'identity';
  expectTensor('linear', 'weight', parts[0], engine);
  if (bias) expectTensor('linear', 'bias', bias, engine);
  const { rows } = list[0];
  const outputs = weight.shape[1];
  for (const [k, input] of list.entries())
    expectShape('linear', 'input', input, rows.count, parts[k].shape[0], k);
  if (bias) expectShape('linear', 'bias', bias, 1, outputs);

  const { backend } = engine;
  const z = backend.scratch(rows, outputs);
  for (const [k, input] of list.entries())
    backend.multiply(input.matrix, parts[k].matrix, k === 0 ? bias?.matrix : undefined, z, k > 0);
  const operands = bias ? [...list, ...parts, bias] : [...list, ...parts];
  // z is for the backward pass.
  const y = activation === 'identity' || !engine.needsGradient(operands) ? z : backend.scratch(rows, outputs);
  if (activation !== 'identity') backend.activate(activation, z, y);

  return engine.record(y, operands, (dy) => {
    // Nobody else reads dy after this, so dz takes its place.
    if (y !== z) backend.activationGradient(activation, z, dy, { matrix: dy, accumulate: false });
    for (const [k, input] of list.entries()) {
      const dWeight = engine.gradientSum(parts[k]);
      if (dWeight) backend.multiplyWeightGradient(input.matrix, dy, dWeight);
      const dInput = engine.gradientTarget(input);
      if (dInput) backend.multiplyInputGradient(dy, parts[k].matrix, dInput);
    }
    const dBias = bias && engine.gradientSum(bias);
    if (dBias) backend.columnSums(dy, dBias);
  });
}

function partsFor(inputs: readonly Tensor[], weight: Tensor | Parameter): Tensor[] {
  if (!(weight instanceof Parameter)) {
    if (inputs.length === 1) return [weight];
    throw new TypeError('linear: several inputs need a Parameter as weight, whose rows can be taken apart');
  }
  const width = inputs.reduce((sum, input) => sum + input.columns, 0);
  if (width !== weight.shape[0])
    throw new RangeError(
      `linear: ${weight.name} takes ${weight.shape[0]} input features; got ${inputs.map((i) => i.columns).join(' + ')}`,
    );
  if (inputs.length === 1) return [weight.tensor];
  let first = 0;
  return inputs.map((input) => {
    const part = weight.part(first, input.columns);
    first += input.columns;
    return part;
  });
}
