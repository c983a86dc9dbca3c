// Going without threads that are late: when, for how long, and with the same bits.
import { afterEach, expect, it, vi } from 'vitest';
import { Fallback } from '../../src/backends/wasm/fallback.ts';
import { createWasmBackend } from '../../src/backends/wasm/wasm.ts';
import { EGNN, Engine, Graph, meanSquaredError } from '../../src/index.ts';
import { Adam } from '../../src/train/index.ts';
import { Draw } from '../support/random.ts';

afterEach(() => vi.restoreAllMocks());

/** Steps of 4 ms, each with so much waiting; whether each was done alone. */
function course(waits: number[]): boolean[] {
  let now = 0;
  const fallback = new Fallback(() => now);
  return waits.map((wait) => {
    fallback.beginStep();
    const { alone } = fallback;
    if (!alone) fallback.waited(wait);
    now += 4;
    return alone;
  });
}

/** How many steps in a row were done alone, each time. */
const pauses = (alone: boolean[]) =>
  alone
    .map((value) => (value ? 'a' : '.'))
    .join('')
    .split(/\.+/)
    .filter(Boolean)
    .map(({ length }) => length);

it('goes alone after a step of waiting, tries again, and then waits longer', () => {
  // Steps of 4 ms: 50, 100 and 200 ms.
  expect(pauses(course(new Array(92).fill(3)))).toEqual([13, 25, 50]);
});

it('stays together while waiting is short, or short beside the work', () => {
  expect(pauses(course(new Array(50).fill(1.9)))).toEqual([]);
  expect(pauses(course(new Array(50).fill(0.4)))).toEqual([]);
});

it('starts with a short pause again once a step has gone well', () => {
  const late = (steps: number) => new Array<number>(steps).fill(3);
  expect(pauses(course([...late(40), 0, ...late(15)]))).toEqual([13, 25, 13]);
});

it('gives the same bits as all threads together', async () => {
  const weights = async (alone: boolean) => {
    if (alone) vi.spyOn(Fallback.prototype, 'alone', 'get').mockReturnValue(true);
    const engine = new Engine(await createWasmBackend({ threads: 3 }));
    const model = new EGNN(engine, { inputFeatures: 2, hiddenFeatures: 20, layers: 2, attention: true });
    const adam = new Adam(model.parameters, { learningRate: 1e-2 });
    const draw = new Draw(5);
    for (const graph of [Graph.complete([5, 9, 3, 30, 12, 7]), Graph.complete(60)]) {
      const [h, x, target] = [2, 3, 3].map((columns) => draw.normal(graph.nodeCount * columns));
      const work = () => {
        const { nodes } = engine.graph(graph);
        const output = model.forward({ graph, h: engine.tensor(h, nodes, 2), x: engine.tensor(x, nodes, 3) });
        engine.backward(meanSquaredError(output.x!, engine.tensor(target, nodes, 3)));
      };
      for (let step = 0; step < 3; step++) {
        engine.step(work);
        adam.step();
      }
      const plan = engine.plan(work);
      adam.step();
      plan.run();
      adam.step();
    }
    const values = await model.parameters.read();
    engine.close();
    return values;
  };
  expect(await weights(true)).toEqual(await weights(false));
});
