/**
 * @file Writing SDF: V2000, whose columns hold four decimals, or V3000 with every digit where a molecule is too large for
 * these columns (more than 999 atoms or bonds, or coordinates that take more than ten characters).
 * Of the per-atom columns, charges, isotopes and radicals have a place in this format. Fields come back as text.
 * Specification: BIOVIA, CTfile Formats (2020).
 */

import { ATOM_COLUMNS } from './connection-table.ts';
import { symbolOf } from './elements.ts';
import type { Molecule, PropertyValue } from './molecule.ts';
import { formatReal } from './numbers.ts';

const MAX_V2000 = 999;
const MAX_V3000_LINE = 80;
const ENTRIES_A_LINE = 8;

/** Of each column, its name in V2000 and in V3000. */
const ATTRIBUTES = {
  formal_charge: ['CHG', 'CHG'],
  radical: ['RAD', 'RAD'],
  isotope: ['ISO', 'MASS'],
} as const;

/**
 * Records one after the other, each ended by `$$$$`. Texts of several calls may be joined.
 * @throws RangeError for arrays that do not fit the number of atoms, values that are not finite, and text that the
 * format cannot hold.
 */
export function writeSdf(molecules: Iterable<Molecule>): string {
  let text = '';
  for (const molecule of molecules) text += writeRecord(molecule);
  return text;
}

function writeRecord(molecule: Molecule): string {
  const { name = '', numbers, positions, bonds, dimensions = 3 } = molecule;
  checkMolecule(molecule);
  const isSmall = numbers.length <= MAX_V2000 && (bonds?.orders.length ?? 0) <= MAX_V2000;
  const fits = isSmall && positions.every((value) => Math.abs(value) < 1e6 && value.toFixed(4).length <= 10);
  // Columns of the second line: initials 2, program 8, date 10, dimensions 2.
  const header = [name, `  ${'egnn'.padEnd(18)}${dimensions}D`, ''];
  const table = fits ? formatV2000(molecule) : formatV3000(molecule);
  const fields = [...molecule.properties].flatMap(([key, value]) => formatField(key, value));
  return [...header, ...table, 'M  END', ...fields, '$$$$', ''].join('\n');
}

function formatV2000(molecule: Molecule): string[] {
  const { numbers, positions, bonds } = molecule;
  const bondCount = bonds?.orders.length ?? 0;
  const lines = [`${columns(numbers.length, bondCount)}  0  0  0  0  0  0  0  0999 V2000`];
  for (let atom = 0; atom < numbers.length; atom++) {
    const place = [...positions.subarray(3 * atom, 3 * atom + 3)].map((value) =>
      value.toFixed(4).padStart(10),
    );
    lines.push(`${place.join('')} ${symbolOf(numbers[atom]!).padEnd(3)} 0${'  0'.repeat(11)}`);
  }
  for (let bond = 0; bond < bondCount; bond++) {
    const [from, to] = bonds!.pairs.subarray(2 * bond, 2 * bond + 2) as unknown as [number, number];
    lines.push(`${columns(from + 1, to + 1, bonds!.orders[bond]!)}  0`);
  }
  for (const [column, [attribute]] of Object.entries(ATTRIBUTES)) {
    const entries = attributesOf(molecule, column).map(
      ([atom, value]) => ` ${columns(atom + 1)} ${columns(value)}`,
    );
    for (let start = 0; start < entries.length; start += ENTRIES_A_LINE) {
      const group = entries.slice(start, start + ENTRIES_A_LINE);
      lines.push(`M  ${attribute}${columns(group.length)}${group.join('')}`);
    }
  }
  return lines;
}

function formatV3000(molecule: Molecule): string[] {
  const { numbers, positions, bonds } = molecule;
  const bondCount = bonds?.orders.length ?? 0;
  const attributes: string[] = Array.from(numbers, () => '');
  for (const [column, [, attribute]] of Object.entries(ATTRIBUTES)) {
    for (const [atom, value] of attributesOf(molecule, column)) attributes[atom] += ` ${attribute}=${value}`;
  }
  const lines = ['BEGIN CTAB', `COUNTS ${numbers.length} ${bondCount} 0 0 0`, 'BEGIN ATOM'];
  for (let atom = 0; atom < numbers.length; atom++) {
    const place = [...positions.subarray(3 * atom, 3 * atom + 3)].map((value) =>
      formatReal(value, 'positions'),
    );
    lines.push(`${atom + 1} ${symbolOf(numbers[atom]!)} ${place.join(' ')} 0${attributes[atom]}`);
  }
  lines.push('END ATOM');
  if (bondCount > 0) {
    lines.push('BEGIN BOND');
    for (let bond = 0; bond < bondCount; bond++) {
      const [from, to] = bonds!.pairs.subarray(2 * bond, 2 * bond + 2) as unknown as [number, number];
      lines.push(`${bond + 1} ${bonds!.orders[bond]} ${from + 1} ${to + 1}`);
    }
    lines.push('END BOND');
  }
  lines.push('END CTAB');
  return [`  0  0  0     0  0${' '.repeat(12)}999 V3000`, ...lines.flatMap(foldV3000)];
}

/** Lines have at most 80 characters; `-` at the end says that the next one goes on. */
function foldV3000(text: string): string[] {
  const prefix = 'M  V30 ';
  const room = MAX_V3000_LINE - prefix.length;
  const lines: string[] = [];
  let rest = text;
  for (; rest.length > room; rest = rest.slice(room - 1)) lines.push(`${prefix}${rest.slice(0, room - 1)}-`);
  return [...lines, prefix + rest];
}

/** Atoms with a value other than 0. */
function attributesOf(molecule: Molecule, column: string): [atom: number, value: number][] {
  const values = molecule.columns.get(column)?.values ?? [];
  return [...(values as ArrayLike<number> & Iterable<number>)]
    .map((value, atom): [number, number] => [atom, value])
    .filter(([, value]) => value !== 0);
}

function formatField(name: string, value: PropertyValue): string[] {
  const text = Array.isArray(value) ? value.flat().join(' ') : String(value);
  const lines = text === '' ? [] : text.split('\n');
  if (!/^[^<>\r\n]+$/.test(name)) {
    throw new RangeError(`property ${JSON.stringify(name)}; expected a name without < > and line ends`);
  }
  if (lines.some((line) => line.trim() === '' || line.startsWith('$$$$') || line.includes('\r'))) {
    throw new RangeError(
      `property ${name}: SDF cannot hold blank lines, line ends \\r, or lines that start with $$$$`,
    );
  }
  return [`> <${name}>`, ...lines, ''];
}

function checkMolecule({ name = '', numbers, positions, bonds, charge, columns: all }: Molecule): void {
  const count = numbers.length;
  if (/[\r\n]/.test(name) || name.startsWith('$$$$')) {
    throw new RangeError(`name ${JSON.stringify(name)}; expected one line that does not start with $$$$`);
  }
  if (positions.length !== 3 * count) {
    throw new RangeError(`positions has ${positions.length} values; expected 3 for each of ${count} atoms`);
  }
  if (!positions.every(Number.isFinite)) throw new RangeError('positions has a value that is not finite');
  if (bonds !== undefined && bonds.pairs.length !== 2 * bonds.orders.length) {
    throw new RangeError(
      `bonds has ${bonds.pairs.length} atoms for ${bonds.orders.length} bonds; expected two each`,
    );
  }
  if (bonds?.pairs.some((atom, k) => atom >= count || (k % 2 === 1 && atom === bonds.pairs[k - 1]))) {
    throw new RangeError(`bonds has an atom that is not there, or twice; expected 0 to ${count - 1}`);
  }
  if (bonds?.orders.some((order) => order < 1 || order > 10)) {
    throw new RangeError('bonds has a type that molfiles do not have; expected 1 to 10');
  }
  for (const [name, { least, most }] of Object.entries(ATOM_COLUMNS)) {
    const values = all.get(name)?.values;
    const inRange = (value: unknown) =>
      Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
    if (values !== undefined && !(values.length === count && [...values].every(inRange))) {
      throw new RangeError(`column ${name}; expected ${count} whole numbers from ${least} to ${most}`);
    }
  }
  const charges = (all.get('formal_charge')?.values ?? []) as Float64Array;
  const sum = charges.reduce((total: number, value: number) => total + value, 0);
  if (charge !== undefined && charge !== sum) {
    throw new RangeError(
      `charge is ${charge}, but formal_charge sums to ${sum}; SDF holds the charges of atoms`,
    );
  }
}

/** Whole numbers, three columns each. */
function columns(...values: number[]): string {
  return values.map((value) => String(value).padStart(3)).join('');
}
