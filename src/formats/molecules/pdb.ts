/**
 * @file Reading PDB: the ATOM and HETATM records, in fixed columns, and MODEL, ENDMDL and END between them. One structure
 * a model. Where the element columns (77-78) are empty it comes from the atom's name, which starts in column 14
 * for elements of one letter and in column 13 for those of two. Not read: serial numbers, which large files write
 * as ***** or in hybrid-36, and everything that is not an atom.
 * Specification: wwPDB, Protein Data Bank Contents Guide 3.30 (2012), "Coordinate Section".
 */

import { atomicNumberOf } from './elements.ts';
import type { Chunks } from './lines.ts';
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
import { type AtomRecord, type Structure, structureOf } from './structure.ts';

const MODEL = /^MODEL(?: |$)/;
const END_OF_MODEL = /^(?:ENDMDL|END *$)/;
const ATOM = /^(?:ATOM {2}|HETATM)/;

const END_OF_COORDINATES = 54;

/** Residues that are chains of H, C, N, O, P and S, where a name such as CA is never calcium. */
const POLYMER_RESIDUES = new Set(
  (
    'ALA ARG ASN ASP CYS GLN GLU GLY HIS ILE LEU LYS MET PHE PRO SER THR TRP TYR VAL ' +
    'A C G U I DA DC DG DT DU DI'
  ).split(' '),
);

/**
 * All models of a PDB file.
 * @param where the file's name, for error messages.
 * @throws FormatError at the first malformed atom, and for a model without atoms.
 */
export function readPdb(input: string | Uint8Array, where?: string): Structure[] {
  return readAll(pdbSyntax(), input, where);
}

/** The models of a stream, each a structure or an error; after an error, reading goes on at the next model. */
export function readPdbRecords(
  chunks: Chunks,
  { where }: ReadOptions = {},
): AsyncGenerator<ReadRecord<Structure>> {
  return readStream(pdbSyntax(), chunks, where);
}

export function pdbSyntax(): RecordSyntax<Structure> {
  // What follows the first model's end, up to the next atom, is no model.
  let ended = false;
  return {
    cut(line, gathered) {
      if (gathered === 0 && ended && !ATOM.test(line) && !MODEL.test(line)) return 'between';
      if (END_OF_MODEL.test(line)) {
        ended = true;
        return 'last';
      }
      return 'further';
    },
    parse: (lines, first) => (lines.every((line) => line.trim() === '') ? [] : [parseModel(lines, first)]),
  };
}

function parseModel(lines: readonly string[], first: number): Structure {
  const atoms: AtomRecord[] = [];
  let model = 1;
  for (const [k, line] of lines.entries()) {
    if (MODEL.test(line)) {
      const number = parseInteger(line.slice(5).trim());
      if (number === undefined) throw malformed(first + k, `${quote(line)}; expected MODEL and its number`);
      if (atoms.length > 0) throw malformed(first + k, `${quote(line)}; expected ENDMDL before it`);
      model = number;
    } else if (ATOM.test(line)) {
      atoms.push(parseAtom(line, first + k));
      if (atoms.length > MAX_ATOMS) throw malformed(first + k, `a model has at most ${MAX_ATOMS} atoms`);
    }
  }
  if (atoms.length === 0) {
    throw malformed(first + lines.length - 1, 'no atoms before this line; expected ATOM or HETATM records');
  }
  return structureOf(atoms, model);
}

function parseAtom(line: string, number: number): AtomRecord {
  // A line that was cut within a coordinate would hold another number.
  if (line.length < END_OF_COORDINATES) {
    throw malformed(number, `the atom has ${line.length} columns; expected ${END_OF_COORDINATES} or more`);
  }
  const coordinate = (start: number) => {
    const text = columns(line, start, start + 7);
    const value = parseReal(text);
    if (value !== undefined) return value;
    throw malformed(number, `${quote(text)} in columns ${start}-${start + 7}; expected a coordinate`);
  };
  const optional = (start: number, end: number, missing: number) => {
    const text = columns(line, start, end);
    const value = text === '' ? missing : parseReal(text);
    if (value !== undefined) return value;
    throw malformed(number, `${quote(text)} in columns ${start}-${end}; expected a number`);
  };
  return {
    number: parseElement(line, number),
    position: [coordinate(31), coordinate(39), coordinate(47)],
    atomName: columns(line, 13, 16),
    residueName: columns(line, 18, 21),
    chain: columns(line, 22, 22),
    residueNumber: parseResidueNumber(columns(line, 23, 26), number),
    insertionCode: columns(line, 27, 27),
    alternativeLocation: columns(line, 17, 17),
    hetero: line.startsWith('HETATM'),
    occupancy: optional(55, 60, 1),
    temperatureFactor: optional(61, 66, 0),
    formalCharge: parseCharge(columns(line, 79, 80)),
  };
}

function parseResidueNumber(text: string, line: number): number {
  const value = parseInteger(text);
  if (value !== undefined) return value;
  const hint = /^[A-Za-z][0-9A-Za-z]{3}$/.test(text) ? ' (hybrid-36 numbers are not read)' : '';
  throw malformed(line, `${quote(text)} in columns 23-26; expected a residue number${hint}`);
}

/** `2+`, `1-`; old files have other things in these columns. */
function parseCharge(text: string): number {
  const [, size, sign] = /^(\d)([+-])$/.exec(text) ?? [];
  return size === undefined ? 0 : sign === '-' ? -Number(size) : Number(size);
}

function parseElement(line: string, number: number): number {
  const symbol = columns(line, 77, 78);
  // Files from before 1996 have the entry's name and a line number in these columns.
  if (/^[A-Za-z]+$/.test(symbol)) {
    const element = atomicNumberOf(symbol);
    if (element !== undefined) return element;
    throw malformed(number, `${quote(symbol)} in columns 77-78; expected an element`);
  }
  const element = guessElement(line.slice(12, 16), columns(line, 18, 21));
  if (element !== undefined) return element;
  throw malformed(
    number,
    `no element in columns 77-78, and the atom name ${quote(line.slice(12, 16))} does not tell it`,
  );
}

/**
 * @param name the four columns of the name, with their spaces.
 * @returns the atomic number, or undefined where the name starts with no element.
 */
function guessElement(name: string, residueName: string): number | undefined {
  const letters = /[A-Za-z]+/.exec(name)?.[0] ?? '';
  const two = /^[A-Za-z]{2}/.test(name) ? atomicNumberOf(name.slice(0, 2)) : undefined;
  // Names of four characters have no room for the space: HG11 is the hydrogen of a gamma carbon, not mercury.
  const isLongHydrogen = /^[Hh]\S{3}$/.test(name);
  if (two !== undefined && !isLongHydrogen && !POLYMER_RESIDUES.has(residueName)) return two;
  return atomicNumberOf(letters.slice(0, 1));
}

/** Columns as the guide counts them, from 1, both ends included. */
function columns(line: string, start: number, end: number): string {
  return line.slice(start - 1, end).trim();
}
