/**
 * @file Reading xyz: the number of atoms, a comment, then a line for each atom: element and position. Any number of
 * frames. Where the comment names `Properties` (or `Lattice`), it is extended XYZ, whose columns are those that the
 * property list `name:type:width:...` says, with type S text, R real, I integer, L boolean.
 *
 * A comment of nothing but `key=value` pairs is read as such in any case; every other comment is the molecule's name.
 * Lines of plain xyz may go on after the position; what stands there is not read.
 * Specification: extended XYZ of libAtoms, https://github.com/libAtoms/extxyz (README, version 0.1); plain xyz as
 * XMol and Open Babel have it.
 */

import { atomicNumberOf, ELEMENT_COUNT } from './elements.ts';
import { parseBoolean, parseInfo } from './extended-xyz.ts';
import type { Chunks } from './lines.ts';
import type { AtomColumn, Molecule, PropertyValue } from './molecule.ts';
import { parseInteger, parseReal } from './numbers.ts';
import {
  MAX_ATOMS,
  malformed,
  quote,
  type ReadOptions,
  type ReadRecord,
  type RecordSyntax,
  readAll,
  readStream,
} from './records.ts';

/** A column of the property list; `start` is the word of a line where it begins. */
interface Field {
  name: string;
  type: AtomColumn['type'];
  width: number;
  start: number;
}

const TYPES = { S: 'string', R: 'real', I: 'integer', L: 'boolean' } as const;
const PLAIN: Field[] = [
  { name: 'species', type: 'string', width: 1, start: 0 },
  { name: 'pos', type: 'real', width: 3, start: 1 },
];
const COUNT = /^\s*\d+\s*$/;

/**
 * All frames of an xyz or extended xyz file.
 * @param where the file's name, for error messages.
 * @throws FormatError at the first malformed frame.
 */
export function readXyz(input: string | Uint8Array, where?: string): Molecule[] {
  return readAll(xyzSyntax(), input, where);
}

/** The frames of a stream, each a molecule or an error; after an error, reading goes on at the next frame. */
export function readXyzRecords(
  chunks: Chunks,
  { where }: ReadOptions = {},
): AsyncGenerator<ReadRecord<Molecule>> {
  return readStream(xyzSyntax(), chunks, where);
}

export function xyzSyntax(): RecordSyntax<Molecule> {
  let size = 0;
  let lost = false;

  function begin(line: string): 'first' {
    const count = Number(line);
    // Nobody knows how far a frame reaches whose count cannot be right.
    lost = count > MAX_ATOMS;
    size = 2 + (lost ? 0 : count);
    return 'first';
  }

  return {
    cut(line, gathered) {
      // A number alone is no atom: the frame before it is short, and a new one starts.
      if (gathered !== 1 && COUNT.test(line)) return begin(line);
      if (gathered > 0) return gathered + 1 === size ? 'last' : 'further';
      if (lost || line.trim() === '') return 'between';
      lost = true;
      return 'last';
    },
    parse: (lines, first) => [parseFrame(lines, first)],
  };
}

function parseFrame(lines: readonly string[], first: number): Molecule {
  const count = COUNT.test(lines[0]!) ? Number(lines[0]) : undefined;
  if (count === undefined) {
    throw malformed(first, `${quote(lines[0]!)}; expected the number of atoms of a frame`);
  }
  if (count > MAX_ATOMS) throw malformed(first, `${lines[0]!.trim()} atoms; expected at most ${MAX_ATOMS}`);
  if (lines.length !== count + 2) {
    const found = lines.length === 1 ? 'no comment line' : `${lines.length - 2} of ${count} atoms`;
    throw malformed(first + lines.length, `the frame that starts at line ${first} ends after ${found}`);
  }
  const { info, name } = parseComment(lines[1]!, first + 1);
  const molecule: Molecule = {
    numbers: new Uint8Array(0),
    positions: new Float64Array(0),
    properties: new Map(),
    columns: new Map(),
  };
  if (name !== '') molecule.name = name;
  const spec = info.get('Properties');
  const fields = spec === undefined ? PLAIN : parseFields(spec, first + 1);
  setProperties(molecule, info, first + 1);
  const rows = readRows(lines, first, fields, spec !== undefined);
  setColumns(molecule, fields, rows, first);
  return molecule;
}

function parseComment(line: string, number: number): { info: Map<string, PropertyValue>; name: string } {
  const extended = /(?:^|\s)(?:Properties|Lattice)\s*=/.test(line);
  try {
    return { info: parseInfo(line, !extended), name: '' };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    if (extended) throw malformed(number, error.message);
    return { info: new Map(), name: line.trim() };
  }
}

function parseFields(spec: PropertyValue, line: number): Field[] {
  const words = typeof spec === 'string' ? spec.split(':') : [];
  if (words.length === 0 || words.length % 3 !== 0) {
    throw malformed(line, `Properties is ${quote(String(spec))}; expected name:type:width:...`);
  }
  const fields: Field[] = [];
  const names = new Set<string>();
  let start = 0;
  for (let k = 0; k < words.length; k += 3) {
    const [name, letter, size] = words.slice(k, k + 3) as [string, string, string];
    const type = Object.hasOwn(TYPES, letter) ? TYPES[letter as keyof typeof TYPES] : undefined;
    const width = parseInteger(size);
    if (name === '' || type === undefined || width === undefined || width < 1) {
      throw malformed(
        line,
        `Properties has ${quote(`${name}:${letter}:${size}`)}; expected a name, S, R, I or L, and a width from 1`,
      );
    }
    if (names.has(name)) throw malformed(line, `Properties has ${quote(name)} twice`);
    names.add(name);
    fields.push({ name, type, width, start });
    start += width;
  }
  return fields;
}

/** Takes out of the pairs what a molecule has a place of its own for. */
function setProperties(molecule: Molecule, info: Map<string, PropertyValue>, line: number): void {
  for (const [key, value] of info) {
    if (key === 'Properties') continue;
    if (key === 'Lattice') molecule.cell = parseLattice(value, line);
    else if (key === 'pbc') molecule.periodic = parsePeriodic(value, line);
    else if (key === 'charge' && typeof value === 'number') molecule.charge = value;
    else if (key === 'name' && !Array.isArray(value)) molecule.name = String(value);
    else molecule.properties.set(key, value);
  }
  if (molecule.cell !== undefined) molecule.periodic ??= [true, true, true];
}

function parseLattice(value: PropertyValue, line: number): Float64Array {
  const numbers = Array.isArray(value) ? value.flat() : [];
  if (numbers.length !== 9 || typeof numbers[0] !== 'number') {
    throw malformed(line, `Lattice is ${quote(String(value))}; expected nine numbers`);
  }
  return Float64Array.from(numbers as number[]);
}

function parsePeriodic(value: PropertyValue, line: number): [boolean, boolean, boolean] {
  const flags = Array.isArray(value) ? value.flat() : [value, value, value];
  if (flags.length !== 3 || typeof flags[0] !== 'boolean') {
    throw malformed(line, `pbc is ${quote(String(value))}; expected three of T and F`);
  }
  return flags as [boolean, boolean, boolean];
}

/** The columns of all atoms, in the order of the fields. */
function readRows(lines: readonly string[], first: number, fields: Field[], exact: boolean): AtomColumn[] {
  const count = lines.length - 2;
  const { start, width } = fields.at(-1)!;
  const total = start + width;
  let characters = 0;
  for (let k = 0; k < count; k++) characters += lines[2 + k]!.length;
  // A width that the file merely claims must not cost memory: each value takes a character and a space. With fewer
  // rows than atoms, some line is too short, and will be found to be.
  const rows = Math.min(count, Math.floor(characters / (2 * total - 1)));
  const columns = fields.map(({ type, width }): AtomColumn => {
    if (type === 'string') return { type, width, values: [] };
    if (type === 'boolean') return { type, width, values: [] };
    return { type, width, values: new Float64Array(rows * width) };
  });
  for (let atom = 0; atom < count; atom++) {
    const line = first + 2 + atom;
    const words = lines[2 + atom]!.trim().split(/\s+/);
    if (exact ? words.length !== total : words.length < total) {
      const found = words[0] === '' ? 0 : words.length;
      const expected = exact ? `${total}` : 'an element and three coordinates';
      throw malformed(line, `atom ${atom + 1} of ${count} has ${found} columns; expected ${expected}`);
    }
    for (let k = 0; k < fields.length; k++) readField(fields[k]!, columns[k]!, words, atom, line);
  }
  return columns;
}

function readField(field: Field, column: AtomColumn, words: string[], atom: number, line: number): void {
  for (let k = 0; k < field.width; k++) {
    const word = words[field.start + k]!;
    if (column.type === 'string') column.values.push(word);
    else if (column.type === 'boolean') {
      column.values.push(parseBoolean(word) ?? wrongValue(field, word, line, 'T or F'));
    } else {
      const value = column.type === 'real' ? parseReal(word) : parseInteger(word);
      const expected = column.type === 'real' ? 'a finite number' : 'a whole number';
      column.values[atom * field.width + k] = value ?? wrongValue(field, word, line, expected);
    }
  }
}

function wrongValue({ name }: Field, word: string, line: number, expected: string): never {
  throw malformed(line, `${name} has ${quote(word)}; expected ${expected}`);
}

/** Elements and positions go to their places; the other columns keep their names. */
function setColumns(molecule: Molecule, fields: Field[], columns: AtomColumn[], first: number): void {
  let elements: AtomColumn | undefined;
  let positions: AtomColumn | undefined;
  for (const [k, { name, type, width }] of fields.entries()) {
    const column = columns[k]!;
    if (name === 'species' && width === 1 && (type === 'string' || type === 'integer')) elements = column;
    else if (name === 'pos' && width === 3 && type === 'real') positions = column;
    else molecule.columns.set(name, column);
  }
  if (elements === undefined) {
    const [name, column] = [...molecule.columns].find(
      ([name, column]) =>
        (name === 'Z' || name === 'numbers') && column.type === 'integer' && column.width === 1,
    ) ?? ['', undefined];
    molecule.columns.delete(name);
    elements = column;
  }
  if (elements === undefined || positions === undefined) {
    const lacking = elements === undefined ? 'species:S:1 (or Z:I:1)' : 'pos:R:3';
    throw malformed(first + 1, `Properties lacks ${lacking}`);
  }
  molecule.positions = positions.values as Float64Array;
  molecule.numbers = Uint8Array.from(elements.values as ArrayLike<string | number>, (value, atom) => {
    const number = parseInteger(String(value)) ?? atomicNumberOf(String(value));
    if (number !== undefined && number >= 1 && number <= ELEMENT_COUNT) return number;
    throw malformed(first + 2 + atom, `${quote(String(value))}; expected an element's symbol or number`);
  });
}
