// The graph autoencoder on a few graphs: what the models are given, what they compute, and that they learn.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { erdosRenyiGraphs, type GraphParts, type UndirectedGraph } from '../../src/data/graphs/index.ts';
import { Graph } from '../../src/graph/graph.ts';
import { startEngine } from '../../src/start-engine.ts';
import { AutoencoderTask } from '../../src/tasks/autoencoder.ts';
import { autoencoderGraphs } from '../../src/tasks/autoencoder-graphs.ts';
import { adjacencyOf, prepareGraphs } from '../../src/tasks/autoencoder-inputs.ts';
import { countReconstruction, scoreReconstruction } from '../../src/tasks/autoencoder-metrics.ts';
import { GraphAutoencoder } from '../../src/tasks/autoencoder-model.ts';
import { runAutoencoder } from '../../src/tasks/autoencoder-run.ts';
import {
  type AutoencoderModelName,
  type AutoencoderSettings,
  authorsRecipe,
} from '../../src/tasks/autoencoder-settings.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { binaryCrossEntropy } from '../../src/tensor/operations/index.ts';
import { batchTensors } from '../../src/train/batch.ts';
import { RunFolder } from '../../src/train/run-folder.ts';
import { engines } from '../support/engines.ts';
import { randomOrthogonal } from '../support/equivariance.ts';
import { Draw } from '../support/random.ts';

const all = erdosRenyiGraphs();
const few: GraphParts = {
  train: all.train.slice(0, 24),
  valid: all.valid.slice(0, 10),
  test: [...all.test.slice(0, 10), ...all.train.slice(0, 2)],
};

const tiny = (
  model: AutoencoderModelName,
  changes: Partial<AutoencoderSettings> = {},
): AutoencoderSettings => ({
  ...authorsRecipe,
  dataset: 'erdos-renyi',
  model,
  hidden: 16,
  layers: 2,
  samples: 24,
  epochs: 10,
  batchSize: 1,
  learningRate: 3e-3,
  validateEvery: 1,
  ...changes,
});

/** 0 - 1 - 2 - ... - 0 */
const ring = (nodes: number): UndirectedGraph => ({
  nodes,
  edges: Int32Array.from([0, nodes - 1, ...Array.from({ length: nodes - 1 }, (_, i) => [i, i + 1]).flat()]),
});

describe('prepareGraphs', () => {
  const shape = { embedding: 3, noisyFeatures: false };

  it('gives the adjacency in the edge order of a complete graph', () => {
    const graph = Graph.complete(4);
    const adjacency = adjacencyOf({ nodes: 4, edges: Int32Array.of(0, 2, 1, 2) });
    const joined = Array.from(adjacency, (value, e) =>
      value ? `${graph.receivers[e]}${graph.senders[e]}` : '',
    );
    expect(joined.filter(Boolean)).toEqual(['02', '12', '20', '21']);
  });

  it('lays graphs end to end, with ones or noise as features', () => {
    const { graph, inputs } = prepareGraphs(all.train.slice(0, 3), shape, [1]);
    expect(graph.graphCount).toBe(3);
    expect(inputs.x.values.length).toBe(3 * graph.nodeCount);
    expect(inputs.adjacency.values).toEqual(
      Float64Array.from(all.train.slice(0, 3).flatMap((one) => [...adjacencyOf(one)])),
    );
    expect(new Set(Array.from(inputs.h.values))).toEqual(new Set([1]));
    const noisy = prepareGraphs(all.train.slice(0, 3), { ...shape, noisyFeatures: true }, [1]);
    expect(new Set(Array.from(noisy.inputs.h.values)).size).toBe(graph.nodeCount);
  });

  it('draws the same noise for the same key, and only then', () => {
    const x = (...key: number[]) => prepareGraphs([ring(5)], shape, key).inputs.x.values;
    expect(x(1, 2)).toEqual(x(1, 2));
    expect(x(1, 2)).not.toEqual(x(1, 3));
  });

  it('noise is N(0, 1)', () => {
    const { values } = prepareGraphs(all.train.slice(0, 500), shape, [7]).inputs.x;
    const mean = Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
    const square = Array.from(values).reduce((sum, value) => sum + value ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(square - 1)).toBeLessThan(0.03);
  });

  it('single graphs of one size share their graph, so that their steps become plans', () => {
    const graphOf = (nodes: number) => prepareGraphs([ring(nodes)], shape, [1]).graph;
    expect(graphOf(6)).toBe(graphOf(6));
    expect(graphOf(6)).not.toBe(graphOf(7));
  });
});

describe('reconstruction scores', () => {
  it('counts what is found, what is missed and what is not there', () => {
    const counts = countReconstruction([1, -1, 2, 0, -3], [1, 1, 0, 1, 0]);
    expect(counts).toMatchObject({ pairs: 5, truePositives: 1, falsePositives: 1, falseNegatives: 2 });
    const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));
    const product = sigmoid(1) * sigmoid(-1) * sigmoid(-2) * 0.5 * sigmoid(3);
    expect(counts.crossEntropy).toBeCloseTo(-Math.log(product), 12);
  });

  it('sums pairs over graphs, and takes the mean of the cross-entropies', () => {
    const counts = [
      countReconstruction([50, -50], [1, 0]),
      countReconstruction([50, 50, -50, -50], [1, 0, 1, 1]),
    ];
    expect(scoreReconstruction(counts)).toEqual({ graphs: 2, crossEntropy: 75, error: 3 / 6, f1: 2 / 3.5 });
  });

  it('is finite for logits of any size', () => {
    expect(countReconstruction([1e4], [0]).crossEntropy).toBe(1e4);
    expect(countReconstruction([-1e4], [0]).crossEntropy).toBe(0);
  });

  it('is perfect where there are no edges and none are found; of no graphs there is none', () => {
    expect(scoreReconstruction([countReconstruction([-1, -1], [0, 0])])).toMatchObject({ error: 0, f1: 1 });
    expect(() => scoreReconstruction([])).toThrow('at least one graph');
  });
});

describe.each(engines)('autoencoder on $name', ({ start, tolerance }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.close());

  const freshModel = (model: AutoencoderModelName) => new GraphAutoencoder(engine, tiny(model));

  /** Embeddings [N, 8] and logits [E] of a graph, with given noise. */
  const reconstruct = (model: GraphAutoencoder, graph: UndirectedGraph, x?: Float64Array) => {
    const batch = prepareGraphs([graph], { embedding: 8, noisyFeatures: false }, [3]);
    const inputs = { ...batch.inputs, x: { ...batch.inputs.x, values: x ?? batch.inputs.x.values } };
    const read = engine.step(() =>
      engine.withoutGradient(() => {
        const z = model.encode(batchTensors(engine, { ...batch, inputs }));
        return Promise.all([z.read(), model.decode(batch.graph, z).read()]);
      }),
    );
    return read.then(([z, logits]) => ({ x: inputs.x.values as Float64Array, z, logits }));
  };

  it('decodes -0.1 d^2 + 1 at first, with the gradients of that', async () => {
    const model = freshModel('egnn');
    const graph = Graph.complete(2);
    const [loss, dz] = await engine.step(() => {
      const { nodes, edges } = engine.graph(graph);
      const z = engine.tensor([0, 0, 3, 4], nodes, 2, { requiresGradient: true });
      const total = binaryCrossEntropy(model.decode(graph, z), engine.tensor([1, 0], edges, 1), 'sum');
      engine.backward(total);
      return Promise.all([total.read(), z.readGradient()]);
    });
    const p = 1 / (1 + Math.exp(1.5));
    expect(loss[0]).toBeCloseTo(-Math.log(p) - Math.log(1 - p), 5);
    // dLoss/dLogit is p - A for each of the two ordered pairs, and dLogit/dz_i is 2 w (z_i - z_j).
    const both = 2 * p - 1;
    for (const [k, direction] of [-3, -4, 3, 4].entries())
      expect(dz[k]).toBeCloseTo(both * 2 * -0.1 * direction, 5);
    const gradient = async (name: string) =>
      (await [...model.parameters].find((parameter) => parameter.name === name)!.tensor.readGradient())[0];
    expect(await gradient('w')).toBeCloseTo(25 * both, 4);
    expect(await gradient('b')).toBeCloseTo(both, 5);
  });

  it.each(['egnn', 'radial-field'] as const)(
    '%s turns with its noise; what it decodes stays',
    async (name) => {
      const { task } = await runAutoencoder(engine, tiny(name, { epochs: 4, learningRate: 1e-2 }), few);
      const graph = few.test[0];
      const turn = randomOrthogonal(8, new Draw(5));
      const turned = (points: ArrayLike<number>) =>
        Float64Array.from(points, (_, k) => {
          const first = k - (k % 8);
          return turn[k % 8].reduce((sum, q, c) => sum + q * points[first + c], 0);
        });
      const before = await reconstruct(task.model, graph);
      const after = await reconstruct(task.model, graph, turned(before.x));
      const far = (a: ArrayLike<number>, b: ArrayLike<number>) =>
        Math.max(...Array.from(a, (value, k) => Math.abs(value - b[k])));
      expect(far(after.z, turned(before.z))).toBeLessThan(1e4 * tolerance);
      expect(far(after.logits, before.logits)).toBeLessThan(1e4 * tolerance);
      expect(far(before.z, before.x)).toBeGreaterThan(0.1);
      // The decay pulls to the origin, wherever that is.
      const shifted = await reconstruct(
        task.model,
        graph,
        before.x.map((value) => value + 100),
      );
      expect(
        far(
          shifted.z,
          before.z.map((value) => value + 100 * 0.999 ** 2),
        ),
      ).toBeLessThan(0.01);
      expect(
        far(
          shifted.z,
          before.z.map((value) => value + 100),
        ),
      ).toBeGreaterThan(0.1);
    },
  );

  it('without noise, nodes that look alike are embedded alike', async () => {
    const { z, logits } = await reconstruct(freshModel('gnn'), ring(6));
    for (const [k, value] of z.entries()) expect(value).toBeCloseTo(z[k % 8], 5);
    for (const logit of logits) expect(logit).toBeCloseTo(logits[0], 5);
  });

  it.each([
    ['egnn', 0.9],
    ['gnn', 0.92],
    ['noise-gnn', 0.95],
    ['radial-field', 0.85],
  ] as const)(
    '%s learns: the loss falls to %d of what it was, and the cross-entropy on new graphs with it',
    async (model, bound) => {
      const before = await new AutoencoderTask(engine, tiny(model), few).test();
      const losses: number[] = [];
      const events = { onEpoch: ({ loss }: { loss: number }) => losses.push(loss) };
      const { task, result } = await runAutoencoder(engine, tiny(model), few, { events });
      expect(result.status).toBe('finished');
      expect(losses.at(-1)).toBeLessThan(bound * losses[0]);
      expect(result.test!.all.crossEntropy).toBeLessThan(before.all.crossEntropy);
      expect(result.test!.all.graphs).toBe(12);
      expect(result.test!.unseen!.graphs).toBe(10);
      expect(await task.validate()).toBe(result.validation);
    },
  );

  it.each([1, 5])('batches of %i: interrupted and resumed, it ends with the same bits', async (batchSize) => {
    const path = mkdtempSync(join(tmpdir(), 'egnn-autoencoder-'));
    try {
      const settings = tiny('egnn', { epochs: 3, batchSize, ema: 0.9 });
      const whole = await RunFolder.create(join(path, 'whole'), settings);
      const expected = await runAutoencoder(engine, settings, few, { folder: whole });

      const parts = await RunFolder.create(join(path, 'parts'), settings);
      const stop = new AbortController();
      const batch = AutoencoderTask.prototype.batch;
      let steps = 0;
      AutoencoderTask.prototype.batch = function (samples) {
        if (++steps === expected.result.step / 3 + 2) stop.abort();
        return batch.call(this, samples);
      };
      const context = { folder: parts, signal: stop.signal };
      const half = await runAutoencoder(engine, settings, few, context).finally(() => {
        AutoencoderTask.prototype.batch = batch;
      });
      expect([half.result.status, half.result.step, half.result.test]).toEqual([
        'interrupted',
        expected.result.step / 3 + 2,
        undefined,
      ]);
      const found = await runAutoencoder(engine, settings, few, { folder: parts, resume: true });
      expect({ ...found.result, seconds: 0 }).toEqual({ ...expected.result, seconds: 0 });
      for (const name of ['best.safetensors', 'last.safetensors'])
        expect(readFileSync(join(parts.path, name)).equals(readFileSync(join(whole.path, name)))).toBe(true);
      const checkpoints = [await parts.readCheckpoint(), await whole.readCheckpoint()];
      expect(checkpoints[0]!.tensors).toEqual(checkpoints[1]!.tensors);
    } finally {
      rmSync(path, { recursive: true });
    }
  });
});

it('the EGNN finds most edges after 3,000 steps', async () => {
  const engine = await startEngine({ threads: 1 });
  const settings = tiny('egnn', { hidden: 32, layers: 4, samples: 3_000, epochs: 1, learningRate: 2e-3 });
  const { result } = await runAutoencoder(engine, settings, all);
  expect(result.test!.all.error).toBeLessThan(0.15);
  expect(result.test!.all.f1).toBeGreaterThan(0.65);
  engine.close();
});

describe('learning by heart', () => {
  it.each([0.1, 0.4])(
    'tests on the graphs trained on, with %f of the pairs as edges',
    async (edgeProbability) => {
      const graphs = autoencoderGraphs({ dataset: 'overfit', edgeProbability });
      expect(graphs.test).toEqual(graphs.train);
      const edges = graphs.train.reduce((sum, graph) => sum + graph.edges.length / 2, 0);
      const pairs = graphs.train.reduce((sum, { nodes }) => sum + (nodes * (nodes - 1)) / 2, 0);
      expect(edges / pairs).toBeCloseTo(edgeProbability, 1);
      const engine = await engines[0].start();
      const settings = tiny('radial-field', {
        dataset: 'overfit',
        edgeProbability,
        epochs: 1,
        hidden: 4,
        samples: 100,
      });
      const { step, test } = (await runAutoencoder(engine, settings, graphs)).result;
      expect([step, test!.all.graphs, test!.unseen]).toEqual([100, 100, undefined]);
      expect(test!.all.crossEntropy).toBeGreaterThan(0);
      engine.close();
    },
  );
});
