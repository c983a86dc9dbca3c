/** PDB and mmCIF: every column, the same structure from both, alternative locations, a real file, what is refused. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FormatError, readMmcif, readPdb, readXyz, structureToMolecule } from '../../../src/formats/index.ts';
import { mmcifSyntax } from '../../../src/formats/molecules/mmcif.ts';
import { pdbSyntax } from '../../../src/formats/molecules/pdb.ts';
import { fixture, readOutcomes } from './files.ts';

const [peptide, second] = readPdb(fixture('peptide.pdb'));

describe('the columns', () => {
  it('of PDB', () => {
    expect(peptide).toEqual({
      model: 1,
      // Without element columns: hydrogen from HG11 and 1HB, calcium from an ion, and carbon from CA of a residue.
      numbers: Uint8Array.of(7, 6, 6, 6, 8, 1, 1, 20, 17),
      positions: Float64Array.of(
        ...[1.458, 0, 0, 0, 0, 0, -0.5, 3.1, 1, -0.6, 3.2, 1.1, -1.5, 3.6, 1.9],
        ...[-2.5, 4.6, 2.9, -2.7, 4.7, 3.9, 10, 11, 12, 13, 14, 15],
      ),
      atomNames: ['N', 'CA', 'CA', 'CA', 'OG', 'HG11', '1HB', 'CA', 'CL'],
      residueNames: ['GLY', 'GLY', 'SER', 'THR', 'SER', 'VAL', 'VAL', 'CA', 'CL'],
      chains: ['A', 'A', 'A', 'A', 'A', 'A', 'A', 'B', 'B'],
      residueNumbers: Int32Array.of(51, 51, 52, 52, 52, 52, 52, -1, 2),
      insertionCodes: ['', '', '', '', '', 'A', 'A', '', ''],
      alternativeLocations: ['', '', 'A', 'B', 'A', 'A', '', '', ''],
      hetero: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1, 1),
      occupancies: Float64Array.of(1, 1, 0.4, 0.6, 0.4, 1, 1, 1, 1),
      temperatureFactors: Float64Array.of(10, 10.5, 12, 12, 12, 12, 12, 0, 0),
      formalCharges: Int8Array.of(0, 0, 0, 0, -1, 0, 0, 0, -1),
    });
    expect(second).toMatchObject({ model: 2, numbers: Uint8Array.of(7) });
  });

  it('of mmCIF, with both kinds of ids, whatever else stands in the file', () => {
    const [first, other] = readMmcif(fixture('peptide.cif'));
    expect(first).toEqual({
      name: 'PEPTIDE',
      ...peptide,
      labels: {
        chains: ['X', 'X', 'X', 'X', 'X', 'X', 'X', 'Y', 'Z'],
        residueNumbers: Int32Array.of(1, 1, 2, 2, 2, 3, 3, 0, 0),
      },
    });
    expect(other).toMatchObject(second!);
  });

  it('the molecules of the xyz file, to the digits written', () => {
    const expected = readXyz(fixture('qm9.xyz'));
    for (const [structures, digits] of [
      [readPdb(fixture('qm9.pdb')), 3],
      [readMmcif(fixture('qm9.cif')), 6],
    ] as const) {
      expect(structures.map(({ numbers }) => numbers)).toEqual(expected.map(({ numbers }) => numbers));
      expect(structures.map(({ positions }) => positions)).toEqual(
        expected.map(({ positions }) => positions.map((value) => Number(value.toFixed(digits)) + 0)),
      );
    }
  });
});

describe('as a molecule', () => {
  it('the location of the highest occupancy stays', () => {
    const molecule = structureToMolecule(peptide!);
    expect(molecule.columns.get('residue_name')!.values).toEqual([
      'GLY',
      'GLY',
      'THR',
      'VAL',
      'VAL',
      'CA',
      'CL',
    ]);
    expect(molecule.positions.slice(6, 9)).toEqual(Float64Array.of(-0.6, 3.2, 1.1));
    expect(molecule.columns.get('formal_charge')!.values).toEqual(Float64Array.of(0, 0, 0, 0, 0, 0, -1));
    expect([...molecule.columns.keys()]).toEqual([
      ...['atom_name', 'residue_name', 'residue_number', 'chain', 'insertion_code', 'formal_charge'],
    ]);
  });

  it('the first of equals stays', () => {
    const equal = { ...peptide!, occupancies: new Float64Array(9).fill(0.5) };
    expect(structureToMolecule(equal).columns.get('residue_name')!.values).toContain('SER');
    expect(structureToMolecule(equal).columns.get('residue_name')!.values).not.toContain('THR');
  });
});

const antibody = new URL('../../../../shared/data/checkpoints/paragraph/4edw.pdb', import.meta.url);
it.skipIf(!existsSync(antibody))('a real antibody (needs ../shared)', () => {
  const [structure, ...others] = readPdb(readFileSync(antibody), '4edw.pdb');
  expect(others).toEqual([]);
  expect(structure!.numbers).toHaveLength(4171);
  expect(new Set(structure!.chains)).toEqual(new Set(['H', 'L', 'V']));
  expect(structure!.hetero.reduce((sum, flag) => sum + flag, 0)).toBe(43);
  expect(structure!.positions.slice(0, 3)).toEqual(Float64Array.of(-12.181, -26.266, -54.328));
});

const ATOM = 'ATOM      1  CA  GLY A  51       0.000   0.000   0.000  1.00 10.50           C  ';
const put = (start: number, text: string) =>
  ATOM.slice(0, start - 1) + text + ATOM.slice(start - 1 + text.length);

describe('PDB', () => {
  it.each([
    [
      'no atoms',
      'REMARK nothing\nEND\n',
      'line 2: no atoms before this line; expected ATOM or HETATM records',
    ],
    ['a line that was cut', ATOM.slice(0, 53), 'line 1: the atom has 53 columns; expected 54 or more'],
    ['no coordinate', put(39, '        '), '"" in columns 39-46; expected a coordinate'],
    ['NaN', put(31, '     NaN'), '"NaN" in columns 31-38; expected a coordinate'],
    ['*****', put(31, '********'), 'expected a coordinate'],
    ['hybrid-36', put(23, 'A000'), 'expected a residue number (hybrid-36 numbers are not read)'],
    ['no residue number', put(23, '    '), '"" in columns 23-26; expected a residue number'],
    ['an occupancy', put(55, '  x.xx'), '"x.xx" in columns 55-60; expected a number'],
    ['an element', put(77, 'Xx'), '"Xx" in columns 77-78; expected an element'],
    ['no element at all', put(77, '  ').replace(' CA ', ' ?? '), 'the atom name " ?? " does not tell it'],
    ['a model number', `MODEL        x\n${ATOM}`, 'expected MODEL and its number'],
    ['an open model', `MODEL 1\n${ATOM}\nMODEL 2\n${ATOM}`, 'line 3: "MODEL 2"; expected ENDMDL before it'],
  ])('refuses %s', (_, text, message) => {
    expect(() => readPdb(text)).toThrow(FormatError);
    expect(() => readPdb(text)).toThrow(message);
  });

  it('guesses elements from names', () => {
    const guesses: [string, string, number][] = [
      [' CA ', 'GLY', 6],
      ['CA  ', 'GLY', 6],
      ['CA  ', ' CA', 20],
      [' CA ', ' CA', 6],
      ['HG  ', ' HG', 80],
      ['HG11', 'VAL', 1],
      ['HG11', 'LIG', 1],
      ['1HB ', 'ALA', 1],
      ['FE  ', 'HEM', 26],
      [' N1 ', 'LIG', 7],
      ['CL1 ', 'LIG', 17],
      [' P  ', ' DA', 15],
    ];
    for (const [name, residue, number] of guesses) {
      const line = put(77, '  ').replace(' CA  GLY', `${name} ${residue}`);
      expect([name, residue, readPdb(line)[0]!.numbers[0]]).toEqual([name, residue, number]);
    }
  });

  it('goes on at the next model, and reads several files one after the other', () => {
    const models = [ATOM, put(77, 'Xx'), ATOM].map((atom, k) => `MODEL ${k}\n${atom}\nENDMDL\n`).join('');
    const files = `${models}END\nHEADER\nREMARK\n${ATOM}\nEND\n`;
    const summary = readOutcomes(pdbSyntax(), files).map((outcome) => ['error' in outcome, outcome.line]);
    expect(summary).toEqual([
      [false, 1],
      [true, 4],
      [false, 7],
      [false, 13],
    ]);
  });

  it('reads serial numbers of any kind, and the entry names of old files in the element columns', () => {
    expect(readPdb(put(7, '*****'))[0]!.numbers).toEqual(Uint8Array.of(6));
    expect(readPdb(put(73, '4HHB 162'))[0]!.numbers).toEqual(Uint8Array.of(6));
  });
});

describe('mmCIF', () => {
  const loop = (values: string, items = 'type_symbol Cartn_x Cartn_y Cartn_z') =>
    `data_a\nloop_\n${items
      .split(' ')
      .map((item) => `_atom_site.${item}\n`)
      .join('')}${values}\n`;

  it('takes names in any case, values over several lines, one atom without a loop', () => {
    const one =
      'data_a\n_Atom_Site.TYPE_symbol C\n_atom_site.Cartn_x 1 _atom_site.cartn_y 2\n_atom_site.Cartn_z\n3.5(2)\n';
    for (const text of [one, loop("'C'\n1 2 # comment\n3.5"), loop('c 1 2\n;3.5\n;')]) {
      const [structure] = readMmcif(text);
      expect(structure).toMatchObject({
        numbers: Uint8Array.of(6),
        positions: Float64Array.of(1, 2, 3.5),
        model: 1,
      });
      expect(structure).toMatchObject({
        chains: [''],
        residueNumbers: Int32Array.of(0),
        occupancies: Float64Array.of(1),
      });
    }
  });

  it.each([
    ['no data block', 'loop_\n', 'line 1: found "loop_"; expected a data block'],
    ['no atoms', 'data_a\n_cell.length_a 1\n', 'line 1: data block "data_a" has no _atom_site. items'],
    ['half a row', loop('C 1 2 3 C 1'), "line 7: the loop's last row has 2 values; expected 4"],
    ['no coordinate', loop('C 1 2 ?'), 'line 7: the atom has no _atom_site.cartn_z'],
    [
      'no column of coordinates',
      loop('C 1', 'type_symbol Cartn_x'),
      'line 5: the atom has no _atom_site.cartn_y',
    ],
    ['none of the columns', loop('x', 'foo'), 'line 4: the atom has no _atom_site.cartn_x'],
    ['an atom of one item', 'data_a\n_atom_site.id 1\n', 'line 2: the atom has no _atom_site.cartn_x'],
    ['NaN', loop('C 1 2 nan'), 'line 7: found "nan"; expected a coordinate'],
    ['an element', loop('Xx 1 2 3'), 'type_symbol is "Xx"; expected an element'],
    ['an open quote', loop("'C 1 2 3"), "line 7: column 1: expected a closing '"],
    ['an open text field', loop('C 1 2\n;3'), 'line 8: a text field starts here'],
    ['a name without a value', 'data_a\n_a\n_b 1\n', 'line 2: _a has no value'],
    ['a value without a name', 'data_a\n1\n', 'line 2: found "1"; expected loop_ or a name'],
    [
      'a huge residue number',
      loop('C 1 2 3 3000000000', 'type_symbol Cartn_x Cartn_y Cartn_z auth_seq_id'),
      'a residue number',
    ],
  ])('refuses %s', (_, text, message) => {
    expect(() => readMmcif(text)).toThrow(FormatError);
    expect(() => readMmcif(text)).toThrow(message);
  });

  it('goes on at the next data block', () => {
    const text = loop('C 1 2 3') + loop('C 1 2 x') + loop('C 1 2 3');
    const summary = readOutcomes(mmcifSyntax(), text).map((outcome) => ['error' in outcome, outcome.line]);
    expect(summary).toEqual([
      [false, 1],
      [true, 8],
      [false, 15],
    ]);
  });
});
