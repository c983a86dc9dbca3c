/** @file Names of the code that docs/mathematics.md ties to symbols are still in the files it names. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPages, root } from './markdown.ts';

const page = readPages().find(({ path }) => path === join('docs', 'mathematics.md'))!;
const rows = page.lines
  .filter((line) => line.startsWith('| $'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
const namesOf = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const symbols = rows.filter((cells) => cells.length === 4);
const networks = rows.filter((cells) => cells.length === 3);

test.each(symbols)('%s is in the code as it says', (_symbol, _shape, code, file) => {
  const text = read(file.match(/\]\(\.\.\/([^)]+)\)/)![1]);
  const names = namesOf(code);
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect(text).toMatch(new RegExp(`\\b${name}\\b`));
});

test.each(networks)('the weights of %s have the names it says', (_symbol, _layers, weights) => {
  const layer = read('src/nn/egcl.ts');
  const names = namesOf(weights);
  expect(names.length).toBeGreaterThan(0);
  // The last layer of phi_x has another number with a network of its own, so its name is put together there.
  for (const name of names.filter((each) => each !== 'coord_mlp.2')) expect(layer).toContain(`'${name}'`);
});

test('the tables are there', () => {
  expect(symbols.length).toBeGreaterThanOrEqual(10);
  expect(networks.length).toBe(5);
});
