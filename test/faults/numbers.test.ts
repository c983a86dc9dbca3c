// Numbers that run away: an error that names the layer and the largest values, never a NaN that goes unnoticed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateNBody } from '../../src/data/nbody/index.ts';
import {
  affine,
  EGNN,
  type EGNNConfig,
  type Engine,
  Graph,
  MersenneTwister,
  mean,
  square,
} from '../../src/index.ts';
import { LoadedModel } from '../../src/models/index.ts';
import { NBodyTask } from '../../src/tasks/nbody.ts';
import type { NBodyModelName } from '../../src/tasks/nbody-models.ts';
import { type NBodySettings, shortRecipes } from '../../src/tasks/nbody-settings.ts';
import { trainingOptions } from '../../src/tasks/training-settings.ts';
import { NonFiniteError, RunFolder, type Task, train } from '../../src/train/index.ts';
import { engines } from '../support/engines.ts';

/** What, at which step, in which layer, and how large. */
const RAN_AWAY =
  /^the (loss|length of the gradient|validation error) is (NaN|-?Infinity) at step \d+; the (first numbers that are not finite come from|gradient is largest in) \S+; largest .*gcl_0 \d\S+, gcl_1 \d/;
const TOO_LARGE =
  /^the loss has run away: \S+ in epoch 1, up to step 3, more than 1,000 times that of the first step; largest finite values: .*gcl_0 \d\S+, gcl_1 .* lower learning rate$/;

describe.each(engines.slice(0, 3))('$name: numbers that run away', ({ start }) => {
  let engine: Engine;
  let folder: string;
  beforeAll(async () => {
    engine = await start();
    folder = mkdtempSync(join(tmpdir(), 'egnn-numbers-'));
  });
  afterAll(() => {
    engine.close();
    rmSync(folder, { recursive: true });
  });

  const settingsOf = (model: NBodyModelName, clip: number) => ({
    ...shortRecipes[model],
    ...{
      hidden: 8,
      layers: 2,
      samples: 30,
      batchSize: 10,
      epochs: 30,
      validateEvery: 1,
      patience: 0,
      learningRate: 100,
      clip,
    },
  });

  it.each([0, 1])(
    'a learning rate of 100 with clip %i ends with layer, step and largest values',
    async (clip) => {
      const all = await generateNBody(30, new MersenneTwister(1), { threads: 1 });
      const settings = settingsOf('egnn', clip);
      const task = new NBodyTask(engine, settings, { train: all, valid: all, test: all });
      const run = await RunFolder.create(join(folder, `run${clip}`), {});
      const notices: string[] = [];
      const events = { onNotice: (line: string) => notices.push(line) };
      const outcome = await train(task, trainingOptions(settings), { folder: run, events }).catch(
        (caught: unknown) => caught,
      );
      if (engine.backend.precision === 'float32') {
        expect(outcome).toBeInstanceOf(NonFiniteError);
        expect((outcome as Error).message).toMatch(RAN_AWAY);
        // Doubles have room for it.
      } else expect(notices).toEqual([expect.stringMatching(TOO_LARGE)]);
      const { tensors } = (await run.readCheckpoint())!;
      for (const values of Object.values(tensors)) expect(values.every(Number.isFinite)).toBe(true);
    },
  );

  it.each([0, 1])('a gradient that runs away before the loss is named too, with clip %i', async (clip) => {
    const all = await generateNBody(30, new MersenneTwister(1), { threads: 1 });
    const settings = { ...settingsOf('egnn', clip), epochs: 1, learningRate: 1e-3 };
    const task = new NBodyTask(engine, settings, { train: all, valid: all, test: all });
    const { loss } = task;
    task.loss = (batch) => affine(loss.call(task, batch), 1e30, 0);
    const outcome = await train(task, trainingOptions(settings)).catch((caught: unknown) => caught);
    if (engine.backend.precision === 'float64') return expect(outcome).toMatchObject({ step: 3 });
    expect((outcome as Error).message).toMatch(
      /^the length of the gradient is Infinity at step 1; the gradient is largest in \S+; largest gradients: embedding \d\S+, gcl_0 .*; largest finite values: embedding \d\S+, gcl_0 /,
    );
  });

  it('a loss that runs away and stays finite is a warning with layer, step and largest values', async () => {
    const all = await generateNBody(30, new MersenneTwister(1), { threads: 1 });
    const notices = async (changes: Partial<NBodySettings>) => {
      const lines: string[] = [];
      const settings = { ...settingsOf('radial-field', 0.3), epochs: 5, ...changes };
      const task = new NBodyTask(engine, settings, { train: all, valid: all, test: all });
      await train(task, trainingOptions(settings), { events: { onNotice: (line) => lines.push(line) } });
      return lines;
    };
    expect(await notices({})).toEqual([expect.stringMatching(TOO_LARGE)]);
    expect(await notices({ learningRate: 2e-3 })).toEqual([]);
  });

  it('no checkpoint holds a NaN that came with the last step', async () => {
    const all = await generateNBody(10, new MersenneTwister(1), { threads: 1 });
    const settings = { ...shortRecipes.egnn, hidden: 8, layers: 1, samples: 10, batchSize: 10, epochs: 1 };
    const task = new NBodyTask(engine, settings, { train: all, valid: all, test: all });
    task.validate = async () => {
      const broken = await task.model.parameters.read();
      broken[3] = Number.NaN;
      task.model.parameters.write(broken);
      return 1;
    };
    const run = await RunFolder.create(join(folder, 'last'), {});
    const options = { ...trainingOptions(settings), averageDecay: 0 };
    await expect(train(task, options, { folder: run })).rejects.toThrow(
      /^a number of parameters, of embedding\.weight, is NaN at step 1; the first numbers .* from embedding; largest/,
    );
    expect((await run.readCheckpoint<{ step: number }>())!.state.step).toBe(0);
  });

  it('coincident points, normalised, give finite predictions and forces', async () => {
    const model = new EGNN(engine, {
      inputFeatures: 1,
      normalize: true,
      layers: 3,
      hiddenFeatures: 8,
      seed: 1,
    });
    const { h, x } = await model.predict({
      X: [[1], [2], [3]],
      C: [
        [1, 2, 3],
        [1, 2, 3],
        [1, 2, 3],
      ],
    });
    for (const values of [h!, x]) expect(values.every(Number.isFinite)).toBe(true);
  });

  it('coincident points, normalised, are trained on; where that divides by 0, the layer is named', async () => {
    const graph = Graph.complete([3]);
    const attempt = (normalize: EGNNConfig['normalize']) => {
      const model = new EGNN(engine, { inputFeatures: 1, hiddenFeatures: 8, layers: 2, seed: 1, normalize });
      const points = { rows: 'nodes', columns: 3, values: [1, 2, 3, 1, 2, 3, 0, 0, 1] } as const;
      const task: Task<'h' | 'x'> = {
        model,
        sampleCount: 1,
        batch: () => ({ graph, inputs: { h: { rows: 'nodes', columns: 1, values: [1, 2, 3] }, x: points } }),
        loss: ({ inputs: { h, x } }) => mean(square(model.forward({ graph, h, x }).x!)),
        validate: async () => 1,
      };
      return train(task, { ...trainingOptions(settingsOf('egnn', 0)), learningRate: 1e-3 });
    };
    expect(await attempt(true)).toMatchObject({ step: 30 });
    await expect(attempt({ detached: false, epsilon: 0, constant: 0 })).rejects.toThrow(
      /^the (loss|length of the gradient) is NaN at step 1; .* gcl_\d; largest .*gcl_0 \d/,
    );
  });

  it('a model of ten nodes fed a thousand says where its numbers end, instead of giving them', async () => {
    const large = {
      inputFeatures: 1,
      layers: 12,
      hiddenFeatures: 8,
      coordinateWeight: 1e4,
      residual: true,
      seed: 1,
    };
    const model = new EGNN(engine, large);
    const random = new MersenneTwister(1);
    const input = (nodes: number) => ({
      X: Array.from({ length: nodes }, () => [1]),
      C: Array.from({ length: nodes }, () => [random.randn(), random.randn(), random.randn()]),
    });
    const outcome = await model.predict({ ...input(1000) }).catch((error: Error) => error);
    if (engine.backend.precision === 'float32' || outcome instanceof Error) {
      expect(outcome).toBeInstanceOf(RangeError);
      expect((outcome as Error).message).toMatch(
        /^the prediction is not finite: number \d+ of [hx] is \S+; the first numbers .* come from gcl_\d+; largest finite values: .*gcl_0 .* mean aggregation$/,
      );
    } else for (const values of [outcome.h!, outcome.x]) expect(values.every(Number.isFinite)).toBe(true);
    // The engine goes on.
    const small = new EGNN(engine, { inputFeatures: 1, seed: 1 });
    expect((await small.predict(input(10))).x.every(Number.isFinite)).toBe(true);
  });

  it('a configuration that scales a prediction out of all bounds is named', async () => {
    const network = {
      kind: 'egnn',
      inputFeatures: 1,
      hiddenFeatures: 4,
      readout: { outputs: 1 },
      seed: 1,
    } as const;
    const { kind: _, ...options } = network;
    const state = await new EGNN(engine, options).stateDict();
    const model = new LoadedModel(engine, {
      config: {
        format: 'egnn-model',
        version: 1,
        network,
        edges: 'complete',
        atoms: { elements: ['H'], chargePowers: [0], maximumCharge: 1 },
        outputs: [
          { name: 'energy', mean: Number.MAX_VALUE, scale: Number.MAX_VALUE, atomReferences: { H: 1.7e308 } },
        ],
      },
      state,
    });
    const atoms = { numbers: [1, 1], positions: [0, 0, 0, 1, 0, 0] };
    await expect(model.predictMolecules([atoms])).rejects.toThrow(/^molecule 1: energy is -?Infinity, from/);
  });
});
