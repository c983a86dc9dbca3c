// What `egnn start` shows, with recipes that take a moment.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { Reporter } from '../../src/cli/reporter.ts';
import { compareModels, order } from '../../src/cli/start.ts';
import { type NBodySettings, shortRecipes } from '../../src/tasks/nbody-settings.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'egnn-start-'));
  vi.stubEnv('EGNN_CACHE', join(folder, 'cache'));
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const recipes: NBodySettings[] = order.map((model) => ({
  ...shortRecipes[model],
  trajectories: [60, 20, 20],
  samples: 60,
  batchSize: 10,
  epochs: 2,
}));

async function show(mode: 'quiet' | 'json'): Promise<string> {
  let shown = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    shown += text;
    return true;
  });
  const reporter = new Reporter(mode);
  const { signal } = new AbortController();
  await compareModels(recipes, { out: join(folder, mode), engine: { threads: 1 }, reporter, signal });
  vi.restoreAllMocks();
  return shown;
}

it('shows the table of the paper, and the equivariance of each model', async () => {
  const shown = await show('quiet');
  expect(shown).toMatch(/model +test MSE here +in the paper +parameters +time\n/);
  const rows = [
    ...shown.matchAll(/^(Linear|GNN|Radial Field|EGNN) +[\d.]+ +([\d.]+) +([\d,]+) +[\d.]+ s$/gm),
  ];
  expect(rows.map(([, model, paper, parameters]) => [model, paper, parameters])).toEqual([
    ['Linear', '0.0819', '1'],
    ['GNN', '0.0107', '104,387'],
    ['Radial Field', '0.0104', '2,052'],
    ['EGNN', '0.0071', '134,020'],
  ]);
  expect(shown).toMatch(/largest relative error under +Linear +GNN +Radial Field +EGNN\n/);
  expect(shown).toMatch(/^rotation( +\d\.\de[+-]\d){4}$/m);
});

it('--json ends with one object that holds it all', async () => {
  const last = JSON.parse((await show('json')).trim().split('\n').at(-1)!);
  expect(last.results.map(({ model }: { model: string }) => model)).toEqual(order);
  expect(last.equivariance.gnn.rotation).toBeGreaterThan(1e-3);
  expect(last.equivariance.egnn.rotation).toBeLessThan(1e-5);
  expect(last.paper.egnn).toBe(0.0071);
});
