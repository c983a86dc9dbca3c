/** Files to read, every reader of molecules as one list, and random molecules. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { AtomColumn, Molecule, PropertyValue } from '../../../src/formats/index.ts';
import { csvSyntax, SMI_SYNTAX } from '../../../src/formats/molecules/csv.ts';
import { mmcifSyntax } from '../../../src/formats/molecules/mmcif.ts';
import { pdbSyntax } from '../../../src/formats/molecules/pdb.ts';
import { type ReadRecord, type RecordSyntax, readEach } from '../../../src/formats/molecules/records.ts';
import { SDF_SYNTAX } from '../../../src/formats/molecules/sdf.ts';
import { xyzSyntax } from '../../../src/formats/molecules/xyz.ts';

export const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`../../fixtures/molecules/${name}`, import.meta.url));
export const textOf = (name: string) => new TextDecoder().decode(fixture(name));

export const SYNTAXES: { name: string; syntax: () => RecordSyntax<unknown>; files: string[] }[] = [
  { name: 'xyz', syntax: xyzSyntax, files: ['qm9.xyz'] },
  { name: 'sdf', syntax: () => SDF_SYNTAX, files: ['qm9.sdf', 'qm9-v3000.sdf'] },
  { name: 'pdb', syntax: pdbSyntax, files: ['qm9.pdb', 'peptide.pdb'] },
  { name: 'mmcif', syntax: mmcifSyntax, files: ['qm9.cif', 'peptide.cif'] },
  { name: 'csv', syntax: csvSyntax, files: ['qm9.csv'] },
  { name: 'smi', syntax: () => SMI_SYNTAX, files: ['qm9.smi'] },
];

/** Errors as their messages, so that outcomes compare. */
export const outcomes = <T>(records: Iterable<ReadRecord<T>>) =>
  [...records].map(({ line, record, error }) => ({
    line,
    ...(error ? { error: error.message } : { record }),
  }));
export const readOutcomes = (syntax: RecordSyntax<unknown>, input: string | Uint8Array, where?: string) =>
  outcomes(readEach(syntax, input, where));

const reals = fc.double({ noNaN: true, noDefaultInfinity: true });
const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }).filter((text) => !/\s/.test(text));
const names = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,8}$/).filter((name) => !RESERVED.includes(name));
const RESERVED = ['Properties', 'Lattice', 'pbc', 'name', 'charge', 'species', 'pos', 'Z', 'numbers'];

/** Text that does not look like numbers or booleans: extended xyz cannot tell these apart. */
const texts = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => /^[^\sTFtf\d.+-]/.test(text));
const properties: fc.Arbitrary<PropertyValue> = fc.oneof(
  reals,
  fc.boolean(),
  texts,
  fc.array(reals, { maxLength: 4 }),
  fc.array(fc.boolean(), { maxLength: 4 }),
  fc.array(fc.string({ unit: 'grapheme', maxLength: 5 }), { maxLength: 4 }),
  fc.array(fc.array(reals, { minLength: 2, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
);

function columns(atoms: number): fc.Arbitrary<AtomColumn> {
  return fc.integer({ min: 1, max: 3 }).chain((width) => {
    const exactly = { minLength: atoms * width, maxLength: atoms * width };
    const floats = (values: fc.Arbitrary<number>) =>
      fc.array(values, exactly).map((list) => Float64Array.from(list));
    return fc.oneof(
      fc.record({ type: fc.constant('real' as const), width: fc.constant(width), values: floats(reals) }),
      fc.record({
        type: fc.constant('integer' as const),
        width: fc.constant(width),
        values: floats(fc.maxSafeInteger()),
      }),
      fc.record({
        type: fc.constant('boolean' as const),
        width: fc.constant(width),
        values: fc.array(fc.boolean(), exactly),
      }),
      fc.record({
        type: fc.constant('string' as const),
        width: fc.constant(width),
        values: fc.array(words, exactly),
      }),
    );
  });
}

/** What atoms of any format have: N atoms, positions from the given numbers. */
const atomsOf = (count: number, coordinates: fc.Arbitrary<number>) => ({
  numbers: fc
    .array(fc.integer({ min: 1, max: 118 }), { minLength: count, maxLength: count })
    .map((list) => Uint8Array.from(list)),
  positions: fc
    .array(coordinates, { minLength: 3 * count, maxLength: 3 * count })
    .map((list) => Float64Array.from(list)),
});

/** Anything that extended xyz can hold. */
export const xyzMolecules: fc.Arbitrary<Molecule> = fc.nat(6).chain((count) =>
  fc.record(
    {
      ...atomsOf(count, reals),
      name: texts,
      charge: reals,
      cell: fc.array(reals, { minLength: 9, maxLength: 9 }).map((list) => Float64Array.from(list)),
      periodic: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
      properties: fc.array(fc.tuple(names, properties), { maxLength: 4 }).map((pairs) => new Map(pairs)),
      columns: fc.array(fc.tuple(names, columns(count)), { maxLength: 3 }).map((pairs) => new Map(pairs)),
    },
    { requiredKeys: ['numbers', 'positions', 'properties', 'columns', 'periodic'] },
  ),
);

const lineTexts = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !/[\r\n]/.test(text));
const fieldLines = lineTexts.filter((text) => text.trim() !== '' && !text.startsWith('$$$$'));

/** Anything that SDF can hold, with coordinates that four decimals hold where `decimals` is 4. */
export function sdfMolecules(coordinates: fc.Arbitrary<number>, minAtoms = 0): fc.Arbitrary<Molecule> {
  return fc.integer({ min: minAtoms, max: minAtoms + 6 }).chain((count) => {
    const small = (min: number, max: number) =>
      fc.array(fc.integer({ min, max }), { minLength: count, maxLength: count });
    const pairs = fc
      .tuple(fc.nat(Math.max(0, count - 1)), fc.nat(Math.max(0, count - 1)), fc.integer({ min: 1, max: 10 }))
      .filter(([from, to]) => from !== to);
    return fc
      .record({
        ...atomsOf(count, coordinates),
        name: lineTexts.map((text) => text.trim()).filter((text) => text !== '' && !text.startsWith('$$$$')),
        dimensions: fc.constantFrom<2 | 3>(2, 3),
        bonds: fc.array(pairs, { maxLength: count > 1 ? 6 : 0 }).map((list) => ({
          pairs: Uint32Array.from(list.flatMap((bond) => bond.slice(0, 2))),
          orders: Uint8Array.from(list, ([, , order]) => order),
        })),
        charges: small(-15, 15),
        radicals: small(0, 3),
        isotopes: small(0, 999),
        fields: fc.array(
          fc.tuple(
            lineTexts.filter((text) => /^[^<>]+$/.test(text)),
            fc.array(fieldLines, { maxLength: 3 }).map((lines) => lines.join('\n')),
          ),
          { maxLength: 3 },
        ),
      })
      .map(({ charges, radicals, isotopes, fields, ...rest }) => ({
        ...rest,
        charge: charges.reduce((sum, charge) => sum + charge, 0),
        properties: new Map(fields),
        columns: new Map(
          Object.entries({ formal_charge: charges, radical: radicals, isotope: isotopes })
            .filter(([, values]) => values.some((value) => value !== 0))
            .map(([name, values]) => [
              name,
              { type: 'integer' as const, width: 1, values: Float64Array.from(values) },
            ]),
        ),
      }));
  });
}
