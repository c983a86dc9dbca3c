/**
 * @file Reading SDF and MOL: any number of molfiles, V2000 and V3000 mixed, each with data fields and `$$$$` after
 * it. Fields stay text. Stereo marks, query features, Sgroups and collections are not read: coordinates say more.
 * Specification: BIOVIA, CTfile Formats (2020), "Molfile Format" and "SDfile Format".
 */

import { toMolecule } from './connection-table.ts';
import type { Chunks } from './lines.ts';
import type { Molecule } from './molecule.ts';
import { parseV2000 } from './molfile-v2000.ts';
import { parseV3000 } from './molfile-v3000.ts';
import {
  malformed,
  quote,
  type ReadOptions,
  type ReadRecord,
  type RecordSyntax,
  readAll,
  readStream,
} from './records.ts';

const COUNTS_LINE = 3;
const DELIMITER = '$$$$';

/**
 * All records of an SDF or MOL file.
 * @param where the file's name, for error messages.
 * @throws FormatError at the first malformed record.
 */
export function readSdf(input: string | Uint8Array, where?: string): Molecule[] {
  return readAll(SDF_SYNTAX, input, where);
}

/** The records of a stream, each a molecule or an error; after an error, reading goes on after the next `$$$$`. */
export function readSdfRecords(
  chunks: Chunks,
  { where }: ReadOptions = {},
): AsyncGenerator<ReadRecord<Molecule>> {
  return readStream(SDF_SYNTAX, chunks, where);
}

export const SDF_SYNTAX: RecordSyntax<Molecule> = {
  cut: (line, gathered) => (line.startsWith(DELIMITER) ? 'last' : gathered === 0 ? 'first' : 'further'),
  parse: (lines, first) => (lines.every((line) => line.trim() === '') ? [] : [parseRecord(lines, first)]),
};

function parseRecord(lines: readonly string[], first: number): Molecule {
  const counts = lines[COUNTS_LINE];
  if (counts === undefined || lines.slice(0, COUNTS_LINE).some((line) => line.startsWith(DELIMITER))) {
    throw malformed(first + lines.length, 'the record ends; expected three header lines and the counts line');
  }
  const version = counts.slice(33, 39).trim();
  // Files from before 1992 have no version.
  if (version !== 'V2000' && version !== 'V3000' && version !== '') {
    throw malformed(
      first + COUNTS_LINE,
      `version ${quote(version)} in columns 34-39; expected V2000 or V3000`,
    );
  }
  const { table, end } =
    version === 'V3000' ? parseV3000(lines, COUNTS_LINE + 1, first) : parseV2000(lines, COUNTS_LINE, first);
  const molecule = toMolecule(table);
  const name = lines[0]!.trim();
  if (name !== '') molecule.name = name;
  const dimensions = lines[1]!.slice(20, 22);
  if (dimensions === '2D' || dimensions === '3D') molecule.dimensions = dimensions === '2D' ? 2 : 3;
  parseFields(molecule, lines, end, first);
  return molecule;
}

/** `> <NAME>`, the value's lines, a blank line. */
function parseFields(molecule: Molecule, lines: readonly string[], start: number, first: number): void {
  const last = lines.at(-1)!.startsWith(DELIMITER) ? lines.length - 1 : lines.length;
  for (let at = start; at < last; at++) {
    const line = lines[at]!;
    if (line.trim() === '') continue;
    const name = line.startsWith('>') ? fieldName(line) : '';
    if (name === '') throw malformed(first + at, `found ${quote(line)}; expected > <NAME>, or ${DELIMITER}`);
    if (molecule.properties.has(name)) throw malformed(first + at, `field ${quote(name)} comes twice`);
    const value: string[] = [];
    for (at++; at < last && lines[at]!.trim() !== ''; at++) value.push(lines[at]!);
    molecule.properties.set(name, value.join('\n'));
  }
}

/** What stands between < and >; a field may have a number instead, such as DT12. */
function fieldName(line: string): string {
  const [from, to] = [line.indexOf('<'), line.lastIndexOf('>')];
  return from > 0 && to > from ? line.slice(from + 1, to) : line.slice(1).trim();
}
