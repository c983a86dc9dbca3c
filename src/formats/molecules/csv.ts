/**
 * @file Tables with a SMILES column, as CSV, and `.smi` files, one SMILES and its name a line. The first row of a CSV file
 * is a header if one of its cells ends with "smiles", in any case: that column holds the SMILES, a column `name` the
 * names, and the others are properties. Without a header the SMILES are in the first column, and the others are
 * called column2, column3 and so on.
 * Specification: RFC 4180 (2005), with \n beside \r\n; SMILES are not looked into here (smiles.ts).
 */

import type { Chunks } from './lines.ts';
import {
  malformed,
  quote,
  type ReadOptions,
  type ReadRecord,
  type RecordSyntax,
  readAll,
  readStream,
} from './records.ts';

/** One row of a table: a molecule as SMILES, and what else the row says, as text. */
export interface SmilesRecord {
  smiles: string;
  name?: string;
  properties: Map<string, string>;
}

/**
 * All rows of a CSV file with a SMILES column.
 * @param where the file's name, for error messages.
 * @throws FormatError at the first malformed row.
 */
export function readSmilesCsv(input: string | Uint8Array, where?: string): SmilesRecord[] {
  return readAll(csvSyntax(), input, where);
}

/** The rows of a stream, each a record or an error; after an error, reading goes on at the next line. */
export function readSmilesCsvRecords(
  chunks: Chunks,
  { where }: ReadOptions = {},
): AsyncGenerator<ReadRecord<SmilesRecord>> {
  return readStream(csvSyntax(), chunks, where);
}

/**
 * All lines of a .smi file: SMILES, then after spaces or a tab the name.
 * @param where the file's name, for error messages.
 * @throws FormatError at the first malformed line.
 */
export function readSmi(input: string | Uint8Array, where?: string): SmilesRecord[] {
  return readAll(SMI_SYNTAX, input, where);
}

/** The lines of a stream, each a record or an error. */
export function readSmiRecords(
  chunks: Chunks,
  { where }: ReadOptions = {},
): AsyncGenerator<ReadRecord<SmilesRecord>> {
  return readStream(SMI_SYNTAX, chunks, where);
}

export const SMI_SYNTAX: RecordSyntax<SmilesRecord> = {
  cut: (line) => (line.trim() === '' ? 'between' : 'last'),
  parse([line]) {
    const text = line!.trim();
    const space = text.search(/\s/);
    const record: SmilesRecord = { smiles: space < 0 ? text : text.slice(0, space), properties: new Map() };
    if (space >= 0) record.name = text.slice(space).trim();
    return [record];
  },
};

interface Header {
  names: string[];
  smiles: number;
  name: number;
}

export function csvSyntax(): RecordSyntax<SmilesRecord> {
  let inQuotes = false;
  let header: Header | undefined;
  return {
    cut(line, gathered) {
      if (gathered === 0) {
        if (line.trim() === '') return 'between';
        inQuotes = false;
      }
      inQuotes = endsInQuotes(line, inQuotes);
      return inQuotes ? 'further' : 'last';
    },
    parse(lines, first) {
      const cells = parseRow(lines.join('\n'), first);
      if (header === undefined) {
        header = findHeader(cells);
        if (header !== undefined) {
          const known = new Set<string>();
          for (const name of header.names) {
            if (known.has(name)) throw malformed(first, `column ${quote(name)} comes twice`);
            known.add(name);
          }
          return [];
        }
        header = { names: cells.map((_, k) => `column${k + 1}`), smiles: 0, name: -1 };
      }
      return [toRecord(header, cells, first)];
    },
    maySwallow: true,
  };
}

/** Whether a line leaves a quoted cell open. */
function endsInQuotes(line: string, fromBefore: boolean): boolean {
  let at = 0;
  for (let inside = fromBefore; ; inside = false) {
    if (!inside && line[at] !== '"') {
      const comma = line.indexOf(',', at);
      if (comma < 0) return false;
      at = comma + 1;
      continue;
    }
    const end = endOfQuotes(line, inside ? at : at + 1);
    if (end < 0) return true;
    // Anything but a comma ends the row: parseRow says what is wrong with it.
    if (line[end + 1] !== ',') return false;
    at = end + 2;
  }
}

/** The quote that ends the cell, or -1; two in a row stand for one. */
function endOfQuotes(text: string, start: number): number {
  let at = text.indexOf('"', start);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

function parseRow(text: string, line: number): string[] {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    const isQuoted = text[at] === '"';
    let end: number;
    if (isQuoted) {
      const closing = endOfQuotes(text, at + 1);
      if (closing < 0) throw malformed(line, `cell ${cells.length + 1} has no closing quote`);
      cells.push(text.slice(at + 1, closing).replaceAll('""', '"'));
      end = closing + 1;
    } else {
      const comma = text.indexOf(',', at);
      end = comma < 0 ? text.length : comma;
      const cell = text.slice(at, end);
      if (cell.includes('"')) {
        throw malformed(
          line,
          `cell ${cells.length + 1} is ${quote(cell)}; expected quotes around the whole cell`,
        );
      }
      cells.push(cell);
    }
    if (end === text.length) return cells;
    if (text[end] !== ',') {
      throw malformed(
        line,
        `found ${quote(text.slice(end))} after cell ${cells.length}; expected a comma or the row's end`,
      );
    }
    at = end + 1;
  }
}

function findHeader(cells: readonly string[]): Header | undefined {
  // Tables with an index often leave its name empty.
  const names = cells.map((cell, k) => cell.trim() || `column${k + 1}`);
  const smiles = names.findIndex((name) => /smiles$/i.test(name));
  return smiles < 0
    ? undefined
    : { names, smiles, name: names.findIndex((name) => name.toLowerCase() === 'name') };
}

function toRecord({ names, smiles, name }: Header, cells: readonly string[], line: number): SmilesRecord {
  if (cells.length !== names.length) {
    throw malformed(line, `the row has ${cells.length} cells; expected ${names.length}, as in the first row`);
  }
  const record: SmilesRecord = { smiles: cells[smiles]!.trim(), properties: new Map() };
  if (record.smiles === '') throw malformed(line, 'the SMILES cell is empty');
  if (name >= 0 && cells[name] !== '') record.name = cells[name]!;
  for (const [k, cell] of cells.entries()) {
    if (k !== smiles && k !== name) record.properties.set(names[k]!, cell);
  }
  return record;
}
