/**
 * @file What both versions of molfiles hold, atoms and bonds, on its way to a molecule.
 */

import { atomicNumberOf, massNumberOf } from './elements.ts';
import type { Molecule } from './molecule.ts';
import { parseReal } from './numbers.ts';
import { MAX_ATOMS, malformed, quote } from './records.ts';

/** Arrays with one entry an atom (`positions`: three), and one a bond (`pairs`: two). */
export interface ConnectionTable {
  numbers: number[];
  positions: number[];
  charges: number[];
  /** Mass numbers, 0 for the natural mixture. */
  isotopes: number[];
  radicals: number[];
  pairs: number[];
  orders: number[];
}

/** Per-atom columns that molfiles know: where a table keeps them, and their range. */
export const ATOM_COLUMNS = {
  formal_charge: { key: 'charges', least: -15, most: 15 },
  radical: { key: 'radicals', least: 0, most: 3 },
  isotope: { key: 'isotopes', least: 0, most: 999 },
} as const;

export function emptyTable(): ConnectionTable {
  return { numbers: [], positions: [], charges: [], isotopes: [], radicals: [], pairs: [], orders: [] };
}

/** Adds an atom without charge. @throws FormatError */
export function addAtom(
  table: ConnectionTable,
  symbol: string,
  coordinates: readonly string[],
  line: number,
): void {
  const number = atomicNumberOf(symbol);
  if (number === undefined) throw malformed(line, `atom symbol ${quote(symbol)}; expected an element`);
  for (const [k, word] of coordinates.entries()) {
    const value = parseReal(word);
    if (value === undefined) throw malformed(line, `${'xyz'[k]} is ${quote(word)}; expected a finite number`);
    table.positions.push(value);
  }
  table.numbers.push(number);
  table.charges.push(0);
  table.isotopes.push(massNumberOf(symbol));
  table.radicals.push(0);
}

/** Adds a bond between atoms counted from 0. @throws FormatError */
export function addBond(
  table: ConnectionTable,
  from: number | undefined,
  to: number | undefined,
  order: number | undefined,
  line: number,
): void {
  const count = table.numbers.length;
  for (const atom of [from, to]) {
    if (atom === undefined || atom < 0 || atom >= count) {
      throw malformed(line, `the bond joins an atom that is not there; expected two of the ${count} atoms`);
    }
  }
  if (from === to) throw malformed(line, 'the bond joins an atom with itself');
  if (order === undefined || order < 1 || order > 10)
    throw malformed(line, 'expected a bond type from 1 to 10');
  table.pairs.push(from!, to!);
  table.orders.push(order);
}

/** The number of atoms or bonds that a file claims. @throws FormatError */
export function checkCount(count: number | undefined, what: string, line: number): number {
  if (count === undefined || count < 0 || count > MAX_ATOMS) {
    throw malformed(line, `expected the number of ${what}, a whole number up to ${MAX_ATOMS}`);
  }
  return count;
}

export function toMolecule(table: ConnectionTable): Molecule {
  const molecule: Molecule = {
    numbers: Uint8Array.from(table.numbers),
    positions: Float64Array.from(table.positions),
    properties: new Map(),
    columns: new Map(),
    charge: table.charges.reduce((sum, charge) => sum + charge, 0),
    bonds: { pairs: Uint32Array.from(table.pairs), orders: Uint8Array.from(table.orders) },
  };
  for (const [name, { key }] of Object.entries(ATOM_COLUMNS)) {
    if (table[key].every((value) => value === 0)) continue;
    molecule.columns.set(name, { type: 'integer', width: 1, values: Float64Array.from(table[key]) });
  }
  return molecule;
}
