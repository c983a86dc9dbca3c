// The losses against their formulas and their gradients, at ordinary and at extreme predictions.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/tensor/engine.ts';
import {
  binaryCrossEntropy,
  huberLoss,
  l1Loss,
  mean,
  meanSquaredError,
  multiply,
  square,
  subtract,
} from '../../src/tensor/operations/index.ts';
import { engines } from '../support/engines.ts';
import { expectClose, expectRight, matrix } from '../support/operation-case.ts';
import { Draw } from '../support/random.ts';

const losses = {
  meanSquaredError: { loss: meanSquaredError, formula: (p: number, t: number) => (p - t) ** 2 },
  l1Loss: { loss: l1Loss, formula: (p: number, t: number) => Math.abs(p - t) },
  huberLoss: {
    loss: huberLoss,
    formula: (p: number, t: number) => (Math.abs(p - t) < 1 ? (p - t) ** 2 / 2 : Math.abs(p - t) - 0.5),
  },
  binaryCrossEntropy: {
    loss: binaryCrossEntropy,
    formula: (p: number, t: number) => Math.log(1 + Math.exp(-p)) + (1 - t) * p,
  },
};

describe.each(engines)('losses on $name', (under) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await under.start();
  });
  afterAll(() => engine.close());

  describe.each(Object.entries(losses))('%s', (name, { loss, formula }) => {
    const targets = (draw: Draw, size: number) =>
      name === 'binaryCrossEntropy' ? draw.between(size, 0, 1) : draw.normal(size, 2);

    test('its gradient, as a mean and as a sum', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 30 }),
          fc.integer({ min: 1, max: 5 }),
          fc.nat(1000),
          (rows, columns, seed) => {
            const draw = new Draw(seed);
            const size = rows * columns;
            return expectRight(under, engine, {
              inputs: {
                prediction: matrix(rows, columns, draw.normal(size, 2)),
                target: matrix(rows, columns, targets(draw, size), { fixed: true }),
              },
              compute: ({ tensors: { prediction, target } }) => [
                loss(prediction, target),
                loss(prediction, target, 'sum'),
              ],
            });
          },
        ),
        { numRuns: 15, seed: 6 },
      );
    });

    test('it is its formula', async () => {
      const draw = new Draw(8);
      const [p, t] = [draw.normal(60, 2), targets(draw, 60)];
      const [mean, sum] = await engine.step(() => {
        const [prediction, target] = [engine.tensor(p, 20, 3), engine.tensor(t, 20, 3)];
        return Promise.all([loss(prediction, target).read(), loss(prediction, target, 'sum').read()]);
      });
      const expected = p.reduce((total, value, i) => total + formula(value, t[i]), 0);
      expectClose(sum, [expected], Math.max(under.tolerance, 1e-12), 'sum');
      expectClose(mean, [expected / 60], Math.max(under.tolerance, 1e-12), 'mean');
    });

    test('a target whose gradient would be lost is an error; one that is data is not', async () => {
      const value = await engine.step(() => {
        const learned = engine.tensor([1, 2], 2, 1, { requiresGradient: true });
        const refusal = 'the target requires a gradient, and a loss has one for the prediction alone';
        expect(() => loss(learned, learned)).toThrow(refusal);
        expect(() => loss(engine.tensor([1, 2], 2, 1), square(learned))).toThrow(refusal);
        const data = engine.withoutGradient(() => multiply(learned, 0.25));
        const value = loss(learned, data);
        engine.backward(value);
        // Where no gradient is asked for, none is lost.
        engine.withoutGradient(() => loss(learned, learned));
        return value.read();
      });
      const expected = (formula(1, 0.25) + formula(2, 0.5)) / 2;
      expectClose(value, [expected], Math.max(under.tolerance, 1e-12), 'loss');
    });

    test('what is no tensor is named', () => {
      engine.step(() => {
        const one = engine.tensor([1], 1, 1);
        expect(() => loss(one, [1] as never)).toThrow('target must be a tensor; got an array');
        expect(() => loss({ h: one } as never, one)).toThrow('prediction must be a tensor; got an object');
      });
    });

    test('a target of another shape is an error', () => {
      engine.step(() => {
        const prediction = engine.tensor([1, 2], 2, 1);
        expect(() => loss(prediction, engine.tensor([1, 2], 1, 2))).toThrow(
          'target must be [2, 1]; got [1, 2]',
        );
      });
    });
  });

  test('what the error says to write instead has the gradients of both sides', async () => {
    await expectRight(under, engine, {
      inputs: {
        prediction: matrix(4, 3, new Draw(1).normal(12)),
        target: matrix(4, 3, new Draw(2).normal(12)),
      },
      compute: ({ tensors: { prediction, target } }) => mean(square(subtract(prediction, target))),
    });
  });

  test('binary cross entropy stays finite and exact at extreme logits', async () => {
    const { value, gradient } = await engine.step(() => {
      const prediction = engine.tensor([200, -200, 200, -200], 4, 1, { requiresGradient: true });
      const loss = binaryCrossEntropy(prediction, engine.tensor([1, 0, 0, 1], 4, 1), 'sum');
      engine.backward(loss);
      return { value: loss.read(), gradient: prediction.readGradient() };
    });
    expectClose(await value, [400], 1e-6, 'loss');
    expectClose(await gradient, [0, 0, 1, -1], 1e-6, 'gradient');
  });

  test.each(Object.entries(losses))(
    '%s of a number that is not a number is not a number',
    async (_, { loss }) => {
      const value = await engine.step(() =>
        loss(engine.tensor([Number.NaN, 0.5], 2, 1), engine.tensor([0, 1], 2, 1)).read(),
      );
      expect(value[0]).toBeNaN();
    },
  );
});
