/**
 * @file Reading records one by one, in memory that does not grow with the file. A format is two functions: one says
 * at each line whether a record ends there, the other turns the lines of one record into data or throws FormatError.
 * A record that fails is reported in its place, and reading goes on after it.
 */

import { FormatError } from '../error.ts';
import { type Chunks, createLineSplitter, MAX_LINE_LENGTH } from './lines.ts';

/** Characters of one record, each line counted with 16 more for its place in memory. */
export const MAX_RECORD_LENGTH = 2 ** 27;
/** Atoms of one record. */
export const MAX_ATOMS = 1_000_000;
const LINE_OVERHEAD = 16;

/** What a file held at one place. `line` is the first line of the record, counted from 1. */
export type ReadRecord<T> =
  | { line: number; record: T; error?: undefined }
  | { line: number; error: FormatError; record?: undefined };

/**
 * What a line is to the records: between two of them, the first of the next one, a further one, or the last one. At
 * the end of the file a record ends too.
 */
type Cut = 'between' | 'first' | 'further' | 'last';

export interface RecordSyntax<T> {
  /** @param gathered how many lines the record has so far. */
  cut(line: string, gathered: number): Cut;
  /**
   * The records that these lines hold; none for blank lines at the end of a file.
   * @param first the number of the first line.
   * @throws FormatError that starts with the line: `line 7: ...`.
   */
  parse(lines: readonly string[], first: number): T[];
  /**
   * Set where a record that fails may have swallowed good ones: each of its further lines is then read as a record of its
   * own, and the last one with what follows it. Cutting all of them again would take time with the square of their number.
   */
  maySwallow?: true;
}

export interface ReadOptions {
  /** The name of the file, for error messages. */
  where?: string;
}

/** An error at a line, before the file's name is put in front of it. */
export function malformed(line: number, what: string): FormatError {
  return new FormatError(`line ${line}: ${what}`);
}

/** Text in an error message, cut where it is long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
}

/** All records of a file that is in memory. @throws FormatError at the first malformed one. */
export function readAll<T>(syntax: RecordSyntax<T>, input: string | Uint8Array, where?: string): T[] {
  const records: T[] = [];
  for (const { record, error } of readEach(syntax, input, where)) {
    if (error !== undefined) throw error;
    records.push(record);
  }
  return records;
}

/** The records of a file that is in memory, malformed ones included. */
export function* readEach<T>(
  syntax: RecordSyntax<T>,
  input: string | Uint8Array,
  where?: string,
): Generator<ReadRecord<T>, void, undefined> {
  const gatherer = createGatherer(syntax, where);
  yield* gatherer.push(input);
  yield* gatherer.end();
}

/** The records of a stream, as they come. */
export async function* readStream<T>(
  syntax: RecordSyntax<T>,
  chunks: Chunks,
  where?: string,
): AsyncGenerator<ReadRecord<T>, void, undefined> {
  const gatherer = createGatherer(syntax, where);
  for await (const chunk of chunks) yield* gatherer.push(chunk);
  yield* gatherer.end();
}

function createGatherer<T>(syntax: RecordSyntax<T>, where: string | undefined) {
  const splitter = createLineSplitter();
  let lines: string[] = [];
  let gathered = 0;
  let length = 0;
  let first = 1;
  let next = 1;
  let problem: FormatError | undefined;

  function* take(line: string): Generator<ReadRecord<T>> {
    const cut = syntax.cut(line, gathered);
    if (cut === 'first' && gathered > 0) yield* finish();
    const number = next++;
    if (cut === 'between') return;
    if (gathered === 0) first = number;
    gathered++;
    length += line.length + LINE_OVERHEAD;
    if (line.length > MAX_LINE_LENGTH) {
      problem ??= malformed(number, `longer than ${MAX_LINE_LENGTH} characters, the most that are read`);
    } else if (length > MAX_RECORD_LENGTH) {
      problem ??= malformed(
        number,
        `the record that starts at line ${first} is longer than ${MAX_RECORD_LENGTH} characters, the most that are read`,
      );
    }
    // A record that cannot be read is still followed to its end, without keeping it.
    if (problem === undefined) lines.push(line);
    if (cut === 'last' || (problem !== undefined && syntax.maySwallow)) yield* finish();
  }

  function* finish(): Generator<ReadRecord<T>> {
    const record = { lines, first, problem };
    lines = [];
    gathered = 0;
    length = 0;
    problem = undefined;
    const failed = yield* parse(record);
    if (!failed || !syntax.maySwallow || record.problem !== undefined || record.lines.length === 1) return;
    const last = record.lines.length - 1;
    for (let k = 1; k < last; k++) {
      const line = record.lines[k]!;
      if (syntax.cut(line, 0) !== 'between') yield* parse({ lines: [line], first: record.first + k });
    }
    next = record.first + last;
    yield* take(record.lines[last]!);
  }

  /** Says whether the record failed. */
  function* parse(record: {
    lines: readonly string[];
    first: number;
    problem?: FormatError | undefined;
  }): Generator<ReadRecord<T>, boolean> {
    try {
      if (record.problem !== undefined) throw record.problem;
      for (const value of syntax.parse(record.lines, record.first))
        yield { line: record.first, record: value };
      return false;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      yield { line: record.first, error: locate(error, where) };
      return true;
    }
  }

  return {
    *push(chunk: Uint8Array | string): Generator<ReadRecord<T>> {
      for (const line of splitter.push(chunk)) yield* take(line);
    },
    *end(): Generator<ReadRecord<T>> {
      for (const line of splitter.end()) yield* take(line);
      while (gathered > 0) yield* finish();
    },
  };
}

function locate(error: FormatError, where: string | undefined): FormatError {
  return where === undefined ? error : new FormatError(`${where}, ${error.message}`);
}
