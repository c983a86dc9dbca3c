// The N-body task on a few trajectories: what the models are given, what they are, and that they learn.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateNBody, type NBodyData, sliceSplit } from '../../src/data/nbody/index.ts';
import { Graph } from '../../src/graph/graph.ts';
import { MersenneTwister } from '../../src/random/mersenne-twister.ts';
import { measureEquivariance } from '../../src/tasks/equivariance.ts';
import { NBodyTask } from '../../src/tasks/nbody.ts';
import { prepareInputs, selectTrajectories } from '../../src/tasks/nbody-inputs.ts';
import { createNBodyModel, nbodyModels } from '../../src/tasks/nbody-models.ts';
import { runNBody } from '../../src/tasks/nbody-run.ts';
import { longRecipes, type NBodySettings, shortRecipes } from '../../src/tasks/nbody-settings.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { RunFolder } from '../../src/train/run-folder.ts';
import { engines } from '../support/engines.ts';

let data: NBodyData;
beforeAll(async () => {
  const all = await generateNBody(64, new MersenneTwister(43));
  data = { train: sliceSplit(all, 0, 24), valid: sliceSplit(all, 24, 44), test: sliceSplit(all, 44, 64) };
});

const tiny = (model: NBodySettings['model'], changes: Partial<NBodySettings> = {}): NBodySettings => ({
  ...shortRecipes[model],
  samples: 24,
  batchSize: 10,
  epochs: 3,
  hidden: 16,
  layers: 2,
  validateEvery: 1,
  ...changes,
});

describe('prepareInputs', () => {
  it('gives speeds, charge products and squared distances in the edge order of a complete graph', () => {
    const { train } = data;
    const inputs = prepareInputs(train);
    const graph = Graph.complete(new Int32Array(train.count).fill(5));
    for (let edge = 0; edge < graph.edgeCount; edge += 7) {
      const [i, j] = [graph.receivers[edge], graph.senders[edge]];
      const product = train.charges[i] * train.charges[j];
      expect(inputs.chargeProducts[edge]).toBe(product);
      expect(inputs.pairAttributes[2 * edge]).toBe(product);
      const distance = Math.hypot(
        ...[0, 1, 2].map((k) => train.positions[3 * i + k] - train.positions[3 * j + k]),
      );
      expect(inputs.pairAttributes[2 * edge + 1]).toBeCloseTo(distance ** 2, 4);
    }
    const v = train.velocities.subarray(9, 12);
    expect(inputs.speeds[3]).toBeCloseTo(Math.hypot(...v), 6);
  });

  it('a selection is what preparing the selected trajectories gives', () => {
    const selected = selectTrajectories(prepareInputs(data.train), [3, 0, 3]);
    const last = selectTrajectories(prepareInputs(sliceSplit(data.train, 3, 4)), [0]);
    expect(selected.graph.graphCount).toBe(3);
    const values = ({ inputs }: typeof selected, name: keyof typeof inputs) =>
      inputs[name].values as Float32Array;
    expect(values(selected, 'pairAttributes').subarray(80)).toEqual(values(last, 'pairAttributes'));
    expect(values(selected, 'target').subarray(30)).toEqual(values(last, 'target'));
  });
});

describe.each(engines)('N-body on $name', ({ start, tolerance }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.close());

  it.each([
    ['egnn', 134_020],
    ['gnn', 104_387],
    ['radial-field', 2_052],
    ['linear', 1],
  ] as const)('%s has as many parameters as in the authors code: %i', (model, count) => {
    expect(createNBodyModel(engine, shortRecipes[model]).model.parameterCount).toBe(count);
  });

  it.each(nbodyModels)(
    '%s learns, and its error is the mean squared error of its predictions',
    async (model) => {
      const before = await new NBodyTask(engine, tiny(model), data).validate();
      const { task, result } = await runNBody(engine, tiny(model, { epochs: 10, learningRate: 3e-4 }), data);
      expect(result.status).toBe('finished');
      expect(result.validation).toBeLessThan(before);
      const predicted = await task.predict(data.test);
      const squares = predicted.map((value, k) => (value - data.test.targets[k]) ** 2);
      const error = squares.reduce((a, b) => a + b) / squares.length;
      expect(Math.abs(result.test! - error)).toBeLessThan(100 * tolerance * error);
    },
  );

  it.each(['egnn', 'radial-field', 'linear'] as const)('%s is equivariant', async (model) => {
    const { task } = await runNBody(engine, tiny(model), data);
    const errors = await measureEquivariance((split) => task.predict(split), data.test);
    // The positions enter as float32, which bounds what even the float64 reference can show.
    for (const error of Object.values(errors)) expect(error).toBeLessThan(1e-5);
  });

  it('the GNN is not equivariant, but for permutations', async () => {
    const { task } = await runNBody(engine, tiny('gnn', { epochs: 10 }), data);
    const { permutation, ...others } = await measureEquivariance((split) => task.predict(split), data.test);
    expect(permutation).toBeLessThan(1e-5);
    for (const error of Object.values(others)) expect(error).toBeGreaterThan(1e-2);
  });

  it('interrupted in the middle of an epoch and resumed, the EGNN ends with the same bits', async () => {
    const path = mkdtempSync(join(tmpdir(), 'egnn-nbody-'));
    try {
      const settings = tiny('egnn', { ema: 0.9, clip: 1 });
      const whole = await RunFolder.create(join(path, 'whole'), settings);
      const expected = await runNBody(engine, settings, data, { folder: whole });

      const parts = await RunFolder.create(join(path, 'parts'), settings);
      const controller = new AbortController();
      const events = { onEpoch: () => controller.abort() };
      const { result } = await runNBody(engine, settings, data, {
        folder: parts,
        signal: controller.signal,
        events,
      });
      expect([result.status, result.step, result.test]).toEqual(['interrupted', 3, undefined]);
      const found = await runNBody(engine, settings, data, { folder: parts, resume: true });
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

it('recipes train on what the paper trains on', () => {
  for (const recipe of Object.values(shortRecipes)) expect(recipe.samples).toBe(3_000);
  expect(longRecipes.map(({ samples }) => samples)).toEqual([3_000, 10_000]);
});
