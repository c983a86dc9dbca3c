/** SDF and MOL: both versions, the same molecules as in xyz, round trips, what is refused, where reading goes on. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError, type Molecule, readSdf, readXyz, writeSdf } from '../../../src/formats/index.ts';
import { SDF_SYNTAX } from '../../../src/formats/molecules/sdf.ts';
import { fixture, readOutcomes, sdfMolecules, textOf } from './files.ts';

const columns = (...numbers: number[]) => numbers.map((number) => String(number).padStart(3)).join('');
const counts = (atoms: number, bonds: number) => `${columns(atoms, bonds)}  0  0  0  0            999 V2000`;
const atomLine = (symbol: string, rest = ' 0  0  0') =>
  `    0.0000    1.0000   -2.5000 ${symbol.padEnd(3)}${rest}`;
const record = (...lines: string[]) => ['title', '', '', ...lines].join('\n');
const v2000 = (atoms: string[], ...lines: string[]) =>
  record(counts(atoms.length, 0), ...atoms, ...lines, 'M  END');
const v3000 = (...lines: string[]) =>
  record(`  0  0${' '.repeat(28)}V3000`, ...lines.map((line) => `M  V30 ${line}`), 'M  END');

describe('reading', () => {
  it('the molecules of the xyz file, to the digits written', () => {
    const expected = readXyz(fixture('qm9.xyz'));
    for (const [file, digits] of [
      ['qm9.sdf', 4],
      ['qm9-v3000.sdf', 6],
    ] as const) {
      const molecules = readSdf(fixture(file));
      expect(molecules.map(({ name }) => name)).toEqual(expected.map(({ name }) => name));
      for (const [k, { numbers, positions, properties }] of expected.entries()) {
        expect(molecules[k]!.numbers).toEqual(numbers);
        expect(molecules[k]!.positions).toEqual(positions.map((value) => Number(value.toFixed(digits))));
        expect(molecules[k]!.properties).toEqual(
          new Map([...properties].map(([key, value]) => [key, `${value}`])),
        );
      }
    }
  });

  it('bonds, dimensions and charge', () => {
    const [, hydrogenCyanide] = readSdf(fixture('qm9.sdf'));
    expect(hydrogenCyanide).toMatchObject({
      bonds: { pairs: Uint32Array.of(0, 1, 0, 2), orders: Uint8Array.of(3, 1) },
      dimensions: 3,
      charge: 0,
    });
    expect(readSdf(textOf('qm9.sdf').replace('3D', '2D'))[0]!.dimensions).toBe(2);
  });

  const integers = (...values: number[]) => ({
    type: 'integer',
    width: 1,
    values: Float64Array.from(values),
  });

  it('charges, isotopes and radicals of atom lines', () => {
    const atoms = [atomLine('N', ' 0  3'), atomLine('O', ' 0  5'), atomLine('C', ' 1  4'), atomLine('D')];
    expect(readSdf(v2000(atoms))[0]).toMatchObject({
      numbers: Uint8Array.of(7, 8, 6, 1),
      charge: 0,
      columns: new Map([
        ['formal_charge', integers(1, -1, 0, 0)],
        ['radical', integers(0, 0, 2, 0)],
        ['isotope', integers(0, 0, 13, 2)],
      ]),
    });
  });

  it('property lines, which make the charges of atom lines void; text lines are passed over', () => {
    const atoms = [atomLine('N', ' 0  3'), atomLine('O', ' 0  5'), atomLine('C', ' 1  0')];
    const lines = [
      'A    1',
      'M  CHG fake',
      'M  CHG  2   2  -2   3   1',
      'M  ISO  1   3  14',
      'V    1 x',
      'M  ALS',
    ];
    expect(readSdf(v2000(atoms, ...lines))[0]).toMatchObject({
      charge: -1,
      columns: new Map([
        ['formal_charge', integers(0, -2, 1)],
        ['isotope', integers(0, 0, 14)],
      ]),
    });
  });

  it('fields of several lines, without a value, with a number for a name', () => {
    const fields = '> <a>\none\ntwo\n\n>  <b> (3)\n\n\n> DT12\nx\n\n';
    expect(readSdf(`${v2000([])}\n${fields}$$$$`)[0]!.properties).toEqual(
      new Map([
        ['a', 'one\ntwo'],
        ['b', ''],
        ['DT12', 'x'],
      ]),
    );
  });

  it('V3000: any atom numbers, attributes, continued lines, other blocks', () => {
    const text = v3000(
      'BEGIN CTAB',
      'COUNTS 2 1 0 0 0',
      'BEGIN ATOM',
      '7 N 0 0 0 0 CHG=1 MASS=-',
      '15 CFG=1',
      '3 O 1e-3 0 -1.5 0 CHG=-1',
      'END ATOM',
      'BEGIN BOND',
      '1 9 7 3 CFG=1',
      'END BOND',
      'BEGIN SGROUP',
      '1 DAT 1',
      'END SGROUP',
      'END CTAB',
    );
    expect(readSdf(text)[0]).toMatchObject({
      numbers: Uint8Array.of(7, 8),
      positions: Float64Array.of(0, 0, 0, 0.001, 0, -1.5),
      bonds: { pairs: Uint32Array.of(0, 1), orders: Uint8Array.of(9) },
      columns: new Map([
        ['formal_charge', integers(1, -1)],
        ['isotope', integers(15, 0)],
      ]),
    });
  });
});

describe('refusing', () => {
  const ctab = (...atoms: string[]) =>
    v3000('BEGIN CTAB', `COUNTS ${atoms.length} 0 0 0 0`, 'BEGIN ATOM', ...atoms, 'END ATOM', 'END CTAB');
  it.each([
    ['a short header', 'title\n$$$$\n', 'line 3: the record ends; expected three header lines'],
    ['a version', record('  0  0'.padEnd(34) + 'V4000'), 'line 4: version "V4000" in columns 34-39'],
    ['a count', record('  x  0'.padEnd(34) + 'V2000'), 'line 4: expected the number of atoms in columns 1-3'],
    ['a negative count', record(' -1  0'.padEnd(34) + 'V2000'), 'expected the number of atoms'],
    ['a missing atom', record(counts(2, 0), atomLine('C')), 'line 6: the record ends; expected atom 2 of 2'],
    ['M  END for an atom', record(counts(2, 0), atomLine('C'), 'M  END'), 'line 6: atom symbol ""'],
    ['an atom list', v2000([atomLine('L')]), 'line 5: atom symbol "L"; expected an element'],
    [
      'NaN',
      v2000([atomLine('C').replace('    0.0000', '       NaN')]),
      'x is "NaN"; expected a finite number',
    ],
    ['a charge code', v2000([atomLine('C', ' 0  8')]), 'charge code "  8"; expected 0 to 7'],
    ['a mass difference', v2000([atomLine('H', '-1  0')]), 'mass difference -1 leaves no mass'],
    [
      'a bond to nowhere',
      record(counts(1, 1), atomLine('C'), '  1  2  1', 'M  END'),
      'line 6: the bond joins an atom',
    ],
    [
      'a bond to itself',
      record(counts(1, 1), atomLine('C'), '  1  1  1', 'M  END'),
      'joins an atom with itself',
    ],
    [
      'a bond type',
      record(counts(2, 1), atomLine('C'), atomLine('C'), '  1  2 11', 'M  END'),
      'a bond type from 1',
    ],
    ['no M  END', record(counts(1, 0), atomLine('C'), '> <a>'), 'line 6: found "> <a>" before M  END'],
    [
      'a charge of no atom',
      v2000([atomLine('C')], 'M  CHG  1   2   1'),
      'entry 1 is of atom 2; expected 1 to 1',
    ],
    [
      'a charge too large',
      v2000([atomLine('C')], 'M  CHG  1   1  16'),
      'expected a whole number from -15 to 15',
    ],
    ['nine entries', v2000([atomLine('C')], 'M  CHG  9   1   1'), 'expected 1 to 8 entries'],
    ['a field without a name', `${v2000([])}\n>\nx\n`, 'line 6: found ">"; expected > <NAME>'],
    ['a field twice', `${v2000([])}\n> <a>\n1\n\n> <a>\n2\n`, 'line 9: field "a" comes twice'],
    ['text after M  END', `${v2000([])}\ntext\n`, 'line 6: found "text"; expected > <NAME>'],
    [
      'V3000 without its prefix',
      v3000('BEGIN CTAB').replace('M  END', 'END'),
      'line 6: found "END"; expected a line',
    ],
    ['V3000 without M  END', v3000('BEGIN CTAB').replace('\nM  END', ''), 'the record ends; expected M  END'],
    ['an open block', v3000('BEGIN CTAB', 'COUNTS 0 0'), 'expected END CTAB before it'],
    ['a wrong END', v3000('BEGIN CTAB', 'END ATOM'), 'END ATOM; expected END CTAB'],
    ['no COUNTS', v3000('BEGIN CTAB', 'END CTAB'), 'expected a COUNTS line'],
    [
      'wrong COUNTS',
      ctab('1 C 0 0 0 0').replace('COUNTS 1', 'COUNTS 2'),
      'the table has 1 atoms; COUNTS says 2',
    ],
    ['a V3000 atom twice', ctab('1 C 0 0 0 0', '1 C 0 0 0 0'), 'line 9: atom 1 comes twice'],
    ['half a V3000 atom', ctab('1 C 0 0'), 'expected an atom: number, element'],
    ['a V3000 charge', ctab('1 C 0 0 0 0 CHG=x'), '"CHG=x"; expected CHG= and a whole number'],
    ['a line that goes on nowhere', v3000('BEGIN CTAB-'), 'found "M  END"; expected a line that starts with'],
  ])('%s', (_, text, message) => {
    expect(() => readSdf(text)).toThrow(FormatError);
    expect(() => readSdf(text)).toThrow(message);
  });
});

it('goes on after an error at the next $$$$', () => {
  const good = `${v2000([atomLine('C')])}\n$$$$\n`;
  const bad = `${v2000([atomLine('?')])}\n$$$$\n`;
  const summary = readOutcomes(SDF_SYNTAX, good + bad + good).map((outcome) => [
    'error' in outcome,
    outcome.line,
  ]);
  expect(summary).toEqual([
    [false, 1],
    [true, 8],
    [false, 15],
  ]);
});

describe('writing', () => {
  const decimals = fc.integer({ min: -9_999_9999, max: 9_999_9999 }).map((value) => value / 1e4 + 0);
  const reals = fc.double({ noNaN: true, noDefaultInfinity: true });

  it('V2000 keeps four decimals and everything else', () => {
    fc.assert(
      fc.property(fc.array(sdfMolecules(decimals), { maxLength: 3 }), (molecules) => {
        const text = writeSdf(molecules);
        expect(text).not.toContain('V3000');
        expect(readSdf(text)).toEqual(molecules);
      }),
      { numRuns: 500 },
    );
  });

  it('V3000 keeps every digit where columns are too narrow', () => {
    const wide = sdfMolecules(reals, 1).map((molecule) => {
      molecule.positions[0] = 123456.789;
      return molecule;
    });
    fc.assert(
      fc.property(wide, (molecule) => {
        const text = writeSdf([molecule]);
        const lines = text.split('\n').filter((line) => line.startsWith('M  V30'));
        expect(lines.filter((line) => line.length > 80)).toEqual([]);
        expect(readSdf(text)).toEqual([molecule]);
      }),
      { numRuns: 500 },
    );
  });

  it('V3000 beyond 999 atoms', () => {
    const count = 1000;
    const large: Molecule = {
      name: 'large',
      numbers: new Uint8Array(count).fill(6),
      positions: Float64Array.from({ length: 3 * count }, (_, k) => k / 7),
      properties: new Map(),
      columns: new Map(),
      charge: 0,
      bonds: { pairs: Uint32Array.of(0, 999), orders: Uint8Array.of(1) },
      dimensions: 3,
    };
    expect(writeSdf([large])).toContain('V3000');
    expect(readSdf(writeSdf([large]))).toEqual([large]);
  });

  it('what the format cannot hold is an error', () => {
    const [water] = readSdf(fixture('qm9.sdf'));
    const broken = (change: object) => () => writeSdf([{ ...water!, ...change }]);
    const column = (value: number) =>
      new Map([['formal_charge', { type: 'integer', width: 1, values: Float64Array.of(value, 0, 0) }]]);
    expect(broken({ name: 'two\nlines' })).toThrow('expected one line');
    expect(broken({ positions: new Float64Array(8) })).toThrow('positions has 8 values');
    expect(broken({ positions: new Float64Array(9).fill(Number.NaN) })).toThrow('not finite');
    expect(broken({ bonds: { pairs: Uint32Array.of(0, 3), orders: Uint8Array.of(1) } })).toThrow('not there');
    expect(broken({ bonds: { pairs: Uint32Array.of(0, 0), orders: Uint8Array.of(1) } })).toThrow('twice');
    expect(broken({ bonds: { pairs: Uint32Array.of(0, 1), orders: Uint8Array.of(0) } })).toThrow(
      'expected 1 to 10',
    );
    expect(broken({ bonds: { pairs: Uint32Array.of(0), orders: Uint8Array.of(1) } })).toThrow(
      'expected two each',
    );
    expect(broken({ columns: column(16) })).toThrow('whole numbers from -15 to 15');
    expect(broken({ charge: 1 })).toThrow('charge is 1, but formal_charge sums to 0');
    expect(broken({ properties: new Map([['a', 'x\n\ny']]) })).toThrow('blank lines');
    expect(broken({ properties: new Map([['a', '$$$$']]) })).toThrow('$$$$');
    expect(broken({ properties: new Map([['<a>', 'x']]) })).toThrow('expected a name');
  });

  it('numbers, booleans and lists become text', () => {
    const [water] = readSdf(fixture('qm9.sdf'));
    const properties = new Map<string, number | boolean | number[]>([
      ['a', 1.5],
      ['b', true],
      ['c', [1, 2]],
    ]);
    expect(readSdf(writeSdf([{ ...water!, properties }]))[0]!.properties).toEqual(
      new Map([
        ['a', '1.5'],
        ['b', 'true'],
        ['c', '1 2'],
      ]),
    );
  });
});
