// What flows into a layer is what a network of the layers before it gives.
import { describe, expect, it } from 'vitest';
import { EGNN, Graph, type StateDict } from '../../src/index.ts';
import { engines } from '../support/engines.ts';
import { Draw } from '../support/random.ts';

const config = { inputFeatures: 3, hiddenFeatures: 8, layers: 3, attention: true, seed: 2 };

describe.each(engines)('the states between layers on $name', ({ start, tolerance }) => {
  it('are the outputs of the network cut off there', async () => {
    const engine = await start();
    const model = new EGNN(engine, config);
    const state = await model.stateDict();
    const draw = new Draw(8);
    const graph = Graph.complete([4, 6]);
    const [features, points] = [draw.normal(30), draw.normal(30)];
    const observed = await engine.step(() => {
      const { nodes } = engine.graph(graph);
      const states: Promise<ArrayLike<number>[]>[] = [];
      engine.withoutGradient(() =>
        model.forward(
          { graph, h: engine.tensor(features, nodes, 3), x: engine.tensor(points, nodes, 3) },
          (layer, { h, x }) => {
            expect(layer).toBe(states.length);
            states.push(Promise.all([h.read(), x.read()]));
          },
        ),
      );
      return Promise.all(states);
    });
    expect(observed).toHaveLength(3);
    expect(Array.from(observed[0][1])).toEqual(Array.from(points));
    for (const layers of [1, 2]) {
      const short = new EGNN(engine, { ...config, layers });
      const kept = Object.entries(state).filter(
        ([name]) => !name.startsWith('gcl_') || Number(name[4]) < layers,
      );
      short.loadStateDict(Object.fromEntries(kept) as StateDict);
      const { h, x } = await short.predict({ X: features, C: points, nodeCounts: [4, 6] });
      for (const [expected, got] of [
        [h!, observed[layers][0]],
        [x, observed[layers][1]],
      ])
        for (let k = 0; k < expected.length; k++)
          expect(Math.abs(expected[k] - got[k])).toBeLessThan(tolerance);
    }
    engine.close();
  });
});
