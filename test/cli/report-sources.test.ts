// What experiments tell their reports agrees with what they are tested by.
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { autoencoderReport } from '../../src/cli/autoencoder-report.ts';
import { qm9Report } from '../../src/cli/qm9-report.ts';
import { findQM9, type QM9, selectMolecules, TARGET_NAMES, targetValues } from '../../src/data/qm9/index.ts';
import { readSource } from '../../src/data/qm9/source.ts';
import { AutoencoderTask } from '../../src/tasks/autoencoder.ts';
import { autoencoderGraphs } from '../../src/tasks/autoencoder-graphs.ts';
import { overfitRecipe } from '../../src/tasks/autoencoder-settings.ts';
import { QM9Task } from '../../src/tasks/qm9.ts';
import { qm9Recipe } from '../../src/tasks/qm9-settings.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { reference } from '../support/engines.ts';

const NPZ = fileURLToPath(new URL('../fixtures/qm9/npz', import.meta.url));

let engine: Engine;
beforeAll(async () => {
  engine = await reference.start();
});
afterAll(() => engine.close());

describe('QM9', () => {
  let data: QM9;
  beforeAll(async () => {
    const set = await readSource(await findQM9(NPZ), {});
    const part = (first: number, end: number) =>
      selectMolecules(
        set,
        Array.from({ length: end - first }, (_, k) => first + k),
      );
    data = { train: part(0, 10), valid: part(8, 12), test: part(4, 14) };
  });
  const settingsOf = (target: 'all' | 'mu') => ({
    ...qm9Recipe('tiny', target),
    samples: 10,
    validationSamples: 4,
    hidden: 8,
    layers: 2,
  });

  it.each(['all', 'mu'] as const)('errors of %s are those of the test', async (target) => {
    const settings = settingsOf(target);
    const task = new QM9Task(engine, settings, data);
    const test = await task.test();
    const { regressions, worst, count, equivariance } = await qm9Report.measure(task, data, settings, {
      set: 'test',
    });
    expect(count).toBe(10);
    expect(regressions.map(({ name }) => name)).toEqual(target === 'all' ? TARGET_NAMES : ['mu']);
    for (const { name, meanAbsoluteError, truth } of regressions) {
      const key = name as keyof typeof test;
      expect(Math.abs(meanAbsoluteError / test[key]! - 1)).toBeLessThan(1e-4);
      for (const [row, value] of targetValues(data.test, key).entries())
        expect(Math.abs(truth[row] - value)).toBeLessThanOrEqual(1e-4 * Math.abs(value));
    }
    expect(worst).toHaveLength(8);
    for (const { name, drawing } of worst) {
      const row = data.test.index.indexOf(Number.parseInt(name, 10));
      expect(row).toBeGreaterThanOrEqual(0);
      const atoms = data.test.offsets[row + 1] - data.test.offsets[row];
      expect(drawing.kind === 'molecule' && drawing.atoms.length).toBe(atoms);
    }
    // float64, but positions are stored as float32 once they are turned.
    for (const { error } of equivariance!.errors) expect(error).toBeLessThan(1e-4);
  });

  it('fewer samples are fewer, of the validation set where it is asked for', async () => {
    const settings = settingsOf('mu');
    const task = new QM9Task(engine, settings, data);
    const measured = await qm9Report.measure(task, data, settings, { set: 'validation', most: 3 });
    expect([measured.set, measured.count]).toEqual(['validation set', 3]);
  });

  it('a model that is not invariant would be found out', async () => {
    const settings = settingsOf('mu');
    const task = new QM9Task(engine, settings, data);
    const cheating = Object.assign(Object.create(task), {
      spreads: task.spreads,
      predict: async ({ count, offsets, positions }: QM9['test']) =>
        Float64Array.from({ length: count }, (_, m) => positions[3 * offsets[m]]),
    });
    const { equivariance } = await qm9Report.measure(cheating, data, settings, { set: 'test' });
    for (const { error } of equivariance!.errors) expect(error).toBeGreaterThan(0.01);
  });
});

it('pairs of the autoencoder are counted as the test counts them', async () => {
  const settings = { ...overfitRecipe, hidden: 8, layers: 1, embedding: 4 };
  const graphs = autoencoderGraphs(settings);
  const task = new AutoencoderTask(engine, settings, graphs);
  const { all } = await task.test();
  const { reconstruction, worst, count } = await autoencoderReport.measure(task, graphs, settings, {
    set: 'test',
  });
  const pairs = [...reconstruction!.edges, ...reconstruction!.others].reduce((sum, bin) => sum + bin, 0);
  expect(count).toBe(100);
  expect(pairs).toBe(graphs.test.reduce((sum, { nodes }) => sum + (nodes * (nodes - 1)) / 2, 0));
  const scores = autoencoderReport.scores({ all, unseen: undefined }, settings);
  expect(scores.map(({ value }) => value)).toEqual([all.crossEntropy, 100 * all.error, all.f1]);
  const wrong = worst.map(({ drawing }) =>
    drawing.kind === 'graph' ? drawing.missed.length + drawing.invented.length : 0,
  );
  expect(wrong).toEqual(wrong.toSorted((a, b) => b - a));
  expect(Math.min(...wrong)).toBeGreaterThan(0);
});
