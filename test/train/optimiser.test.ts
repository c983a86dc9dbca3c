// Adam, AdamW, clipping and averaging against their formulas in float64, on every backend.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MersenneTwister } from '../../src/random/mersenne-twister.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { add, multiply, sum } from '../../src/tensor/operations/index.ts';
import { ParameterSet, uniform } from '../../src/tensor/parameters.ts';
import { WeightAverage } from '../../src/train/average.ts';
import { clippingScale, gradientNorm } from '../../src/train/clipping.ts';
import { Adam, type AdamOptions } from '../../src/train/optimiser.ts';
import { engines } from '../support/engines.ts';

const SIZE = 23;

/** The formulas, as PyTorch applies them. */
class PlainAdam {
  readonly m = new Float64Array(SIZE);
  readonly v = new Float64Array(SIZE);
  t = 0;

  step(p: Float64Array, gradient: Float64Array, options: Required<AdamOptions>): void {
    const { learningRate, beta1, beta2, epsilon, weightDecay, decoupled } = options;
    this.t++;
    for (let i = 0; i < SIZE; i++) {
      if (decoupled) p[i] -= learningRate * weightDecay * p[i];
      const g = gradient[i] + (decoupled ? 0 : weightDecay * p[i]);
      this.m[i] = beta1 * this.m[i] + (1 - beta1) * g;
      this.v[i] = beta2 * this.v[i] + (1 - beta2) * g * g;
      const corrected = this.m[i] / (1 - beta1 ** this.t);
      p[i] -= (learningRate * corrected) / (Math.sqrt(this.v[i] / (1 - beta2 ** this.t)) + epsilon);
    }
  }
}

describe.each(engines)('optimiser on $name', ({ start, tolerance }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.close());

  const random = new MersenneTwister(3);
  const draw = () => Float64Array.from({ length: SIZE }, () => random.randn());

  function newParameters(): ParameterSet {
    const parameters = new ParameterSet(engine);
    parameters.declare('a', [4, 5], uniform(1));
    parameters.declare('b', [1, 3], uniform(1));
    parameters.allocate(new MersenneTwister(1));
    return parameters;
  }

  /** A pass whose gradient is exactly `gradient`; returns its length. */
  function backward(parameters: ParameterSet, gradient: Float64Array): Promise<number> {
    return engine.step(() => {
      let offset = 0;
      const losses = [...parameters].map(({ tensor, size, shape }) => {
        const factors = engine.tensor(gradient.subarray(offset, offset + size), shape[0], shape[1]);
        offset += size;
        return sum(multiply(tensor, factors));
      });
      engine.backward(losses.reduce((total, loss) => add(total, loss)));
      return gradientNorm(parameters);
    });
  }

  function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>): void {
    for (let i = 0; i < expected.length; i++)
      expect(Math.abs(found[i] - expected[i])).toBeLessThan(20 * tolerance * (1 + Math.abs(expected[i])));
  }

  it.each<[string, AdamOptions]>([
    ['Adam', { learningRate: 0.01 }],
    ['Adam with weight decay', { learningRate: 0.01, weightDecay: 0.1, beta1: 0.8, beta2: 0.9 }],
    ['AdamW', { learningRate: 0.01, weightDecay: 0.1, decoupled: true }],
  ])('%s follows its formulas, and clears the gradients', async (_, options) => {
    const parameters = newParameters();
    const adam = new Adam(parameters, options);
    const plain = new PlainAdam();
    const expected = Float64Array.from(await parameters.read());
    for (let step = 0; step < 6; step++) {
      const gradient = draw();
      const norm = await backward(parameters, gradient);
      expect(norm).toBeCloseTo(Math.hypot(...gradient), 4);
      const gradientScale = clippingScale(norm, 2);
      const learningRateFactor = 1 / (step + 1);
      adam.step({ gradientScale, learningRateFactor });
      const learningRate = adam.options.learningRate * learningRateFactor;
      plain.step(
        expected,
        gradient.map((g) => g * gradientScale),
        { ...adam.options, learningRate },
      );
      expectClose(await parameters.read(), expected);
    }
    const state = await adam.state();
    expect(state.step).toBe(6);
    expectClose(state.firstMoment, plain.m);
    expectClose(state.secondMoment, plain.v);
    engine.backend.combine(parameters.gradients);
    expect([...(await engine.backend.read(parameters.gradients))].every((g) => g === 0)).toBe(true);
  });

  it('continues from a state with the same bits', async () => {
    const [whole, first, second] = [newParameters(), newParameters(), newParameters()];
    const gradients = Array.from({ length: 6 }, draw);
    const steps = async (adam: Adam, parameters: ParameterSet, some: Float64Array[]) => {
      for (const gradient of some) {
        await backward(parameters, gradient);
        adam.step();
      }
    };
    await steps(new Adam(whole), whole, gradients);
    const before = new Adam(first);
    await steps(before, first, gradients.slice(0, 3));
    const after = new Adam(second);
    second.write(await first.read());
    after.restore(await before.state());
    await steps(after, second, gradients.slice(3));
    expect(await second.read()).toEqual(await whole.read());
  });

  it('names options and states that do not fit', async () => {
    const parameters = newParameters();
    expect(() => new Adam({ parameters } as never)).toThrow('new Adam(model.parameters)');
    expect(() => new Adam(parameters, { learningRate: -1 })).toThrow('invalid learningRate');
    expect(() => new Adam(parameters, { beta2: 1 })).toThrow('invalid beta2; not in [0, 1): 1');
    expect(() => new Adam(parameters, { lr: 1 } as AdamOptions)).toThrow(
      'Adam has no option lr; it has learningRate, beta1, beta2, epsilon, weightDecay, decoupled',
    );
    const adam = new Adam(parameters);
    expect(() => adam.restore({ step: 1, firstMoment: [1], secondMoment: [1] })).toThrow(
      'firstMoment must have 23 numbers, one a parameter; got 1',
    );
  });

  it('averages weights, and puts the average in their place for a while', async () => {
    const parameters = newParameters();
    const average = new WeightAverage(parameters, 0.9);
    const expected = Float64Array.from(await parameters.read());
    for (let step = 1; step <= 3; step++) {
      const weights = draw();
      parameters.write(weights);
      average.update(step);
      const decay = (1 + step) / (10 + step);
      for (let i = 0; i < SIZE; i++) expected[i] = decay * expected[i] + (1 - decay) * weights[i];
    }
    expectClose(await average.read(), expected);
    const weights = await parameters.read();
    await average.whileApplied(async () => expectClose(await parameters.read(), expected));
    expect(await parameters.read()).toEqual(weights);
    expect(() => new WeightAverage(parameters, 1)).toThrow('invalid decay; not in (0, 1): 1');
  });
});

it('clips only what is too long', () => {
  expect(clippingScale(0.5, 1)).toBe(1);
  expect(clippingScale(4, 1)).toBe(0.25);
  expect(clippingScale(0, 1)).toBe(1);
});
