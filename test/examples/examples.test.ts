/** @file The programs in examples/ run, and print what they promise. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../../examples', import.meta.url));
const runExample = async (name: string, ...args: string[]) =>
  (await promisify(execFile)(process.execPath, [`${folder}/${name}.mjs`, ...args], { timeout: 55_000 }))
    .stdout;
const paragraph = fileURLToPath(new URL('../../../shared/data/checkpoints/paragraph/', import.meta.url));

const checks: Record<string, (output: string) => void> = {
  equivariance(output) {
    const errors = Object.fromEntries(
      [...output.matchAll(/^(EGNN|GNN) +(coordinates|features): .* (\S+)$/gm)].map(
        ([, model, what, error]) => [`${model} ${what}`, Number(error)],
      ),
    );
    expect(Object.keys(errors)).toHaveLength(3);
    expect(errors['EGNN coordinates']).toBeLessThan(1e-5);
    expect(errors['EGNN features']).toBeLessThan(1e-5);
    expect(errors['GNN coordinates']).toBeGreaterThan(0.1);
  },
  'train-by-hand'(output) {
    const [before, after] = [...output.matchAll(/training: +test error (\S+)$/gm)].map(([, error]) =>
      Number(error),
    );
    expect(after).toBeLessThan(before / 100);
  },
  paratope(output) {
    expect(output).toContain('usage: node examples/paratope.mjs');
  },
  'radius-graph'(output) {
    expect(output).toMatch(/4000 points, .*: \d+ edges, 1\d\.\d a point, built in [\d.]+ ms/);
    expect(output).toMatch(/forward in [\d.]+ ms/);
    expect(output).toContain('h [4000, 1], x [4000, 3]');
  },
};

describe.concurrent('examples', () => {
  test.skipIf(!existsSync(paragraph))(
    "paratope gives its authors' predictions (skipped without ../shared)",
    async () => {
      const rows = (text: string) =>
        text
          .trim()
          .split('\n')
          .slice(1)
          .map((line) => line.split(','));
      const files = ['pretrained_weights.pt', '4edw.pdb'].map((name) => paragraph + name);
      const ours = rows(await runExample('paratope', ...files));
      const theirs = rows(readFileSync(`${paragraph}example_predictions.csv`, 'utf8'));
      expect(ours.map(([chain, residue]) => chain + residue)).toEqual(
        theirs.map(([, chain, , residue]) => chain + residue),
      );
      expect(ours).toHaveLength(72);
      for (const [k, row] of ours.entries())
        expect(Math.abs(Number(row[3]) - Number(theirs[k][9]))).toBeLessThan(1e-5);
    },
  );

  test.each(Object.keys(checks))('%s', async (name) => checks[name](await runExample(name)));

  test('every example has a check', () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.mjs'));
    expect(names.map((name) => name.replace(/\.mjs$/, '')).sort()).toEqual(Object.keys(checks).sort());
  });
});
