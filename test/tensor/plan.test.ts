/** @file A plan gives, run after run, what steps on the same numbers give. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Graph } from '../../src/graph/graph.ts';
import { EGNN } from '../../src/nn/egnn.ts';
import { MersenneTwister } from '../../src/random/mersenne-twister.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { meanSquaredError } from '../../src/tensor/operations/index.ts';
import { Adam } from '../../src/train/index.ts';
import { engines } from '../support/engines.ts';

const graph = Graph.complete([5, 7, 1, 40]);
const dimensions = 3;

describe.each(engines)('plans on $name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.close());

  const makeModel = () =>
    new EGNN(engine, { inputFeatures: 2, outputFeatures: 2, hiddenFeatures: 16, layers: 2 });
  const makeInputs = (seed: number) => {
    const random = new MersenneTwister(seed);
    const draw = (width: number) =>
      Float64Array.from({ length: graph.nodeCount * width }, () => random.randn());
    return { h: draw(2), x: draw(dimensions), target: draw(dimensions) };
  };

  function lossOf(model: EGNN, inputs: ReturnType<typeof makeInputs>) {
    const { nodes } = engine.graph(graph);
    const h = engine.tensor(inputs.h, nodes, 2);
    const x = engine.tensor(inputs.x, nodes, dimensions);
    const target = engine.tensor(inputs.target, nodes, dimensions);
    const loss = meanSquaredError(model.forward({ graph, h, x }).x!, target);
    engine.backward(loss);
    return { h, x, target, loss };
  }

  test('training by plan ends with the weights of training by steps, bit for bit', async () => {
    const stepped = makeModel();
    const planned = makeModel();
    const steppedOptimiser = new Adam(stepped.parameters, { learningRate: 1e-3 });
    const plannedOptimiser = new Adam(planned.parameters, { learningRate: 1e-3 });
    const plan = engine.plan(() => lossOf(planned, makeInputs(0)));
    planned.parameters.clearGradients();
    for (let seed = 1; seed <= 5; seed++) {
      const inputs = makeInputs(seed);
      const steppedLoss = await engine.step(() => lossOf(stepped, inputs).loss.read());
      steppedOptimiser.step();
      for (const name of ['h', 'x', 'target'] as const) plan.result[name].write(inputs[name]);
      plan.run();
      plannedOptimiser.step();
      expect(await plan.result.loss.read()).toEqual(steppedLoss);
    }
    expect(await planned.parameters.read()).toEqual(await stepped.parameters.read());
    plan.release();
    expect(() => plan.result.loss.read()).toThrow('is over');
  });

  test('a plan inside a plan is an error, and the engine works on', async () => {
    const model = makeModel();
    expect(() => engine.plan(() => engine.plan(() => 0))).toThrow('inside another plan');
    const losses = await engine.step(() => lossOf(model, makeInputs(1)).loss.read());
    expect(losses[0]).toBeGreaterThan(0);
  });

  test('written numbers must fit', () => {
    const plan = engine.plan(() => lossOf(makeModel(), makeInputs(0)));
    expect(() => plan.result.x.write([1, 2])).toThrow(RangeError);
    plan.release();
  });
});
