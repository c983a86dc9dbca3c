// A closed engine says so, whatever it is asked for, and still says what it was.
import { describe, expect, test } from 'vitest';
import { Graph } from '../../src/graph/graph.ts';
import { EGNN } from '../../src/nn/egnn.ts';
import { square } from '../../src/tensor/operations/index.ts';
import { Adam } from '../../src/train/index.ts';
import { engines } from '../support/engines.ts';

const closed = 'the engine is closed';
const graphOf = (nodes: number) => ({
  X: Array.from({ length: nodes }, (_, node) => [node]),
  C: Array.from({ length: nodes }, (_, node) => [node, 0]),
});

describe.each(engines)('$name, closed', ({ start }) => {
  test.each([2, 200])('does not predict a graph of %i nodes', async (nodes) => {
    const engine = await start();
    const model = new EGNN(engine, { inputFeatures: 1 });
    expect((await model.predict(graphOf(nodes))).x.length).toBe(2 * nodes);
    engine.close();
    await expect(model.predict(graphOf(nodes))).rejects.toThrow(closed);
  });

  test('does nothing else either', async () => {
    const engine = await start();
    const model = new EGNN(engine, { inputFeatures: 1, hiddenFeatures: 4, layers: 1 });
    const adam = new Adam(model.parameters);
    const plan = engine.plan(() => square(engine.tensor([3], 1, 1)));
    const x = engine.step(() => engine.tensor([1], 1, 1));
    plan.run();
    const { description } = engine.backend;
    engine.close();
    expect(() => engine.plan(() => 1)).toThrow(closed);
    expect(() => plan.run()).toThrow(closed);
    expect(() => plan.result.read()).toThrow(closed);
    expect(() => square(x)).toThrow(closed);
    expect(() => x.write([2])).toThrow(closed);
    expect(() => engine.tensor([1], 1, 1)).toThrow(closed);
    expect(() => engine.graph(Graph.complete(2))).toThrow(closed);
    expect(() => new EGNN(engine, { inputFeatures: 1 })).toThrow(closed);
    expect(() => adam.step()).toThrow(closed);
    await expect(model.stateDict()).rejects.toThrow(closed);
    expect(() => engine.step(() => 1)).toThrow(closed);
    plan.release();
    engine.close();
    expect(engine.backend.description).toBe(description);
  });

  test('gives what was read before', async () => {
    const engine = await start();
    const value = engine.step(() => square(engine.tensor([3], 1, 1)).read());
    engine.close();
    expect([...(await value)]).toEqual([9]);
  });
});
