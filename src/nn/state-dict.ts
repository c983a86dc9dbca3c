/**
 * @file Weights under their PyTorch names and in PyTorch's layout ([outputs, inputs] for a weight, [outputs] for a
 * bias), so that they travel to and from the authors' code. Inside, weights lie as [inputs, outputs].
 */
import type { Numbers } from '../backends/backend.ts';
import type { Parameter, ParameterSet } from '../tensor/parameters.ts';

export interface StateEntry {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Parameter name -> values in PyTorch's layout. */
export type StateDict = Record<string, StateEntry>;

export async function readStateDict(
  parameters: ParameterSet,
): Promise<Record<string, StateEntry & { data: Numbers }>> {
  return unflatten(parameters, await parameters.read());
}

/** Names a flat array in the order of declaration: parameters, gradients or an optimiser's moments alike. */
export function unflatten(
  parameters: ParameterSet,
  flat: Numbers,
): Record<string, StateEntry & { data: Numbers }> {
  const state: Record<string, StateEntry & { data: Numbers }> = {};
  let offset = 0;
  for (const parameter of parameters) {
    const values = flat.slice(offset, offset + parameter.size);
    const [inputs, outputs] = parameter.shape;
    state[parameter.name] = {
      shape: externalShape(parameter),
      data: isWeight(parameter) ? transposed(values, inputs, outputs) : values,
    };
    offset += parameter.size;
  }
  return state;
}

/**
 * @throws Error naming every missing, unexpected or wrongly shaped entry, and entries that are not finite; nothing
 * is changed then
 */
export function writeStateDict(parameters: ParameterSet, state: StateDict): void {
  const problems: string[] = [];
  const names = new Set<string>();
  const flat = new Float64Array(parameters.size);
  let offset = 0;
  for (const parameter of parameters) {
    names.add(parameter.name);
    const entry = state[parameter.name];
    const problem = problemOf(parameter, entry, parameters.engine.backend.precision);
    if (problem) problems.push(problem);
    else {
      const [inputs, outputs] = parameter.shape;
      const values = Float64Array.from(entry.data);
      flat.set(isWeight(parameter) ? transposed(values, outputs, inputs) : values, offset);
    }
    offset += parameter.size;
  }
  for (const name of Object.keys(state)) if (!names.has(name)) problems.push(`unexpected ${name}`);
  if (problems.length > 0) throw new Error(`the weights do not fit the model: ${problems.join('; ')}`);
  parameters.write(flat);
}

function problemOf(
  parameter: Parameter,
  entry: StateEntry | undefined,
  precision: 'float32' | 'float64',
): string | undefined {
  const expected = externalShape(parameter);
  if (!entry) return `missing ${parameter.name} [${expected.join(', ')}]`;
  if (entry.shape.join() !== expected.join() || entry.data.length !== parameter.size)
    return `${parameter.name} must be [${expected.join(', ')}]; got [${entry.shape.join(', ')}]`;
  for (let i = 0; i < entry.data.length; i++)
    if (!Number.isFinite(precision === 'float32' ? Math.fround(entry.data[i]) : entry.data[i]))
      return `${parameter.name} holds ${entry.data[i]} at position ${i}, which is not finite in ${precision}`;
  return undefined;
}

function isWeight(parameter: Parameter): boolean {
  return parameter.name.endsWith('.weight');
}

/** The shape under which PyTorch knows the parameter. */
export function externalShape(parameter: Parameter): number[] {
  const [inputs, outputs] = parameter.shape;
  return isWeight(parameter) ? [outputs, inputs] : [outputs];
}

function transposed<T extends Numbers>(values: T, rows: number, columns: number): T {
  const result = values.slice() as T;
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) result[c * rows + r] = values[r * columns + c];
  return result;
}
