// predictEach: graphs of all kinds in a few passes, each with the bits that it has alone, or with its own error.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWasmBackend } from '../../src/backends/wasm/wasm.ts';
import { EGNN } from '../../src/nn/egnn.ts';
import type { PlainGraph } from '../../src/nn/plain-graph.ts';
import { type Prediction, predictEach } from '../../src/nn/predict.ts';
import { Engine } from '../../src/tensor/engine.ts';
import { engines } from '../support/engines.ts';
import { enlivened } from '../support/equivariance.ts';
import { Draw } from '../support/random.ts';

const config = {
  inputFeatures: 2,
  outputFeatures: 3,
  hiddenFeatures: 8,
  layers: 2,
  edgeFeatures: 1,
  nodeAttributes: 1,
  velocity: true,
  readout: { outputs: 2 },
};

/** @param shape complete graphs have no `edges` */
function graphOf(seed: number, shape: { nodes: number; dimensions: number; edges?: number; pair?: boolean }) {
  const { nodes, dimensions, pair = false } = shape;
  const draw = new Draw(seed);
  const total = pair ? 2 * nodes : nodes;
  const edges = nodes === 0 ? 0 : shape.edges;
  // Within the first graph of a pair.
  const E = edges === undefined ? undefined : [draw.integers(edges, nodes), draw.integers(edges, nodes)];
  const count = edges ?? (pair ? 2 : 1) * nodes * (nodes - 1);
  const graph: PlainGraph = {
    X: draw.normal(2 * total),
    C: Array.from({ length: total }, () => draw.normal(dimensions)),
    V: draw.normal(dimensions * total),
    B: draw.normal(total),
    A: draw.normal(count),
    E,
    nodeCounts: pair ? [nodes, nodes] : undefined,
  };
  return graph;
}

const shapes = fc.record({
  nodes: fc.integer({ min: 0, max: 30 }),
  dimensions: fc.integer({ min: 1, max: 4 }),
  edges: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
  pair: fc.boolean(),
});

describe.each(engines)('on $name', ({ start }) => {
  let engine: Engine;
  let model: EGNN;
  beforeAll(async () => {
    engine = await start();
    model = await enlivened(new EGNN(engine, config));
  });
  afterAll(() => engine.close());

  test('the bits of a graph do not depend on the others', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(shapes, { minLength: 1, maxLength: 12 }), async (drawn) => {
        // Nested rows of no nodes do not say how many dimensions there are.
        const graphs = drawn.map((shape, k) =>
          graphOf(k, shape.nodes === 0 ? { ...shape, dimensions: 1 } : shape),
        );
        const together = await predictEach(model, graphs);
        for (const [k, graph] of graphs.entries()) {
          expect(together[k]).not.toBeInstanceOf(Error);
          expect((await predictEach(model, [graph]))[0]).toEqual(together[k]);
        }
      }),
      { numRuns: 15 },
    );
  });

  test('a graph gives what predict gives', async () => {
    const graph = graphOf(3, { nodes: 5, dimensions: 3 });
    expect((await predictEach(model, [graph]))[0]).toEqual(await model.predict(graph));
  });

  test('more edges than one pass takes', async () => {
    const sizes = [150, 5, 150, 210, 1];
    const graphs = sizes.map((nodes, k) => graphOf(k, { nodes, dimensions: 2 }));
    const together = await predictEach(model, graphs);
    for (const [k, graph] of graphs.entries()) {
      expect((together[k] as Prediction).x).toHaveLength(2 * sizes[k]);
      expect((await predictEach(model, [graph]))[0]).toEqual(together[k]);
    }
  });

  test('a wrong graph, and one whose numbers run away, fail alone', async () => {
    const good = graphOf(1, { nodes: 4, dimensions: 3 });
    // Its square is beyond the largest number.
    const far = engine.backend.precision === 'float64' ? 1e200 : 1e30;
    const lost = { ...good, C: Array.from({ length: 4 }, (_, i) => [far * (i % 2), 0, 0]) };
    const graphs = [good, { ...good, A: [1] }, good, lost, good];
    const results = await predictEach(model, graphs);
    const expected = await model.predict(good);
    for (const k of [0, 2, 4]) expect(results[k]).toEqual(expected);
    expect(results[1]).toEqual(new RangeError('A must have 12 rows of 1 numbers; got 1 rows'));
    expect(String(results[3])).toMatch(/RangeError: the prediction is not finite: number \d+ of . is /);
    await expect(model.predict(graphs[3])).rejects.toEqual(results[3]);
  });

  test('no graphs', async () => {
    expect(await predictEach(model, [])).toEqual([]);
  });
});

test('a pass that does not fit into the memory is taken apart; a graph that does not fit fails alone', async () => {
  const engine = new Engine(await createWasmBackend({ threads: 1, memoryLimit: 24 * 2 ** 20 }));
  const model = new EGNN(engine, { inputFeatures: 1, hiddenFeatures: 64, layers: 2 });
  const graph = (nodes: number): PlainGraph => {
    const draw = new Draw(nodes);
    return { X: draw.normal(nodes), C: Array.from({ length: nodes }, () => draw.normal(3)), E: [[], []] };
  };
  const graphs = [graph(5), ...Array.from({ length: 30 }, () => graph(1_200)), graph(200_000), graph(7)];
  const results = await predictEach(model, graphs);
  expect(results.map((result) => (result instanceof Error ? result.name : 'predicted'))).toEqual(
    graphs.map(({ X }) => (X.length === 200_000 ? 'OutOfMemoryError' : 'predicted')),
  );
  expect(results[1]).toEqual((await predictEach(model, [graphs[1]]))[0]);
  engine.close();
});
