// The tape: gradients add up over uses and passes, tensors die with their step, and misuse is an error.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Graph } from '../../src/graph/graph.ts';
import { EGNN } from '../../src/nn/egnn.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import {
  add,
  gather,
  linear,
  meanSquaredError,
  multiply,
  silu,
  square,
  subtract,
  sum,
} from '../../src/tensor/operations/index.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { engines } from '../support/engines.ts';
import { expectRight, matrix, oneParameter } from '../support/operation-case.ts';
import { Draw } from '../support/random.ts';

describe.each(engines)('the tape on $name', (under) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await under.start();
  });
  afterAll(() => engine.close());

  test('reading one gradient leaves the others as they are', async () => {
    const make = () =>
      new EGNN(engine, { inputFeatures: 2, outputFeatures: 0, hiddenFeatures: 16, layers: 1 });
    const graph = Graph.complete([40, 40]);
    const draw = new Draw(3);
    const h = draw.normal(graph.nodeCount * 2);
    const x = draw.normal(graph.nodeCount * 3);
    const [looked, alone] = [make(), make()];
    for (const model of [looked, alone])
      await engine.step(async () => {
        const { nodes } = engine.graph(graph);
        const output = model.forward({ graph, h: engine.tensor(h, nodes, 2), x: engine.tensor(x, nodes, 3) });
        engine.backward(sum(square(output.x!)));
        if (model === looked) await [...model.parameters][0].tensor.readGradient();
      });
    const total = async ({ parameters }: EGNN) => {
      engine.backend.combine(parameters.gradients);
      return engine.backend.read(parameters.gradients);
    };
    expect(await total(looked)).toEqual(await total(alone));
  });

  test('a tensor used many times collects the gradients of all its uses', () =>
    expectRight(under, engine, {
      inputs: { x: matrix(9, 4, new Draw(1).normal(36)), w: matrix(4, 4, new Draw(2).normal(16)) },
      compute: ({ tensors: { x, w } }) => {
        const y = silu(linear(x, w));
        return [add(multiply(x, y), subtract(y, square(x))), linear(y, w), y];
      },
    }));

  test('gradients of parameters add up over passes until they are cleared', async () => {
    const { set, parameter } = oneParameter(engine, 2, 3, 0.5);
    const pass = (scale: number) =>
      engine.step(() => {
        const x = engine.tensor([1, 2, 3, 4], 2, 2);
        engine.backward(sum(multiply(linear(x, parameter), scale)));
        return parameter.tensor.readGradient();
      });
    const once = [4, 4, 4, 6, 6, 6];
    expect([...(await pass(1))]).toEqual(once);
    expect([...(await pass(2))]).toEqual(once.map((value) => 3 * value));
    set.clearGradients();
    expect([...(await pass(1))]).toEqual(once);
  });

  test('two losses of one step add up their gradients, whether they share work or not', async () => {
    const { parameter } = oneParameter(engine, 2, 1, 0);
    const gradient = await engine.step(() => {
      const x = engine.tensor([1, 2, 3, 4], 2, 2, { requiresGradient: true });
      const shared = linear(x, parameter);
      engine.backward(sum(shared));
      engine.backward(sum(multiply(shared, 10)));
      return parameter.tensor.readGradient();
    });
    expect([...gradient]).toEqual([44, 66]);
    const separate = await engine.step(() => {
      const [a, b] = [1, 2].map((value) => engine.tensor([value], 1, 1, { requiresGradient: true }));
      engine.backward(square(square(a)));
      engine.backward(square(square(b)));
      return Promise.all([a.readGradient(), b.readGradient()]);
    });
    expect(separate.map(([value]) => value)).toEqual([4, 32]);
  });

  test('what the loss does not depend on has a gradient of zeros', async () => {
    const gradient = await engine.step(() => {
      const [a, b] = [1, 2].map((value) => engine.tensor([value, value], 2, 1, { requiresGradient: true }));
      square(b);
      engine.backward(sum(a));
      return b.readGradient();
    });
    expect([...gradient]).toEqual([0, 0]);
  });

  test('withoutGradient remembers nothing, also when its work throws', () => {
    engine.step(() => {
      const x = engine.tensor([1], 1, 1, { requiresGradient: true });
      const y = engine.withoutGradient(() => square(x));
      expect(y.requiresGradient).toBe(false);
      expect(() => engine.backward(y)).toThrow('does not depend on anything that requires a gradient');
      expect(() =>
        engine.withoutGradient(() => {
          throw new Error('inside');
        }),
      ).toThrow('inside');
      expect(engine.recording).toBe(true);
      expect(square(x).requiresGradient).toBe(true);
    });
  });

  test('of a layer without gradients only what it returns is kept', async () => {
    await engine.step(async () => {
      const x = engine.tensor([1, 2], 2, 1);
      let inner: Tensor | undefined;
      const layer = (input: Tensor) =>
        engine.inLayer('layer', () => {
          inner = square(input);
          return { sum: add(inner, 1), input, nothing: undefined };
        });
      const kept = engine.withoutGradient(() => {
        const first = layer(x);
        expect(first.input).toBe(x);
        expect(first.nothing).toBeUndefined();
        const second = layer(first.sum);
        // Takes the memory of what the layers have freed, not of what they have returned.
        const third = engine.inLayer('outer', () => engine.inLayer('inner', () => add(second.sum, 1)));
        return [first.sum, second.sum, third];
      });
      expect(await Promise.all(kept.map(async (tensor) => [...(await tensor.read())]))).toEqual([
        [2, 5],
        [5, 26],
        [6, 27],
      ]);
      expect(() => square(inner!)).toThrow('a prediction keeps those that the layer returns');
      layer(x);
      expect([...(await inner!.read())]).toEqual([1, 4]);
    });
  });

  test('backward starts from one number', () => {
    engine.step(() => {
      const x = engine.tensor([1, 2], 2, 1, { requiresGradient: true });
      expect(() => engine.backward(square(x))).toThrow(
        'backward starts from a loss of shape [1, 1]; got [2, 1]',
      );
    });
  });

  test('a tensor of a past step is an error wherever it is used', async () => {
    const { h, loss } = engine.step(() => {
      const h = engine.tensor([1, 2], 2, 1, { requiresGradient: true });
      return { h, loss: sum(h) };
    });
    await engine.step(async () => {
      const fresh = engine.tensor([1, 2], 2, 1);
      const over = 'belongs to a step that is over';
      expect(() => square(h)).toThrow(over);
      expect(() => add(fresh, h)).toThrow(over);
      expect(() => h.read()).toThrow(over);
      expect(() => engine.backward(loss)).toThrow(over);
      expect(() => meanSquaredError(fresh, h)).toThrow(over);
      expect(() => linear(fresh, oneParameter(engine, 1, 1).parameter, { bias: loss })).toThrow(over);
      await expect(h.readGradient()).rejects.toThrow(over);
    });
  });

  test('a step whose work throws leaves the engine usable', async () => {
    expect(() =>
      engine.step(() => {
        square(engine.tensor([1], 1, 1, { requiresGradient: true }));
        throw new Error('inside');
      }),
    ).toThrow('inside');
    const value = await engine.step(() => square(engine.tensor([3], 1, 1)).read());
    expect([...value]).toEqual([9]);
  });

  test('a result has no gradient to read', async () => {
    await engine.step(async () => {
      const y = square(engine.tensor([1], 1, 1, { requiresGradient: true }));
      engine.backward(y);
      await expect(y.readGradient()).rejects.toThrow('only inputs and parameters keep their gradients');
    });
  });

  test('the first layer whose numbers are not finite is named', async () => {
    const run = (start: number) =>
      engine.step(() => {
        const x = engine.tensor([start], 1, 1, { requiresGradient: true });
        const y = engine.inLayer('outer', () => engine.inLayer('inner', () => multiply(x, 1e38)));
        engine.inLayer('after', () => multiply(y, 1));
        return engine.findNonFinite().then((found) => found.layer);
      });
    expect(await run(1)).toBeUndefined();
    expect(await run(Number.POSITIVE_INFINITY)).toBe('outer.inner');
  });

  test('gradients cross from nodes to edges and back in one chain', async () => {
    const graph = Graph.complete([3, 2, 4]);
    const draw = new Draw(3);
    await expectRight(under, engine, {
      graph,
      inputs: {
        x: matrix(9, 2, draw.normal(18), { on: 'nodes' }),
        w: matrix(2, 2, draw.normal(4), { parameter: true }),
      },
      compute: ({ engine, tensors: { x }, parameters: { w } }) => {
        const { receivers, senders } = engine.graph(graph);
        const h = linear(x, w, { activation: 'tanh' });
        return linear(subtract(gather(h, receivers), gather(h, senders)), w);
      },
    });
  });
});
