// `egnn train autoencoder` as built, from settings to scores. Skipped when dist/ is not built.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const COMMAND = fileURLToPath(new URL('../../dist/cli/autoencoder-experiment.js', import.meta.url));
const TINY = ['--hidden', '8', '--layers', '1', '--samples', '50', '--epochs', '2'];

describe.skipIf(!existsSync(COMMAND))('egnn train autoencoder (skipped when dist/ is not built)', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'egnn-autoencoder-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const egnn = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };

  it('trains on one thread, and evaluates to the same scores beside the paper', () => {
    const trained = egnn('train', 'autoencoder', ...TINY, '--quiet');
    expect(trained.status).toBe(0);
    expect(trained.stdout).toMatch(
      /^community, egnn +graphs +cross-entropy +% wrong +F1\n.*\ntest +500 .*\nnot seen in training +\d+ .*\npaper +500 +2\.14 +0\.060 +0\.9990\n/,
    );
    const run = 'runs/autoencoder-community-egnn';
    const { threads, dataset } = JSON.parse(readFileSync(join(folder, run, 'config.json'), 'utf8'));
    expect([threads, dataset]).toEqual([1, 'community']);
    const evaluated = egnn('evaluate', run, '--threads', '1');
    const table = (text: string) => text.slice(0, text.indexOf('\n\n'));
    expect(table(evaluated.stdout)).toBe(table(trained.stdout));
    expect(egnn('train', 'autoencoder', '--resume', run).stdout).toBe(trained.stdout);
  });

  it('reproduces a table, and does not train again what is there', () => {
    const options = ['--table', 'embedding', '--epochs', '1', '--samples', '20', '--out', 'table'];
    const first = egnn('reproduce', 'autoencoder', ...options, '--quiet');
    expect(first.status).toBe(0);
    const table = first.stdout.slice(first.stdout.lastIndexOf('graphs  '));
    expect(
      table
        .trim()
        .split('\n')
        .slice(2)
        .map((line) => line.split(/ +/).slice(0, 3)),
    ).toEqual([
      ['community', 'egnn', '8'],
      ['community', 'egnn', '4'],
      ['community', 'egnn', '2'],
      ['erdos-renyi', 'egnn', '8'],
      ['erdos-renyi', 'egnn', '4'],
      ['erdos-renyi', 'egnn', '2'],
    ]);
    rmSync(join(folder, 'table', 'erdos-renyi-2'), { recursive: true });
    const weights = () => statSync(join(folder, 'table', 'community-8', 'best.safetensors')).mtimeMs;
    const written = weights();
    const second = egnn('reproduce', 'autoencoder', ...options, '--json');
    expect(
      second.stdout.split('\n').filter((line) => line.includes('"epoch":1,"step":20,"loss"')),
    ).toHaveLength(1);
    expect(JSON.parse(second.stdout.trim().split('\n').at(-1)!).results).toHaveLength(6);
    expect(weights()).toBe(written);
    const other = egnn('reproduce', 'autoencoder', ...options, '--seed', '2');
    expect([other.status, other.stderr]).toEqual([
      2,
      expect.stringContaining('holds a run with other settings; choose another --out'),
    ]);
  });

  it('trains on 100 graphs and is tested on them', () => {
    const options = ['--dataset', 'overfit', '--edge-probability', '0.4', '--model', 'radial-field'];
    const { stdout, status } = egnn(
      'train',
      'autoencoder',
      ...options,
      ...TINY,
      '--samples',
      '100',
      '--json',
    );
    expect(status).toBe(0);
    const { dataset, model, test } = JSON.parse(stdout.trim().split('\n').at(-1)!);
    expect([dataset, model, test.all.graphs, test.unseen]).toEqual([
      'overfit',
      'radial-field',
      100,
      undefined,
    ]);
  });

  it.each([
    [['--dataset', 'trees'], 'dataset: Invalid option: expected one of "community"|"erdos-renyi"|"overfit"'],
    [['--samples', '5001'], 'samples: Too big'],
    [
      ['--dataset', 'overfit', '--samples', '101'],
      'samples must be at most 100 in --dataset overfit; got 101',
    ],
    [['--edge-probability', '1.5'], 'edgeProbability: Too big'],
  ])('wrong usage %j says what is wrong and exits with 2', (args, message) => {
    const { status, stderr } = egnn('train', 'autoencoder', ...args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});
