// The QM9 task on fourteen molecules: what the network is given, that it learns, and what a run leaves behind.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  findQM9,
  type MoleculeSet,
  moleculeSizes,
  type QM9,
  QM9_TARGETS,
  selectMolecules,
  spreadOf,
  TARGET_NAMES,
  type TargetName,
  targetValues,
} from '../../src/data/qm9/index.ts';
import { readSource } from '../../src/data/qm9/source.ts';
import { readNpz } from '../../src/formats/index.ts';
import { checkModelConfig, LoadedModel } from '../../src/models/index.ts';
import { MersenneTwister } from '../../src/random/mersenne-twister.ts';
import { QM9Task } from '../../src/tasks/qm9.ts';
import { prepareMolecules, selectInputs, type TargetSpreads } from '../../src/tasks/qm9-inputs.ts';
import { runQM9 } from '../../src/tasks/qm9-run.ts';
import { type QM9Settings, qm9Presets, qm9Recipe } from '../../src/tasks/qm9-settings.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { RunFolder } from '../../src/train/run-folder.ts';
import { engines, reference } from '../support/engines.ts';

const NPZ = fileURLToPath(new URL('../fixtures/qm9/npz', import.meta.url));

let set: MoleculeSet;
let data: QM9;
let spreads: TargetSpreads;
beforeAll(async () => {
  set = await readSource(await findQM9(NPZ), {});
  const part = (first: number, end: number) =>
    selectMolecules(
      set,
      Array.from({ length: end - first }, (_, k) => first + k),
    );
  data = { train: part(0, 10), valid: part(8, 12), test: part(4, 14) };
  spreads = new Map(TARGET_NAMES.map((name) => [name, spreadOf(targetValues(set, name))]));
});

const tiny = (changes: Partial<QM9Settings> = {}): QM9Settings => ({
  ...qm9Recipe('tiny'),
  samples: 10,
  validationSamples: 4,
  batchSize: 4,
  epochs: 3,
  hidden: 16,
  layers: 2,
  ema: 0.9,
  ...changes,
});

describe('molecules as inputs', () => {
  it('a batch is what preparing its molecules alone gives', () => {
    const inputs = prepareMolecules(set, spreads);
    fc.assert(
      fc.property(fc.array(fc.nat(set.count - 1), { minLength: 1, maxLength: 40 }), (rows) => {
        const alone = selectMolecules(set, rows);
        const { features, positions, targets } = prepareMolecules(alone, spreads);
        const { graph, inputs: batch } = selectInputs(inputs, rows);
        expect(batch.h.values).toEqual(features);
        expect(batch.x.values).toEqual(positions);
        expect(batch.target.values).toEqual(targets);
        expect(graph.kind).toBe('complete');
        expect(graph.nodeOffsets).toEqual(alone.offsets);
      }),
    );
  });

  it("targets are normalised by the authors' formulas", () => {
    const parts = ['train', 'valid', 'test'].map((name) =>
      readNpz(readFileSync(join(NPZ, `qm9_${name}.npz`))),
    );
    const column = (name: string) => parts.flatMap((arrays) => Array.from(arrays[name].data, Number));
    // The files are the parts of a split; the set is ordered by number.
    const number = column('index');
    const order = number.map((_, k) => k).sort((a, b) => number[a] - number[b]);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const { targets } = prepareMolecules(set, spreads);
    for (const [k, name] of TARGET_NAMES.entries()) {
      const thermo = ['U0', 'U', 'H', 'G', 'Cv'].includes(name) ? column(`${name}_thermo`) : undefined;
      const unit = ['homo', 'lumo', 'gap', 'zpve', 'U0', 'U', 'H', 'G'].includes(name) ? 27.2114 * 1000 : 1;
      const values = column(name).map((value, m) => (value - (thermo?.[m] ?? 0)) * unit);
      const meann = mean(values);
      const mad = mean(values.map((value) => Math.abs(value - meann)));
      for (const [row, m] of order.entries())
        expect(Math.abs(targets[12 * row + k] - (values[m] - meann) / mad), name).toBeLessThan(2e-4);
    }
  });

  it('batches hold every molecule once, and cost about the same', async () => {
    const engine = await reference.start();
    const task = new QM9Task(engine, tiny(), data);
    const batches = task.batches(4, new MersenneTwister(1));
    expect(batches.flatMap((batch) => [...batch]).sort((a, b) => a - b)).toEqual([...Array(10).keys()]);
    const sizes = moleculeSizes(data.train);
    const molecules = batches.map((batch) => batch.length);
    expect(Math.max(...molecules) - Math.min(...molecules)).toBeLessThanOrEqual(1);
    for (const batch of batches) {
      const { graph } = task.batch(batch);
      expect(graph.nodeCount).toBe(batch.reduce((sum, m) => sum + sizes[m], 0));
    }
    engine.close();
  });
});

describe.each(engines)('QM9 on $name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.close());

  it('learns twelve targets at once: the loss falls to a fifth', async () => {
    const settings = tiny({ epochs: 100, learningRate: 1e-2, hidden: 24, validateEvery: 50 });
    const seen = { ...data, valid: data.train };
    const task = new QM9Task(engine, settings, seen);
    const before = await task.validate();
    const { result } = await runQM9(engine, { ...settings, validationSamples: 10 }, seen);
    expect(result.status).toBe('finished');
    expect(result.validation).toBeLessThan(before / 5);
  });

  it('learns one target', async () => {
    const seen = { ...data, valid: data.train, test: data.train };
    const settings = tiny({ target: 'mu', epochs: 80, learningRate: 1e-2, validationSamples: 10 });
    const { task, result } = await runQM9(engine, settings, seen);
    expect(task.model.config.readout).toEqual({ outputs: 1 });
    expect(Object.keys(result.test!)).toEqual(['mu']);
    expect(result.test!.mu!).toBeLessThan(0.5);
    expect(result.test!.mu!).toBeCloseTo(
      result.validation! * spreadOf(data.train.targets.mu).meanAbsoluteDeviation,
      5,
    );
  });

  it("a run's model gives the file's units: its errors are the run's", async () => {
    const path = mkdtempSync(join(tmpdir(), 'egnn-qm9-'));
    try {
      const folder = await RunFolder.create(path, {});
      const { result } = await runQM9(engine, tiny({ epochs: 30, learningRate: 1e-2 }), data, { folder });
      const config = checkModelConfig(await folder.readModel());
      const model = new LoadedModel(engine, { config, state: await folder.readWeights('best') });
      const { count, offsets, numbers, positions, targets } = data.test;
      const predictions = await model.predictMolecules(
        Array.from({ length: count }, (_, m) => ({
          numbers: numbers.subarray(offsets[m], offsets[m + 1]),
          positions: positions.subarray(3 * offsets[m], 3 * offsets[m + 1]),
        })),
      );
      for (const { name, unit, testError } of config.outputs!) {
        const target = name as TargetName;
        const { factor, fileUnit } = QM9_TARGETS[target];
        const errors = predictions.map(({ values }, m) => Math.abs(values[name] - targets[target][m]));
        const found = errors.reduce((sum, error) => sum + error, 0) / count;
        expect(unit).toBe(fileUnit);
        expect(Math.abs(found / testError! - 1), name).toBeLessThan(1e-3);
        expect(testError! * factor).toBeCloseTo(result.test![target]!, 6);
      }
    } finally {
      rmSync(path, { recursive: true });
    }
  });

  it.each([1, 2, 4])('interrupted after %i steps and resumed, ends with the same bits', async (steps) => {
    const path = mkdtempSync(join(tmpdir(), 'egnn-qm9-'));
    try {
      const settings = tiny();
      const whole = await RunFolder.create(join(path, 'whole'), settings);
      const expected = await runQM9(engine, settings, data, { folder: whole });

      const parts = await RunFolder.create(join(path, 'parts'), settings);
      const controller = new AbortController();
      const batch = QM9Task.prototype.batch;
      let batches = 0;
      QM9Task.prototype.batch = function (samples) {
        if (++batches === steps) controller.abort();
        return batch.call(this, samples);
      };
      const { result } = await runQM9(engine, settings, data, {
        folder: parts,
        signal: controller.signal,
      }).finally(() => {
        QM9Task.prototype.batch = batch;
      });
      expect([result.status, result.step, result.test]).toEqual(['interrupted', steps, undefined]);

      const found = await runQM9(engine, settings, data, { folder: parts, resume: true });
      expect({ ...found.result, seconds: 0 }).toEqual({ ...expected.result, seconds: 0 });
      for (const name of ['best.safetensors', 'last.safetensors', 'model.json'])
        expect(readFileSync(join(parts.path, name)).equals(readFileSync(join(whole.path, name)))).toBe(true);
      const checkpoints = [await parts.readCheckpoint(), await whole.readCheckpoint()];
      expect(checkpoints[0]!.tensors).toEqual(checkpoints[1]!.tensors);
    } finally {
      rmSync(path, { recursive: true });
    }
  });
});

it("the paper's preset is the paper's model and recipe", async () => {
  const engine = await reference.start();
  const settings = qm9Recipe('paper', 'mu');
  const { model } = new QM9Task(engine, { ...settings, samples: 10, validationSamples: 4 }, data);
  expect(model.parameterCount).toBe(745_224);
  expect([...model.parameters].map(({ name }) => name)).toEqual([
    'embedding.weight',
    'embedding.bias',
    ...Array.from({ length: 7 }, (_, layer) =>
      ['edge_mlp.0', 'edge_mlp.2', 'node_mlp.0', 'node_mlp.2', 'att_mlp.0'].flatMap((part) => [
        `gcl_${layer}.${part}.weight`,
        `gcl_${layer}.${part}.bias`,
      ]),
    ).flat(),
    ...['node_dec.0', 'node_dec.2', 'graph_dec.0', 'graph_dec.2'].flatMap((part) => [
      `${part}.weight`,
      `${part}.bias`,
    ]),
  ]);
  expect(settings).toMatchObject({ batchSize: 96, learningRate: 5e-4, weightDecay: 1e-16, epochs: 1000 });
  expect(qm9Recipe('paper', 'gap').learningRate).toBe(1e-3);
  for (const preset of qm9Presets)
    expect(qm9Recipe(preset)).toMatchObject({ preset, target: 'all', samples: 100_000 });
  engine.close();
});

it('fewer molecules are spread over the split, and more than there are is an error', async () => {
  const engine = await reference.start();
  const task = new QM9Task(engine, tiny({ samples: 5 }), data);
  expect(task.sampleCount).toBe(5);
  const some = selectMolecules(data.train, [0, 2, 4, 6, 8]);
  expect(task.spreads.get('homo')).toEqual(spreadOf(targetValues(some, 'homo')));
  expect(() => new QM9Task(engine, tiny({ samples: 11 }), data)).toThrow(
    '11 molecules are more than the 10 that there are',
  );
  engine.close();
});
