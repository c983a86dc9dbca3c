// Which files a pattern names, and what becomes of files of graphs and of arrays of molecules.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NpyInput, writeNpz } from '../../src/formats/index.ts';
import type { Entry, InputFormat } from '../../src/predict/entries.ts';
import { expandPattern } from '../../src/predict/glob.ts';
import { graphInputs } from '../../src/predict/graph-inputs.ts';
import { findInputs, readInputs } from '../../src/predict/inputs.ts';
import { moleculeInputs } from '../../src/predict/molecule-inputs.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'egnn-inputs-'));
  mkdirSync(join(folder, 'deep/er'), { recursive: true });
  for (const name of ['b1.xyz', 'a2.xyz', 'a[3].xyz', '.hidden.xyz', 'c.sdf', 'deep/d.xyz', 'deep/er/e.xyz'])
    writeFileSync(join(folder, name), '1\n\nH 0 0 0\n1\n\nF 0 0 0\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read<T>(
  formats: readonly InputFormat<T>[],
  end: string,
  bytes: Uint8Array | string,
  skip = 0,
) {
  const format = formats.find(({ extensions }) => extensions.includes(end))!;
  const entries: Entry<T>[] = [];
  const chunks = Buffer.from(bytes as string);
  async function* inPieces() {
    for (let at = 0; at < chunks.length; at += 7) yield chunks.subarray(at, at + 7);
  }
  for await (const entry of format.read(inPieces(), { where: `in${end}`, skip })) entries.push(entry);
  return entries;
}

describe('patterns', () => {
  it.each([
    ['*.xyz', ['a2.xyz', 'a[3].xyz', 'b1.xyz']],
    ['a?.xyz', ['a2.xyz']],
    ['[ab][12].xyz', ['a2.xyz', 'b1.xyz']],
    ['[!a]*.xyz', ['b1.xyz']],
    ['a[3].xyz', ['a[3].xyz']],
    ['.*.xyz', ['.hidden.xyz']],
    ['*/*.xyz', ['deep/d.xyz']],
    ['**/[de].xyz', ['deep/d.xyz', 'deep/er/e.xyz']],
    ['deep/../*.sdf', ['c.sdf']],
    ['nothing*', []],
    ['no-pattern', ['no-pattern']],
  ])('%s', (pattern, names) => {
    expect(expandPattern(join(folder, '/').concat(pattern)).map((path) => relative(folder, path))).toEqual(
      names,
    );
  });

  it.each([
    ['*a'.repeat(40).concat('b'), 'a'.repeat(200).concat('.xyz')],
    ['**/'.repeat(60).concat('*.nothing'), 'long.xyz'],
  ])('take no time that grows with the number of stars: %s', (pattern, name) => {
    writeFileSync(join(folder, 'deep', name), '');
    const start = performance.now();
    expect(expandPattern(join(folder, 'deep/').concat(pattern))).toEqual([]);
    expect(performance.now() - start).toBeLessThan(1000);
    rmSync(join(folder, 'deep', name));
  });

  it.each(['[z-a]2.xyz', '*/.', 'deep/../[!a-z]*/..'])('%s matches nothing, and is no error', (pattern) => {
    expect(expandPattern(join(folder, '/').concat(pattern))).toEqual([]);
  });

  it('are followed through all their files, from any record on', async () => {
    const inputs = await findInputs([join(folder, 'b*.xyz'), join(folder, 'a2.xyz')], moleculeInputs);
    const places: string[] = [];
    for await (const { file, input, record, item } of readInputs(
      inputs,
      { input: 0, record: 1 },
      new AbortController().signal,
    ))
      places.push(`${relative(folder, file)} ${input} ${record} ${item!.numbers}`);
    expect(places).toEqual(['b1.xyz 0 2 9', 'a2.xyz 1 1 1', 'a2.xyz 1 2 9']);
  });

  it.each([
    ['nothing*', 'no file matches'],
    ['missing.xyz', 'there is no file'],
    ['deep', 'is a folder'],
    ['-', 'say --format xyz|sdf|'],
  ])('%s is an error', async (name, message) => {
    const path = name === '-' ? name : join(folder, name);
    await expect(findInputs([path], moleculeInputs)).rejects.toThrow(message);
  });

  it('a format that the model does not take is an error that lists those it takes', async () => {
    await expect(findInputs([join(folder, 'c.sdf')], graphInputs)).rejects.toThrow(
      /c\.sdf has no ending .* \.jsonl, \.ndjson \(JSON lines of graphs\)/,
    );
  });
});

describe('JSON lines of graphs', () => {
  it('give a graph or an error a line', async () => {
    const entries = await read(
      graphInputs,
      '.jsonl',
      [
        '{"X": [[1]], "C": [[0, 0]], "E": null, "name": "Ångström \u2028"}',
        '',
        '{"X": [[1]]}',
        '{"X": [[1]], "C": [[0, 0]], "e": []}',
        '{"X": "one", "C": [[0, 0]]}',
        '[1]',
        '{"X":',
        '{"X": [1, 2], "C": [0, 1], "name": 7}',
      ].join('\r\n'),
    );
    expect(entries.map(({ error, item, line, name }) => [line, error?.message ?? item, name])).toEqual([
      [1, { X: [[1]], C: [[0, 0]] }, 'Ångström \u2028'],
      [3, 'in.jsonl, line 3: C is missing; a graph has X and C', undefined],
      [4, expect.stringContaining('line 4: the key "e"; expected X, C'), undefined],
      [5, expect.stringContaining('X is not an array of numbers'), undefined],
      [6, expect.stringContaining('expected one graph'), undefined],
      [7, expect.stringContaining('line 7: no JSON'), undefined],
      [8, { X: [1, 2], C: [0, 1] }, '7'],
    ]);
  });

  it('may be longer than a line of a molecule file', async () => {
    const X = Array.from({ length: 400_000 }, () => [1]);
    const [entry] = await read(graphInputs, '.jsonl', JSON.stringify({ X, C: X }));
    expect(entry.item!.X).toHaveLength(400_000);
  });
});

describe('arrays of graphs', () => {
  const arrays: Record<string, NpyInput> = {
    X: { data: Float32Array.from([1, 2, 3, 4, 5, 6]), shape: [3, 2] },
    C: { data: Float64Array.from([0, 1, 2]), shape: [3, 1] },
    E: { data: BigInt64Array.from([2n, 0n, 1n, 2n, 1n, 0n]), shape: [2, 3] },
    A: { data: Float32Array.from([7, 8, 9]), shape: [3, 1] },
    node_counts: { data: BigInt64Array.from([2n, 1n]), shape: [2] },
    names: { data: ['one', 'two'], shape: [2] },
  };

  it('are cut into graphs with edges of their own', async () => {
    expect(await read(graphInputs, '.npz', writeNpz(arrays))).toEqual([
      {
        name: 'one',
        item: {
          X: [
            [1, 2],
            [3, 4],
          ],
          C: [[0], [1]],
          E: [
            [0, 1],
            [1, 0],
          ],
          A: [[8], [9]],
        },
      },
      { name: 'two', item: { X: [[5, 6]], C: [[2]], E: [[0], [0]], A: [[7]] } },
    ]);
    const [only] = await read(graphInputs, '.npz', writeNpz({ X: arrays.X, C: arrays.C }));
    expect(only.item!.C).toEqual([[0], [1], [2]]);
  });

  it.each([
    [{ E: { data: Int32Array.from([0, 2]), shape: [2, 1] } }, 'edge 0 of E goes from node 0 to 2'],
    [{ node_counts: { data: Int32Array.from([2, 2]), shape: [2] } }, 'node_counts add up to 4; X has 3 rows'],
    [{ C: { data: Int32Array.from([1]), shape: [1, 1] } }, 'C is int32 [1, 1]; expected numbers [3, any]'],
    [
      { X: { data: new Float32Array(0), shape: [1_000_000, 0] } },
      'X is [1000000, 0]; expected features of each',
    ],
  ])('%j is an error', async (change, message) => {
    const { A: _, ...others } = arrays;
    const [{ error }] = await read(graphInputs, '.npz', writeNpz({ ...others, ...change }));
    expect(error!.message).toContain(`in.npz: ${message}`);
  });
});

describe('arrays of molecules', () => {
  const arrays: Record<string, NpyInput> = {
    num_atoms: { data: Int32Array.from([2, 1, 3]), shape: [3] },
    charges: { data: BigInt64Array.from([1n, 9n, 8n, 0n, 300n, 0n]), shape: [3, 2] },
    positions: { data: Float32Array.from({ length: 18 }, (_, k) => k), shape: [3, 2, 3] },
    index: { data: BigInt64Array.from([11n, 14n, 15n]), shape: [3] },
  };

  it('are read as QM9 has them, each by itself', async () => {
    const entries = await read(moleculeInputs, '.npz', writeNpz(arrays));
    expect(entries.map(({ name }) => name)).toEqual(['11', '14', '15']);
    expect(entries[0].item).toMatchObject({
      numbers: Uint8Array.of(1, 9),
      positions: Float64Array.of(0, 1, 2, 3, 4, 5),
    });
    expect(entries[1].item).toMatchObject({ numbers: Uint8Array.of(8), positions: Float64Array.of(6, 7, 8) });
    expect(entries[2].error!.message).toContain(
      'in.npz, record 3: num_atoms is 3; expected a whole number up to 2',
    );
    expect(await read(moleculeInputs, '.npz', writeNpz(arrays), 2)).toEqual(entries.slice(2));
  });

  it('an atomic number that is none is an error', async () => {
    const num_atoms = { data: Int32Array.from([1, 1, 1]), shape: [3] };
    const [, , { error }] = await read(moleculeInputs, '.npz', writeNpz({ ...arrays, num_atoms }));
    expect(error!.message).toContain('charges has 300 for atom 1');
  });

  it('what is no npz, or lacks an array, is one error', async () => {
    expect((await read(moleculeInputs, '.npz', 'x'))[0].error!.message).toMatch(/^in\.npz: zip: /);
    const { charges: _, ...others } = arrays;
    expect((await read(moleculeInputs, '.npz', writeNpz(others)))[0].error!.message).toContain(
      'no array charges',
    );
  });
});

it('SMILES get conformers, their names, and errors with the line', async () => {
  const entries = await read(moleculeInputs, '.smi', 'O water\n\nnonsense\nC\n');
  expect(entries.map(({ line, name }) => [line, name])).toEqual([
    [1, 'water'],
    [3, undefined],
    [4, 'C'],
  ]);
  expect(entries[0].item!.numbers).toEqual(Uint8Array.of(8, 1, 1));
  expect(entries[1].error!.message).toMatch(/^in\.smi, line 3: SMILES "nonsense"/);
  const [last] = await read(moleculeInputs, '.smi', 'O water\n\nnonsense\nC\n', 2);
  expect(last).toMatchObject({ line: 4, name: 'C', item: { numbers: Uint8Array.of(6, 1, 1, 1, 1) } });
});
