/**
 * @file Lines of JSON into npz. A run writes lines, which can be cut off and continued anywhere; once it is through, they
 * become columns, in one pass over the lines for each column. So neither takes memory that grows with the records.
 *
 * All records: `file` [M], which of `files` [F]; `record` [M], counted from 1; `name` [M].
 * Molecules: `num_atoms` [M], a column [M] an output, `outputs` and `units` [K], `forces` [all atoms, 3].
 * Graphs: `num_nodes` [M], `h`, `x`, `v` [all nodes, columns], and of a model with a readout the outputs as above.
 */
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { writeNpy } from '../formats/index.ts';
import type { OutputConfig } from '../models/index.ts';
import { NpzWriter } from './npz-writer.ts';
import type { Precision } from './numbers.ts';
import type { GraphLine, GraphOutputs, MoleculeLine, MoleculeOutputs } from './outputs.ts';
import { textLines } from './text-lines.ts';

/** numpy gives all texts of an array the room of the longest, so longer names are cut. */
const LONGEST_NAME = 256;
const CHUNK_BYTES = 2 ** 18;

/** What an npz file of predictions has beside its records. */
interface Table<Line> {
  /** How many rows a record has in its tables. */
  readonly count: { readonly name: string; of(line: Line): number };
  /** One number a record each. */
  readonly values: readonly { readonly name: string; of(line: Line): number }[];
  /** One row of numbers an atom or node each; undefined for a table that this run does not have. */
  readonly rows: readonly { readonly name: string; of(line: Line): number[][] | undefined }[];
  readonly texts: Readonly<Record<string, readonly string[]>>;
  /** Of the tables. */
  readonly precision: Precision;
}

type Common = Pick<MoleculeLine & GraphLine, 'file' | 'record' | 'name'>;

const RESERVED = ['files', 'file', 'record', 'name', 'outputs', 'units'];

/** @throws RangeError if an output's name is that of another array */
export function moleculeTable({ outputs, forces, precision }: MoleculeOutputs): Table<MoleculeLine> {
  return {
    count: { name: 'num_atoms', of: ({ atoms }) => atoms },
    rows: forces === undefined ? [] : [{ name: 'forces', of: (line) => line.forces?.values }],
    ...columnsOf<MoleculeLine>(outputs, ['num_atoms', 'forces']),
    precision,
  };
}

/** @throws RangeError if an output's name is that of another array */
export function graphTable({ outputs, precision }: Omit<GraphOutputs, 'inputFeatures'>): Table<GraphLine> {
  const tables = ['h', 'x', 'v'] as const;
  return {
    count: { name: 'num_nodes', of: ({ nodes }) => nodes },
    rows: tables.map((name) => ({ name, of: (line) => line[name] })),
    ...(outputs.length > 0
      ? columnsOf<GraphLine>(outputs, ['num_nodes', ...tables])
      : { values: [], texts: {} }),
    precision,
  };
}

/** A column an output, and what they are. @param others names of other arrays */
function columnsOf<Line extends Pick<MoleculeLine | GraphLine, 'values'>>(
  outputs: readonly OutputConfig[],
  others: readonly string[],
): Pick<Table<Line>, 'values' | 'texts'> {
  const taken = outputs.find(({ name }) => RESERVED.includes(name) || others.includes(name));
  if (taken) throw new RangeError(`an output named ${taken.name} cannot stand in npz; choose another format`);
  return {
    values: outputs.map(({ name }) => ({ name, of: ({ values }) => values![name] })),
    texts: { outputs: outputs.map(({ name }) => name), units: outputs.map(({ unit }) => unit ?? '') },
  };
}

/**
 * @param linesPath what the run wrote
 * @param path the npz file to write; it is removed again if that fails
 * @param files the names of all inputs
 * @throws RangeError if the records have tables of different widths
 */
export async function writeTable<Line extends Common>(
  linesPath: string,
  path: string,
  files: readonly string[],
  table: Table<Line>,
  signal: AbortSignal,
): Promise<void> {
  const lines = () => readLines<Line>(linesPath, signal);
  const totals = await totalsOf(lines(), table);
  const writer = await NpzWriter.create(path);
  try {
    await writeColumns(writer, lines, [...new Set(files)], table, totals);
    await writer.finish();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await writer.close();
  }
}

async function* readLines<Line>(path: string, signal: AbortSignal): AsyncGenerator<Line> {
  for await (const text of textLines(createReadStream(path, { signal }))) yield JSON.parse(text);
}

interface Totals {
  records: number;
  rows: number;
  longestName: number;
  /** By the table's name; none for one that is not there. */
  readonly widths: Map<string, number>;
}

async function totalsOf<Line extends Common>(
  lines: AsyncIterable<Line>,
  table: Table<Line>,
): Promise<Totals> {
  const totals: Totals = { records: 0, rows: 0, longestName: 1, widths: new Map() };
  for await (const line of lines) {
    for (const { name, of } of table.rows) {
      // A graph without nodes does not say how wide its tables are.
      if (table.count.of(line) === 0) continue;
      const width = of(line)?.[0].length;
      const before = totals.rows === 0 ? width : totals.widths.get(name);
      if (width !== before)
        throw new RangeError(
          `${line.file}, record ${line.record}: ${name} has ${width ?? 'no'} columns, before it ${before ?? 'none'}; ` +
            'such records have no common table: write JSON lines instead (--to jsonl)',
        );
      if (width !== undefined) totals.widths.set(name, width);
    }
    totals.records++;
    totals.rows += table.count.of(line);
    totals.longestName = Math.max(totals.longestName, codePoints(line).length);
  }
  return totals;
}

async function writeColumns<Line extends Common>(
  writer: NpzWriter,
  lines: () => AsyncIterable<Line>,
  files: readonly string[],
  { count, values, rows, texts, precision }: Table<Line>,
  { records, rows: rowCount, longestName, widths }: Totals,
): Promise<void> {
  const positions = new Map(files.map((file, position) => [file, position]));
  const column = (name: string, kind: NumberKind, of: (line: Line) => number) =>
    writer.add(
      name,
      kind,
      [records],
      packed(lines(), (line) => numberBytes(kind, [of(line)])),
    );
  await addTexts(writer, 'files', files);
  await column('file', '<i4', ({ file }) => positions.get(file)!);
  await column('record', '<i8', ({ record }) => record);
  await writer.add(
    'name',
    `<U${longestName}`,
    [records],
    packed(lines(), (line) => nameBytes(line, longestName)),
  );
  await column(count.name, '<i4', count.of);
  for (const { name, of } of values) await column(name, '<f8', of);
  for (const [name, values] of Object.entries(texts)) await addTexts(writer, name, values);
  const kind = precision === 'float32' ? '<f4' : '<f8';
  for (const { name, of } of rows) {
    const width = widths.get(name);
    if (width === undefined) continue;
    const bytes = packed(lines(), (line) => numberBytes(kind, of(line)!.flat()));
    await writer.add(name, kind, [rowCount, width], bytes);
  }
}

const kinds = {
  '<i4': Int32Array,
  '<i8': BigInt64Array,
  '<f4': Float32Array,
  '<f8': Float64Array,
} as const;
type NumberKind = keyof typeof kinds;

function numberBytes(kind: NumberKind, values: number[]): Uint8Array {
  const array = kind === '<i8' ? BigInt64Array.from(values, BigInt) : kinds[kind].from(values);
  return new Uint8Array(array.buffer);
}

function nameBytes(line: Common, length: number): Uint8Array {
  const room = new Uint32Array(length);
  room.set(codePoints(line));
  return new Uint8Array(room.buffer);
}

function codePoints({ name = '' }: Common): number[] {
  return Array.from(name.slice(0, 2 * LONGEST_NAME), (character) => character.codePointAt(0)!).slice(
    0,
    LONGEST_NAME,
  );
}

async function addTexts(writer: NpzWriter, name: string, texts: readonly string[]): Promise<void> {
  const width = texts.reduce((longest, text) => Math.max(longest, Array.from(text).length), 1);
  const bytes = writeNpy({ data: [...texts], shape: [texts.length] });
  await writer.add(
    name,
    `<U${width}`,
    [texts.length],
    [bytes.subarray(bytes.length - 4 * width * texts.length)],
  );
}

/** Many small pieces as few larger ones. */
async function* packed<Line>(
  lines: AsyncIterable<Line>,
  bytesOf: (line: Line) => Uint8Array,
): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  for await (const line of lines) {
    const piece = bytesOf(line);
    pieces.push(piece);
    length += piece.length;
    if (length < CHUNK_BYTES) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    length = 0;
  }
  yield Buffer.concat(pieces);
}
