// Lines of JSON become arrays, whichever way the lines are cut into chunks.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readNpz } from '../../src/formats/index.ts';
import { graphTable, moleculeTable, writeTable } from '../../src/predict/npz-table.ts';
import { NpzWriter } from '../../src/predict/npz-writer.ts';

const { signal } = new AbortController();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'egnn-npz-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function linesOf(name: string, lines: object[]): [lines: string, npz: string] {
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return [path, `${path}.npz`];
}
const arraysOf = (path: string) => readNpz(readFileSync(path));

const outputs = [
  { name: 'mu', unit: 'D', mean: 0, scale: 1 },
  { name: 'score', mean: 0, scale: 1 },
];

it('molecules: a row a record, forces of all atoms end to end', async () => {
  const lines = Array.from({ length: 5_000 }, (_, k) => ({
    file: k % 2 ? 'b' : 'a',
    record: k + 1,
    name: k === 7 ? 'Ω𝛺' : k === 8 ? 'x'.repeat(1000) : undefined,
    atoms: 1 + (k % 2),
    values: { mu: k + 0.1, score: -k },
    forces: { of: 'mu', values: Array.from({ length: 1 + (k % 2) }, () => [k, 0.1, 1e-9]) },
  }));
  const [from, to] = linesOf('molecules', lines);
  const table = moleculeTable({ outputs, forces: 'mu', precision: 'float32' });
  await writeTable(from, to, ['a', 'b', 'a'], table, signal);
  const { files, file, record, name, num_atoms, mu, score, forces, ...others } = arraysOf(to);
  expect(files.data).toEqual(['a', 'b']);
  expect(Array.from(file.data as Int32Array)).toEqual(lines.map((_, k) => k % 2));
  expect(record).toMatchObject({ dtype: 'int64', shape: [5_000] });
  expect(record.data[4_999]).toBe(5_000n);
  expect([name.data[6], name.data[7], (name.data[8] as string).length]).toEqual(['', 'Ω𝛺', 256]);
  expect(num_atoms.data.slice(0, 3)).toEqual(Int32Array.of(1, 2, 1));
  expect(Array.from(mu.data as Float64Array)).toEqual(lines.map(({ values }) => values.mu));
  expect(score.dtype).toBe('float64');
  expect(forces).toMatchObject({ dtype: 'float32', shape: [7_500, 3] });
  expect(forces.data.slice(-3)).toEqual(Float32Array.of(4_999, 0.1, 1e-9));
  expect(Object.keys(others)).toEqual(['outputs', 'units']);
  expect(others.units.data).toEqual(['D', '']);
});

it('graphs: tables as wide as they are, none that is not there', async () => {
  const lines = [
    { file: 'g', record: 1, nodes: 0, x: [] },
    {
      file: 'g',
      record: 2,
      nodes: 2,
      x: [
        [1, 2],
        [3, 4],
      ],
    },
    { file: 'g', record: 4, nodes: 1, x: [[5, 0.1]] },
  ];
  const [from, to] = linesOf('graphs', lines);
  await writeTable(from, to, ['g'], graphTable({ outputs: [], precision: 'float64' }), signal);
  const arrays = arraysOf(to);
  expect(Object.keys(arrays)).toEqual(['files', 'file', 'record', 'name', 'num_nodes', 'x']);
  expect(arrays.x).toEqual({ dtype: 'float64', shape: [3, 2], data: Float64Array.of(1, 2, 3, 4, 5, 0.1) });
});

it('graphs with a readout: its numbers a record beside the tables', async () => {
  const lines = Array.from({ length: 3 }, (_, k) => ({
    file: 'g',
    record: k + 1,
    nodes: k,
    values: { mu: k + 0.1, score: 1 - k },
    x: Array.from({ length: k }, () => [k]),
  }));
  const [from, to] = linesOf('readout', lines);
  await writeTable(from, to, ['g'], graphTable({ outputs, precision: 'float32' }), signal);
  const { mu, score, outputs: names, units, x, num_nodes, ...others } = arraysOf(to);
  expect(mu).toEqual({ dtype: 'float64', shape: [3], data: Float64Array.of(0.1, 1.1, 2.1) });
  expect(Array.from(score.data as Float64Array)).toEqual([1, 0, -1]);
  expect([names.data, units.data]).toEqual([
    ['mu', 'score'],
    ['D', ''],
  ]);
  expect(x.data).toEqual(Float32Array.of(1, 2, 2));
  expect(num_nodes.data).toEqual(Int32Array.of(0, 1, 2));
  expect(Object.keys(others)).toEqual(['files', 'file', 'record', 'name']);
});

it('no records at all make empty arrays', async () => {
  const [from, to] = linesOf('none', []);
  await writeTable(from, to, ['a'], moleculeTable({ outputs, precision: 'float32' }), signal);
  expect(arraysOf(to).mu).toEqual({ dtype: 'float64', shape: [0], data: new Float64Array() });
});

it('records without a common table are named, and leave no file', async () => {
  const [from, to] = linesOf('mixed', [
    { file: 'g', record: 1, nodes: 1, x: [[1, 2]] },
    { file: 'g', record: 2, nodes: 1, x: [[1, 2, 3]] },
  ]);
  await expect(
    writeTable(from, to, ['g'], graphTable({ outputs: [], precision: 'float32' }), signal),
  ).rejects.toThrow('g, record 2: x has 3 columns, before it 2');
  expect(existsSync(to)).toBe(false);
});

it('an output that is named as another array is refused', () => {
  const named = [{ name: 'record', mean: 0, scale: 1 }];
  expect(() => moleculeTable({ outputs: named, precision: 'float32' })).toThrow('an output named record');
  const features = [{ name: 'h', mean: 0, scale: 1 }];
  expect(() => graphTable({ outputs: features, precision: 'float32' })).toThrow('an output named h');
});

it('an array that is not what its shape says is an error', async () => {
  const writer = await NpzWriter.create(join(folder, 'short.npz'));
  await expect(writer.add('x', '<f4', [2], [new Uint8Array(4)])).rejects.toThrow(
    'x takes 4 bytes; its shape says 8',
  );
  await writer.close();
});
