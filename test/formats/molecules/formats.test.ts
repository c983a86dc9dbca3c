/** The table of formats: by extension, as streams of molecules, and when OpenChemLib is loaded; elements. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  atomicNumberOf,
  FormatError,
  type Molecule,
  moleculeFormatOf,
  numericProperty,
  symbolOf,
} from '../../../src/formats/index.ts';
import { fixture } from './files.ts';

async function read(file: string, bytes: Uint8Array | string = fixture(file), seed?: number) {
  const all: (Molecule | string)[] = [];
  for await (const { record, error } of moleculeFormatOf(file).records([bytes], { where: file, seed })) {
    all.push(error === undefined ? record : error.message);
  }
  return all;
}

it('every format gives the three molecules', async () => {
  for (const file of ['qm9.xyz', 'qm9.sdf', 'qm9.pdb', 'qm9.cif', 'qm9.csv', 'qm9.smi']) {
    const molecules = (await read(file)) as Molecule[];
    expect(molecules.map(({ numbers }) => [...numbers].sort((a, b) => b - a).join(' '))).toEqual([
      '8 1 1',
      '7 6 1',
      '8 6 6 1 1 1 1',
    ]);
    expect(molecules.every(({ numbers, positions }) => positions.length === 3 * numbers.length)).toBe(true);
  }
});

it('rows of a table keep their names and properties, and one that fails is an error in its place', async () => {
  const text = 'smiles,name,y\nCC,ethane,1.5\nC1CC,broken,2\nC,"",3\n';
  const [ethane, broken, methane] = await read('a.csv', text, 5);
  expect(ethane).toMatchObject({ name: 'ethane', properties: new Map([['y', '1.5']]) });
  expect(broken).toMatch(/^a\.csv, line 3: SMILES "C1CC": /);
  expect(methane).not.toHaveProperty('name');
  expect(numericProperty(ethane as Molecule, 'y')).toBe(1.5);
  expect(() => numericProperty(ethane as Molecule, 'x')).toThrow('property x is missing; there are: y');
  expect(await read('a.csv', text, 5)).toEqual([ethane, broken, methane]);
  expect((await read('a.csv', text, 6))[0]).not.toEqual(ethane);
});

it('the ending decides, in any case', () => {
  expect(moleculeFormatOf('/a/b.XYZ').name).toBe('xyz');
  expect(moleculeFormatOf('a.sdf.mol').name).toBe('SDF');
  expect(() => moleculeFormatOf('a.docx')).toThrow(FormatError);
  expect(() => moleculeFormatOf('xyz')).toThrow(
    'xyz: no format of molecules has this ending; there are: .xyz, .extxyz',
  );
});

it('OpenChemLib is loaded for SMILES and for nothing else', () => {
  // Where it is not installed, everything else has to work.
  const folder = mkdtempSync(join(tmpdir(), 'egnn-formats-'));
  try {
    const dist = new URL('../../../dist/', import.meta.url);
    for (const part of ['formats', 'random'])
      cpSync(new URL(part, dist), join(folder, part), { recursive: true });
    const program = `const { moleculeFormatOf } = await import('./formats/molecules/index.js');
      for await (const { record } of moleculeFormatOf('a.xyz').records(['1\\n\\nH 0 0 0\\n'])) console.log(record.numbers);
      try { await moleculeFormatOf('a.smi').records(['C\\n']).next(); } catch ({ code }) { console.log(code); }`;
    writeFileSync(join(folder, 'program.mjs'), program);
    const output = execFileSync(process.execPath, ['program.mjs'], { cwd: folder, encoding: 'utf8' });
    expect(output).toBe('Uint8Array(1) [ 1 ]\nERR_MODULE_NOT_FOUND\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('elements: 118 symbols, in three spellings', () => {
  for (let number = 1; number <= 118; number++) {
    const symbol = symbolOf(number);
    expect([symbol, symbol.toUpperCase(), symbol.toLowerCase()].map(atomicNumberOf)).toEqual([
      number,
      number,
      number,
    ]);
  }
  expect(['H', 'Fe', 'Og', 'D', 'T', 'cL', 'X', ''].map(atomicNumberOf)).toEqual([
    ...[1, 26, 118, 1, 1, undefined, undefined, undefined],
  ]);
  for (const number of [0, 119, 1.5, Number.NaN]) expect(() => symbolOf(number)).toThrow(RangeError);
});
