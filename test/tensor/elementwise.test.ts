// Elementwise functions and arithmetic: every broadcast, every function, and the values where functions are hard.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { activations } from '../../src/backends/backend.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import {
  activate,
  add,
  affine,
  divide,
  leakyRelu,
  multiply,
  relu,
  sigmoid,
  silu,
  square,
  squareRoot,
  subtract,
  sum,
  tanh,
} from '../../src/tensor/operations/index.ts';
import { engines } from '../support/engines.ts';
import { expectClose, expectRight, matrix } from '../support/operation-case.ts';
import { Draw } from '../support/random.ts';

const arithmetic = { add, subtract, multiply, divide };
const broadcasts = ['none', 'column', 'row', 'scalar'] as const;

describe.each(engines)('elementwise operations on $name', (under) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await under.start();
  });
  afterAll(() => engine.close());

  describe.each(Object.entries(arithmetic))('%s', (_, operation) => {
    test('with every broadcast of the second operand, at every shape', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.nat(9),
          fc.integer({ min: 1, max: 7 }),
          fc.constantFrom(...broadcasts),
          fc.boolean(),
          fc.nat(1000),
          (rows, columns, broadcast, parameter, seed) => {
            const draw = new Draw(seed);
            const [bRows, bColumns] = {
              none: [rows, columns],
              column: [rows, 1],
              row: [1, columns],
              scalar: [1, 1],
            }[broadcast];
            return expectRight(under, engine, {
              inputs: {
                a: matrix(rows, columns, draw.normal(rows * columns)),
                b: matrix(bRows, bColumns, draw.awayFromZero(bRows * bColumns), { parameter }),
              },
              compute: ({ tensors, parameters }) => operation(tensors.a, parameters.b?.tensor ?? tensors.b),
            });
          },
        ),
        { numRuns: 25, seed: 2 },
      );
    });

    test('with a number', async () => {
      await expectRight(under, engine, {
        inputs: { a: matrix(13, 3, new Draw(1).normal(39)) },
        compute: ({ tensors: { a } }) => [operation(a, 1.75), operation(a, -3)],
      });
    });

    test('with itself', async () => {
      for (const parameter of [false, true])
        await expectRight(under, engine, {
          inputs: { a: matrix(13, 3, new Draw(2).awayFromZero(39), { parameter }) },
          compute: ({ tensors, parameters }) => {
            const a = parameters.a?.tensor ?? tensors.a;
            return operation(a, a);
          },
        });
    });

    test('over many rows that share one operand', async () => {
      const draw = new Draw(3);
      await expectRight(under, engine, {
        inputs: {
          a: matrix(257, 5, draw.normal(257 * 5)),
          row: matrix(1, 5, draw.awayFromZero(5)),
          one: matrix(1, 1, draw.awayFromZero(1)),
        },
        compute: ({ tensors: { a, row, one } }) => [operation(a, row), operation(a, one)],
      });
    });
  });

  test('affine is scale x + shift', async () => {
    await expectRight(under, engine, {
      inputs: { x: matrix(11, 5, new Draw(1).normal(55)) },
      compute: ({ tensors: { x } }) => [affine(x, -2.5, 0.75), affine(x, 0, 3)],
    });
  });

  test.each(activations)('%s and its derivative', async (activation) => {
    await fc.assert(
      fc.asyncProperty(fc.nat(40), fc.integer({ min: 1, max: 9 }), fc.nat(1000), (rows, columns, seed) => {
        const draw = new Draw(seed);
        const size = rows * columns;
        const values =
          activation === 'squareRoot' ? draw.between(size, 0.2, 4) : draw.awayFromZero(size, 0.01, 4);
        return expectRight(under, engine, {
          inputs: { x: matrix(rows, columns, values) },
          compute: ({ tensors: { x } }) => activate(x, activation),
        });
      }),
      { numRuns: 15, seed: 3 },
    );
  });

  test('the named functions are what they say', async () => {
    const values = [-2, -0.5, 0, 0.5, 2];
    const outputs = await engine.step(() => {
      const x = engine.tensor(values, 1, 5);
      return Promise.all(
        [silu(x), relu(x), leakyRelu(x), tanh(x), sigmoid(x), square(x), squareRoot(square(x))].map((y) =>
          y.read(),
        ),
      );
    });
    const logistic = (z: number) => 1 / (1 + Math.exp(-z));
    const expected = [
      (z: number) => z * logistic(z),
      (z: number) => Math.max(z, 0),
      (z: number) => (z > 0 ? z : 0.2 * z),
      Math.tanh,
      logistic,
      (z: number) => z * z,
      Math.abs,
    ];
    for (const [k, f] of expected.entries())
      expectClose(outputs[k], values.map(f), Math.max(under.tolerance, 1e-12) / 10, `function ${k}`);
  });

  test('far from zero, functions saturate and stay finite', async () => {
    const far = [-1e4, -200, -90, -30, 30, 90, 200, 1e4];
    const [s, t, l] = await engine.step(() => {
      const x = engine.tensor(far, 2, 4, { requiresGradient: true });
      return Promise.all([silu(x), tanh(x), sigmoid(x)].map((y) => y.read()));
    });
    for (const [k, z] of far.entries()) {
      expect(t[k]).toBe(Math.sign(z));
      expect(Math.abs(s[k] - Math.max(z, 0))).toBeLessThan(1e-9);
      expect(Math.abs(l[k] - (z > 0 ? 1 : 0))).toBeLessThan(1e-9);
    }
  });

  test.each(activations)('%s has a finite slope far from zero', async (activation) => {
    const far = activation === 'squareRoot' ? [90, 200, 1e4] : [-1e4, -200, -90, 90, 200, 1e4];
    const gradient = await engine.step(() => {
      const x = engine.tensor(far, 1, far.length, { requiresGradient: true });
      engine.backward(sum(activate(x, activation)));
      return x.readGradient();
    });
    expect([...gradient].every(Number.isFinite), `${gradient}`).toBe(true);
  });

  test('the square root has slope 0 at 0', async () => {
    const gradient = await engine.step(() => {
      const x = engine.tensor([0, 4, 0], 3, 1, { requiresGradient: true });
      engine.backward(sum(squareRoot(x)));
      return x.readGradient();
    });
    expect([...gradient]).toEqual([0, 0.25, 0]);
  });

  test.each(activations)('%s hands on a number that is not a number', async (activation) => {
    const output = await engine.step(() =>
      activate(engine.tensor([1, Number.NaN, 2], 1, 3), activation).read(),
    );
    expect([...output].map(Number.isNaN)).toEqual([false, true, false]);
  });

  test('a shape that does not broadcast is an error with both shapes', () => {
    engine.step(() => {
      const zeros = (rows: number, columns: number) =>
        engine.tensor(new Float64Array(rows * columns), rows, columns);
      expect(() => add(zeros(4, 3), zeros(2, 3))).toThrow(
        "add: the second operand must have the first one's shape [4, 3], one row or one column; got [2, 3]",
      );
      expect(() => multiply(zeros(4, 3), zeros(4, 2))).toThrow(RangeError);
      expect(() => divide(zeros(1, 3), zeros(4, 3))).toThrow('divide');
      expect(() => subtract(zeros(1, 1), zeros(1, 3))).toThrow('subtract');
      const noTensor = [1, 2] as never;
      expect(() => add(zeros(2, 1), noTensor)).toThrow(
        'add: the second operand must be a tensor; got an array',
      );
      expect(() => divide(noTensor, zeros(2, 1))).toThrow(
        'divide: the first operand must be a tensor; got an array',
      );
      expect(() => multiply(undefined as never, 2)).toThrow('affine: x must be a tensor; got undefined');
      expect(() => square({ h: zeros(2, 1) } as never)).toThrow('square: x must be a tensor; got an object');
    });
  });
});
