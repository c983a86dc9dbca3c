// Products with weights: y = f([x_1, x_2, ...] W + b), on every engine, at sizes around every tile and thread count.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { activations } from '../../src/backends/backend.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { linear } from '../../src/tensor/operations/index.ts';
import { engines } from '../support/engines.ts';
import { expectRight, matrix, type OperationCase, oneParameter } from '../support/operation-case.ts';
import { Draw } from '../support/random.ts';

const smooth = activations.filter((name) => name !== 'squareRoot');

describe.each(engines)('linear on $name', (under) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await under.start();
  });
  afterAll(() => engine.close());

  test('one input of any shape, with and without bias, under any activation', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(20),
        fc.integer({ min: 1, max: 19 }),
        fc.integer({ min: 1, max: 19 }),
        fc.boolean(),
        fc.constantFrom(...smooth),
        fc.nat(1000),
        (rows, inputs, outputs, withBias, activation, seed) => {
          const draw = new Draw(seed);
          return expectRight(under, engine, {
            inputs: {
              x: matrix(rows, inputs, draw.normal(rows * inputs)),
              weight: matrix(inputs, outputs, draw.normal(inputs * outputs, 0.5), { parameter: true }),
              ...(withBias && {
                bias: matrix(1, outputs, draw.normal(outputs), { parameter: true }),
              }),
            },
            compute: ({ tensors, parameters }) =>
              linear(tensors.x, parameters.weight, { bias: parameters.bias, activation }),
          });
        },
      ),
      { numRuns: 40, seed: 1 },
    );
  });

  test.each([
    [1, 64, 64],
    [7, 3, 64],
    [97, 64, 1],
    [192, 17, 33],
    [301, 5, 7],
  ])('%i rows of %i inputs to %i outputs', async (rows, inputs, outputs) => {
    const draw = new Draw(rows);
    await expectRight(under, engine, {
      inputs: {
        x: matrix(rows, inputs, draw.normal(rows * inputs)),
        weight: matrix(inputs, outputs, draw.normal(inputs * outputs, inputs ** -0.5)),
        bias: matrix(1, outputs, draw.normal(outputs)),
      },
      compute: ({ tensors: { x, weight, bias } }) => linear(x, weight, { bias, activation: 'silu' }),
    });
  });

  test('several inputs side by side are one input', async () => {
    const draw = new Draw(4);
    const widths = [5, 1, 7];
    const [rows, outputs] = [11, 3];
    await expectRight(under, engine, {
      inputs: {
        ...Object.fromEntries(widths.map((width, k) => [k, matrix(rows, width, draw.normal(rows * width))])),
        weight: matrix(13, outputs, draw.normal(13 * outputs), { parameter: true }),
        bias: matrix(1, outputs, draw.normal(outputs), { parameter: true }),
      },
      compute: ({ tensors, parameters: { weight, bias } }) => {
        const parts = linear([tensors[0], tensors[1], tensors[2]], weight, { bias, activation: 'tanh' });
        return [parts, linear([tensors[0], tensors[1], tensors[2]], weight)];
      },
    });
  });

  test('the same tensor as two of the inputs gets both shares of the gradient', async () => {
    const draw = new Draw(5);
    await expectRight(under, engine, {
      inputs: {
        x: matrix(9, 4, draw.normal(36)),
        weight: matrix(8, 6, draw.normal(48), { parameter: true }),
      },
      compute: ({ tensors: { x }, parameters: { weight } }) => linear([x, x], weight),
    });
  });

  test('a parameter used twice collects both gradients', async () => {
    const draw = new Draw(6);
    await expectRight(under, engine, {
      inputs: {
        x: matrix(9, 5, draw.normal(45)),
        weight: matrix(5, 5, draw.normal(25), { parameter: true }),
        bias: matrix(1, 5, draw.normal(5), { parameter: true }),
      },
      compute: ({ tensors: { x }, parameters: { weight, bias } }) =>
        linear(linear(x, weight, { bias, activation: 'silu' }), weight, { bias }),
    });
  });

  test.each([
    ['first the weight, then the rows', (x: string, w: string) => [x, w]],
    ['first the rows, then the weight', (x: string, w: string) => [w, x]],
  ] as const)('a tensor used as %s', async (_, order) => {
    const draw = new Draw(7);
    for (const parameter of [false, true]) {
      const operationCase: OperationCase = {
        inputs: {
          x: matrix(40, 6, draw.normal(240)),
          w: matrix(6, 6, draw.normal(36), { parameter }),
          v: matrix(6, 3, draw.normal(18)),
        },
        compute: ({ tensors, parameters }) => {
          const w = parameters.w?.tensor ?? tensors.w;
          const uses = { x: () => linear(tensors.x, w), w: () => linear(w, tensors.v) };
          return order('x', 'w').map((use) => uses[use as 'x' | 'w']());
        },
      };
      await expectRight(under, engine, operationCase);
    }
  });

  test('shape errors name the argument, what it should be and what came', () => {
    engine.step(() => {
      const zeros = (rows: number, columns: number) =>
        engine.tensor(new Float64Array(rows * columns), rows, columns);
      const { parameter } = oneParameter(engine, 4, 2);
      expect(() => linear(zeros(3, 5), zeros(4, 2))).toThrow('linear: input 0 must be [3, 4]; got [3, 5]');
      expect(() => linear(zeros(3, 4), zeros(4, 2), { bias: zeros(1, 3) })).toThrow(
        'linear: bias must be [1, 2]; got [1, 3]',
      );
      const noTensor = [[1]] as never;
      expect(() => linear(zeros(1, 1), noTensor)).toThrow('linear: weight must be a tensor; got an array');
      expect(() => linear([zeros(3, 4), null as never], parameter)).toThrow(
        'linear: input 1 must be a tensor; got null',
      );
      expect(() => linear(zeros(3, 4), zeros(4, 2), { bias: noTensor })).toThrow(
        'linear: bias must be a tensor; got an array',
      );
      expect(() => linear([zeros(3, 2), zeros(2, 2)], parameter)).toThrow(
        'linear: input 1 must be [3, 2]; got [2, 2]',
      );
      expect(() => linear([zeros(3, 2), zeros(3, 3)], parameter)).toThrow(
        'linear: w takes 4 input features; got 2 + 3',
      );
      expect(() => linear([zeros(3, 2), zeros(3, 2)], zeros(4, 2))).toThrow(
        'several inputs need a Parameter',
      );
    });
  });
});
