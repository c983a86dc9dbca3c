/**
 * @file The connection table of a V2000 molfile: numbers in fixed columns, then lines of properties up to `M  END`.
 * Specification: BIOVIA, CTfile Formats (2020), "The Connection Table [CTAB] (V2000)".
 */

import {
  ATOM_COLUMNS,
  addAtom,
  addBond,
  type ConnectionTable,
  checkCount,
  emptyTable,
} from './connection-table.ts';
import { roundedMassOf } from './elements.ts';
import { parseInteger } from './numbers.ts';
import { malformed, quote } from './records.ts';

/** The charges that the codes 0 to 7 of an atom line mean; 4 is a doublet radical. */
const CHARGE_OF_CODE = [0, 3, 2, 1, 0, -1, -2, -3];
const DOUBLET_CODE = 4;
const DOUBLET = 2;

const PROPERTY_LINES = {
  'M  CHG': ATOM_COLUMNS.formal_charge,
  'M  RAD': ATOM_COLUMNS.radical,
  'M  ISO': ATOM_COLUMNS.isotope,
} as const;

/**
 * Reads from the counts line on.
 * @param at the position of the counts line within the lines.
 * @returns the table, and the position after `M  END`.
 * @throws FormatError
 */
export function parseV2000(
  lines: readonly string[],
  at: number,
  first: number,
): { table: ConnectionTable; end: number } {
  const counts = lines[at]!;
  const atoms = checkCount(field(counts, 0, 3), 'atoms in columns 1-3', first + at);
  const bonds = checkCount(field(counts, 3, 6), 'bonds in columns 4-6', first + at);
  const table = emptyTable();
  for (let k = 0; k < atoms; k++) {
    const position = at + 1 + k;
    parseAtom(table, need(lines, position, first, `atom ${k + 1} of ${atoms}`), first + position);
  }
  for (let k = 0; k < bonds; k++) {
    const position = at + 1 + atoms + k;
    const line = need(lines, position, first, `bond ${k + 1} of ${bonds}`);
    const [from, to, order] = [field(line, 0, 3), field(line, 3, 6), field(line, 6, 9)];
    addBond(table, before(from), before(to), order, first + position);
  }
  return { table, end: parseProperties(table, lines, at + 1 + atoms + bonds, first) };
}

function parseAtom(table: ConnectionTable, line: string, number: number): void {
  const coordinates = [line.slice(0, 10), line.slice(10, 20), line.slice(20, 30)].map((text) => text.trim());
  addAtom(table, line.slice(31, 34).trim(), coordinates, number);
  const atom = table.numbers.length - 1;
  const massDifference = field(line, 34, 36);
  const code = field(line, 36, 39);
  if (massDifference === undefined) {
    throw malformed(number, `mass difference ${quote(line.slice(34, 36))}; expected a whole number`);
  }
  if (code === undefined || CHARGE_OF_CODE[code] === undefined) {
    throw malformed(number, `charge code ${quote(line.slice(36, 39))}; expected 0 to 7`);
  }
  if (massDifference !== 0) {
    const mass = roundedMassOf(table.numbers[atom]!) + massDifference;
    if (mass < 1) throw malformed(number, `mass difference ${massDifference} leaves no mass`);
    table.isotopes[atom] = mass;
  }
  table.charges[atom] = CHARGE_OF_CODE[code]!;
  if (code === DOUBLET_CODE) table.radicals[atom] = DOUBLET;
}

function parseProperties(
  table: ConnectionTable,
  lines: readonly string[],
  start: number,
  first: number,
): number {
  let charged = false;
  for (let at = start; ; at++) {
    const line = need(lines, at, first, 'M  END');
    if (line.startsWith('M  END')) return at + 1;
    if (line.startsWith('>') || line.startsWith('$$$$')) {
      throw malformed(first + at, `found ${quote(line)} before M  END`);
    }
    const kind = line.slice(0, 6);
    // An atom's alias or a group's abbreviation is the line that follows.
    if (line.startsWith('A  ') || line.startsWith('G  ')) at++;
    else if (kind === 'S  SKP') at += checkCount(field(line, 6, 9), 'lines to skip', first + at);
    else if (Object.hasOwn(PROPERTY_LINES, kind)) {
      const column = PROPERTY_LINES[kind as keyof typeof PROPERTY_LINES];
      if (column.key !== 'isotopes' && !charged) {
        // One such line makes the charges and radicals of all atom lines void.
        table.charges.fill(0);
        table.radicals.fill(0);
        charged = true;
      }
      parsePropertyLine(table, column, line, first + at);
    }
  }
}

function parsePropertyLine(
  table: ConnectionTable,
  { key, least, most }: (typeof PROPERTY_LINES)[keyof typeof PROPERTY_LINES],
  line: string,
  number: number,
): void {
  const count = field(line, 6, 9);
  if (count === undefined || count < 1 || count > 8) {
    throw malformed(number, `${quote(line.slice(0, 9))}; expected 1 to 8 entries in columns 7-9`);
  }
  for (let k = 0; k < count; k++) {
    const start = 9 + 8 * k;
    const [atom, value] = [field(line, start, start + 4), field(line, start + 4, start + 8)];
    if (atom === undefined || atom < 1 || atom > table.numbers.length) {
      throw malformed(number, `entry ${k + 1} is of atom ${atom}; expected 1 to ${table.numbers.length}`);
    }
    if (value === undefined || value < least || value > most) {
      throw malformed(number, `entry ${k + 1} is ${value}; expected a whole number from ${least} to ${most}`);
    }
    table[key][atom - 1] = value;
  }
}

/** The whole number in columns [start, end), counted from 0; blank columns are 0. */
function field(line: string, start: number, end: number): number | undefined {
  const text = line.slice(start, end).trim();
  return text === '' ? 0 : parseInteger(text);
}

function before(atom: number | undefined): number | undefined {
  return atom === undefined ? undefined : atom - 1;
}

function need(lines: readonly string[], at: number, first: number, what: string): string {
  const line = lines[at];
  if (line === undefined) throw malformed(first + lines.length, `the record ends; expected ${what}`);
  return line;
}
