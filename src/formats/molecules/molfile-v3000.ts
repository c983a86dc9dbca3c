/**
 * @file The connection table of a V3000 molfile: lines that start with `M  V30 `, of words, in blocks; a line that ends
 * with `-` goes on in the next one. Blocks other than ATOM and BOND are passed over.
 * Specification: BIOVIA, CTfile Formats (2020), "The Connection Table [CTAB] (V3000)".
 */

import {
  ATOM_COLUMNS,
  addAtom,
  addBond,
  type ConnectionTable,
  checkCount,
  emptyTable,
} from './connection-table.ts';
import { parseInteger } from './numbers.ts';
import { malformed, quote } from './records.ts';

const PREFIX = 'M  V30 ';

const ATTRIBUTES = {
  CHG: ATOM_COLUMNS.formal_charge,
  RAD: ATOM_COLUMNS.radical,
  MASS: ATOM_COLUMNS.isotope,
} as const;

/**
 * Reads from the line after the counts line on, which says only that it is V3000.
 * @param at the position of that line within the lines.
 * @returns the table, and the position after `M  END`.
 * @throws FormatError
 */
export function parseV3000(
  lines: readonly string[],
  at: number,
  first: number,
): { table: ConnectionTable; end: number } {
  const table = emptyTable();
  const blocks: string[] = [];
  /** Positions in the table by the atoms' numbers, which may be any. */
  const atoms = new Map<string, number>();
  let counts: { atoms: number; bonds: number } | undefined;
  let position = at;
  while (position < lines.length && !lines[position]!.startsWith('M  END')) {
    const line = first + position;
    const { text, end } = joinLines(lines, position, first);
    position = end;
    const words = text.trim().split(/\s+/);
    // Nothing is read deeper down.
    const place = blocks.length > 2 ? '' : blocks.join(' ');
    if (words[0] === 'BEGIN') blocks.push(words[1] ?? '');
    else if (words[0] === 'END') {
      const open = blocks.pop();
      if (open !== words[1]) throw malformed(line, `END ${words[1]}; expected END ${open ?? 'of no block'}`);
    } else if (place === 'CTAB' && words[0] === 'COUNTS') {
      counts = {
        atoms: checkCount(parseInteger(words[1] ?? ''), 'atoms', line),
        bonds: checkCount(parseInteger(words[2] ?? ''), 'bonds', line),
      };
    } else if (place === 'CTAB ATOM') parseAtom(table, atoms, words, line);
    else if (place === 'CTAB BOND') parseBond(table, atoms, words, line);
  }
  if (position >= lines.length) throw malformed(first + lines.length, 'the record ends; expected M  END');
  checkComplete(table, blocks, counts, first + position);
  return { table, end: position + 1 };
}

function joinLines(lines: readonly string[], at: number, first: number): { text: string; end: number } {
  let text = '';
  for (let position = at; ; position++) {
    const line = lines[position];
    if (line === undefined || !line.startsWith(PREFIX)) {
      const found = line === undefined ? 'the record ends' : `found ${quote(line)}`;
      throw malformed(first + position, `${found}; expected a line that starts with "${PREFIX}"`);
    }
    const part = line.slice(PREFIX.length).trimEnd();
    if (!part.endsWith('-')) return { text: text + part, end: position + 1 };
    text += part.slice(0, -1);
  }
}

function parseAtom(
  table: ConnectionTable,
  atoms: Map<string, number>,
  words: readonly string[],
  line: number,
): void {
  const [index, symbol, x, y, z] = words;
  if (z === undefined || parseInteger(index!) === undefined) {
    throw malformed(line, 'expected an atom: number, element, x, y, z, mapping, attributes');
  }
  if (atoms.has(index!)) throw malformed(line, `atom ${index} comes twice`);
  atoms.set(index!, table.numbers.length);
  addAtom(table, symbol!, [x!, y!, z], line);
  const atom = table.numbers.length - 1;
  for (const word of words.slice(6)) {
    const [name, text] = word.split('=') as [string, string | undefined];
    if (!Object.hasOwn(ATTRIBUTES, name)) continue;
    const { key, least, most } = ATTRIBUTES[name as keyof typeof ATTRIBUTES];
    const value = parseInteger(text ?? '');
    if (value === undefined || value < least || value > most) {
      throw malformed(line, `${quote(word)}; expected ${name}= and a whole number from ${least} to ${most}`);
    }
    table[key][atom] = value;
  }
}

function parseBond(
  table: ConnectionTable,
  atoms: Map<string, number>,
  words: readonly string[],
  line: number,
): void {
  const [, order, from, to] = words;
  if (to === undefined) throw malformed(line, 'expected a bond: number, type, and two atoms');
  addBond(table, atoms.get(from!), atoms.get(to), parseInteger(order!), line);
}

function checkComplete(
  table: ConnectionTable,
  blocks: readonly string[],
  counts: { atoms: number; bonds: number } | undefined,
  line: number,
): void {
  if (blocks.length > 0) throw malformed(line, `M  END; expected END ${blocks.at(-1)} before it`);
  if (counts === undefined) throw malformed(line, 'M  END; expected a COUNTS line before it');
  const found = { atoms: table.numbers.length, bonds: table.orders.length };
  for (const what of ['atoms', 'bonds'] as const) {
    if (found[what] !== counts[what]) {
      throw malformed(line, `the table has ${found[what]} ${what}; COUNTS says ${counts[what]}`);
    }
  }
}
