/**
 * @file Writing extended XYZ, so that reading it gives the same molecules to the last bit. Bonds and `dimensions` have no
 * place in this format. Text that looks like numbers or booleans, such as the fields of an SDF file, comes back as
 * what it looks like: the format has no mark that says otherwise.
 * Specification: as in xyz.ts.
 */

import { symbolOf } from './elements.ts';
import { formatPair } from './extended-xyz.ts';
import type { AtomColumn, Molecule } from './molecule.ts';
import { formatReal } from './numbers.ts';

const LETTERS = { string: 'S', real: 'R', integer: 'I', boolean: 'L' } as const;
const RESERVED_KEYS = ['Properties', 'Lattice', 'pbc', 'name', 'charge'];
const RESERVED_COLUMNS = ['species', 'pos'];

/**
 * Frames one after the other. Texts of several calls may be joined.
 * @throws RangeError for arrays that do not fit the number of atoms, values that are not finite, and names that the
 * format cannot hold.
 */
export function writeXyz(molecules: Iterable<Molecule>): string {
  let text = '';
  for (const molecule of molecules) text += writeFrame(molecule);
  return text;
}

function writeFrame(molecule: Molecule): string {
  const { numbers, positions } = molecule;
  const pos: AtomColumn = { type: 'real', width: 3, values: positions };
  const columns: [string, AtomColumn][] = [['pos', pos], ...molecule.columns];
  for (const name of RESERVED_COLUMNS) {
    if (molecule.columns.has(name))
      throw new RangeError(`a column cannot be named ${name}, which numbers and positions take`);
  }
  for (const [name, column] of columns) checkColumn(name, column, numbers.length);
  let text = `${numbers.length}\n${formatComment(molecule)}\n`;
  for (let atom = 0; atom < numbers.length; atom++) {
    text += symbolOf(numbers[atom]!);
    for (const [name, { type, width, values }] of columns) {
      for (let k = atom * width; k < (atom + 1) * width; k++)
        text += ` ${formatValue(name, type, values[k]!)}`;
    }
    text += '\n';
  }
  return text;
}

function formatComment({ name, charge, cell, periodic, properties, columns }: Molecule): string {
  const parts: string[] = [];
  if (cell !== undefined)
    parts.push(`Lattice="${[...cell].map((value) => formatReal(value, 'cell')).join(' ')}"`);
  const fields = [...columns].map(([key, { type, width }]) => `:${key}:${LETTERS[type]}:${width}`);
  parts.push(`Properties=species:S:1:pos:R:3${fields.join('')}`);
  if (periodic !== undefined) parts.push(`pbc="${periodic.map((flag) => (flag ? 'T' : 'F')).join(' ')}"`);
  if (name !== undefined) parts.push(formatPair('name', name));
  if (charge !== undefined) parts.push(formatPair('charge', charge));
  for (const [key, value] of properties) {
    if (RESERVED_KEYS.includes(key)) {
      throw new RangeError(`a property cannot be named ${key}; in extended xyz that is something else`);
    }
    parts.push(formatPair(key, value));
  }
  return parts.join(' ');
}

function checkColumn(name: string, { width, values }: AtomColumn, count: number): void {
  if (values.length !== count * width || width < 1) {
    throw new RangeError(
      `column ${name} has ${values.length} values of width ${width}; expected ${count} atoms times a width from 1`,
    );
  }
  if (!/^[^\s:=",[\]{}\\]+$/.test(name)) {
    throw new RangeError(
      `column ${JSON.stringify(name)}; expected a name without spaces and : = " , \\ or brackets`,
    );
  }
}

function formatValue(name: string, type: AtomColumn['type'], value: number | boolean | string): string {
  if (typeof value === 'boolean') return value ? 'T' : 'F';
  if (typeof value === 'string') {
    if (/^\S+$/.test(value)) return value;
    throw new RangeError(`column ${name} has ${JSON.stringify(value)}; expected text without spaces`);
  }
  if (type === 'integer' && !Number.isSafeInteger(value)) {
    throw new RangeError(`column ${name} has ${value}; expected a whole number`);
  }
  return formatReal(value, `column ${name}`);
}
