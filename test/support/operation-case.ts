/**
 * @file One computation made of operations, and what it must satisfy: on the reference backend its gradients are the
 * finite differences of its values, on every other engine values and gradients are the reference's.
 *
 * The loss is the sum over all outputs of output * g with fixed random g, so every element of every output matters
 * differently.
 */
import { expect } from 'vitest';
import { createReferenceBackend } from '../../src/backends/reference/reference.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { Engine } from '../../src/tensor/engine.ts';
import { add, multiply, sum } from '../../src/tensor/operations/index.ts';
import { constant, type Parameter, ParameterSet } from '../../src/tensor/parameters.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import type { EngineUnderTest } from './engines.ts';
import { Draw } from './random.ts';

export interface CaseInput {
  readonly rows: number;
  readonly columns: number;
  readonly values: ArrayLike<number>;
  /** The rows of `graph` that it belongs to; rows of its own if left out. */
  readonly on?: 'nodes' | 'edges' | 'graphs';
  /** A parameter of a model instead of a tensor of the step. */
  readonly parameter?: boolean;
  /** Data: asked for no gradient. */
  readonly fixed?: boolean;
}

export interface CaseContext {
  readonly engine: Engine;
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly parameters: Readonly<Record<string, Parameter>>;
}

export interface OperationCase {
  readonly inputs: Readonly<Record<string, CaseInput>>;
  readonly graph?: Graph;
  compute(context: CaseContext): Tensor | readonly Tensor[];
}

export interface Evaluated {
  readonly outputs: readonly ArrayLike<number>[];
  readonly gradients: Readonly<Record<string, ArrayLike<number>>>;
}

/** A matrix of a case. */
export function matrix(
  rows: number,
  columns: number,
  values: ArrayLike<number>,
  extra: Partial<CaseInput> = {},
): CaseInput {
  return { rows, columns, values, ...extra };
}

/** The property that every operation has on every engine. */
export async function expectRight(
  under: EngineUnderTest,
  engine: Engine,
  operationCase: OperationCase,
): Promise<void> {
  if (under.name === 'reference') await expectFiniteDifferences(engine, operationCase);
  else await expectAgreement(engine, operationCase, under.tolerance);
}

/** Values and gradients are those of the reference backend. */
export async function expectAgreement(
  engine: Engine,
  operationCase: OperationCase,
  tolerance: number,
): Promise<void> {
  const ours = await evaluate(engine, operationCase);
  const theirs = await evaluate(new Engine(createReferenceBackend()), operationCase);
  for (const [k, output] of theirs.outputs.entries())
    expectClose(ours.outputs[k], output, tolerance, `output ${k}`);
  const largest = Math.max(0, ...Object.values(theirs.gradients).map(magnitude));
  for (const [name, gradient] of Object.entries(theirs.gradients)) {
    // One or two numbers that many terms add up to may have cancelled: hold them against the other gradients.
    const cancelled = gradient.length <= 2 ? Math.max(1, (0.1 * largest) / (magnitude(gradient) || 1)) : 1;
    expectClose(ours.gradients[name], gradient, tolerance * cancelled, `gradient of ${name}`);
  }
}

function magnitude(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  return largest;
}

/** The largest difference is at most `tolerance` times the largest magnitude of the array. */
export function expectClose(
  ours: ArrayLike<number>,
  theirs: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  expect(ours.length, what).toBe(theirs.length);
  expect(relativeDifference(ours, theirs), `relative error of ${what}`).toBeLessThanOrEqual(tolerance);
}

/** Largest difference over largest magnitude; infinite where only one of two numbers is not a number. */
export function relativeDifference(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  let difference = 0;
  let magnitude = 0;
  for (let i = 0; i < theirs.length; i++) {
    if (Number.isNaN(theirs[i]) && Number.isNaN(ours[i])) continue;
    const distance = Math.abs(ours[i] - theirs[i]);
    difference = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : Math.max(difference, distance);
    magnitude = Math.max(magnitude, Math.abs(theirs[i]));
  }
  return difference === 0 ? 0 : difference / (magnitude || 1);
}

const STEP = 1e-5;
const DIRECTIONS = 3;

/** Along random directions, gradients are central differences of the loss. */
async function expectFiniteDifferences(engine: Engine, operationCase: OperationCase): Promise<void> {
  const { gradients, outputs } = await evaluate(engine, operationCase);
  const draw = new Draw(17);
  const lossAt = async (name: string, direction: Float64Array, step: number) => {
    const input = operationCase.inputs[name];
    const moved = Float64Array.from(input.values, (value, i) => value + step * direction[i]);
    const inputs = { ...operationCase.inputs, [name]: { ...input, values: moved } };
    return lossOf(await evaluate(engine, { ...operationCase, inputs }, false));
  };
  const lossMagnitude = outputs.reduce((total, output) => total + norm(output), 0);
  for (const [name, gradient] of Object.entries(gradients))
    for (let trial = 0; trial < DIRECTIONS && gradient.length > 0; trial++) {
      const direction = draw.normal(gradient.length);
      const slope =
        ((await lossAt(name, direction, STEP)) - (await lossAt(name, direction, -STEP))) / (2 * STEP);
      const claimed = direction.reduce((total, d, i) => total + d * gradient[i], 0);
      const allowed = 1e-6 * norm(gradient) + 1e-9 * (1 + lossMagnitude);
      expect(
        Math.abs(claimed - slope),
        `gradient of ${name}: ${claimed}, differences: ${slope}`,
      ).toBeLessThan(allowed);
    }
}

/** Runs the case as one step. */
export async function evaluate(
  engine: Engine,
  { inputs, graph, compute }: OperationCase,
  withGradients = true,
): Promise<Evaluated> {
  const set = new ParameterSet(engine);
  const parameters: Record<string, Parameter> = {};
  for (const [name, { rows, columns, values, parameter }] of Object.entries(inputs))
    if (parameter) parameters[name] = set.declare(name, [rows, columns], (target) => target.set(values));
  if (set.size > 0) set.allocate(new Draw(0).random);

  const { outputs, gradients } = engine.step(() => {
    const handle = graph && engine.graph(graph);
    const tensors: Record<string, Tensor> = {};
    for (const [name, { rows, columns, values, on, parameter, fixed }] of Object.entries(inputs))
      if (!parameter)
        tensors[name] = engine.tensor(values, on ? handle![on] : rows, columns, { requiresGradient: !fixed });
    const results = compute({ engine, tensors, parameters });
    const list = (Array.isArray(results) ? results : [results]) as readonly Tensor[];
    const read = Promise.all(list.map((output) => output.read()));
    const collected: Promise<[string, ArrayLike<number>]>[] = [];
    const wanted = list.filter((output) => output.requiresGradient);
    if (withGradients && wanted.length > 0) {
      const losses = wanted.map((output) => {
        const size = output.rows.count * output.columns;
        return sum(
          multiply(output, engine.tensor(weights(size, list.indexOf(output)), output.rows, output.columns)),
        );
      });
      engine.backward(losses.reduce((total, loss) => add(total, loss)));
      for (const [name, { fixed }] of Object.entries(inputs))
        if (!fixed)
          collected.push(
            (parameters[name]?.tensor ?? tensors[name]).readGradient().then((values) => [name, values]),
          );
    }
    return { outputs: read, gradients: Promise.all(collected) };
  });
  return { outputs: await outputs, gradients: Object.fromEntries(await gradients) };
}

/** The loss of an evaluation, summed in float64. */
function lossOf({ outputs }: Evaluated): number {
  let total = 0;
  for (const [k, output] of outputs.entries()) {
    const g = weights(output.length, k);
    for (let i = 0; i < output.length; i++) total += g[i] * output[i];
  }
  return total;
}

function weights(size: number, output: number): Float64Array {
  return new Draw(1000 + output).normal(size);
}

function norm(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i] ** 2;
  return Math.sqrt(total);
}

/** A set of one parameter of zeros, for tests of the tape. */
export function oneParameter(engine: Engine, rows: number, columns: number, value = 0) {
  const set = new ParameterSet(engine);
  const parameter = set.declare('w', [rows, columns], constant(value));
  set.allocate(new Draw(0).random);
  return { set, parameter };
}
