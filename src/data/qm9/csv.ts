/**
 * @file Records of comma separated values (RFC 4180) in bytes: where each field lies, and nothing made of it, for
 * QM9's tables are 70 megabytes each, and most of their fields are not wanted.
 */
import { FormatError } from '../../formats/error.ts';

/** A record's fields: field k is bytes `starts[k]` to `ends[k]`, without the quotes around it. */
export interface CsvRecord {
  starts: Int32Array;
  ends: Int32Array;
  /** Where in the file the record begins. */
  position: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * The records in order, the headings first; every one is the same object, filled anew. Two quotes within a quoted
 * field, which stand for one, are left as they are.
 * @param columns how many fields a record has
 * @throws FormatError for a record with another number of fields, or a quote that is not closed
 */
export function* readCsv(bytes: Uint8Array, columns: number): Generator<CsvRecord> {
  const record: CsvRecord = {
    starts: new Int32Array(columns),
    ends: new Int32Array(columns),
    position: 0,
  };
  const { starts, ends } = record;
  let at = 0;
  while (at < bytes.length) {
    record.position = at;
    let column = 0;
    for (;;) {
      const quoted = bytes[at] === QUOTE;
      const start = quoted ? at + 1 : at;
      const end = quoted ? closingQuote(bytes, start) : endOfField(bytes, at);
      at = quoted ? end + 1 : end;
      if (column < columns) {
        starts[column] = start;
        ends[column] = end;
      }
      column++;
      if (bytes[at] !== COMMA) break;
      at++;
    }
    if (bytes[at] === RETURN) at++;
    if (at < bytes.length && bytes[at] !== NEWLINE) {
      throw new FormatError(
        `csv: byte ${at} follows a closing quote; expected a comma or the end of the line`,
      );
    }
    at++;
    if (column !== columns) {
      throw new FormatError(
        `csv: the record at byte ${record.position} has ${column} fields; expected ${columns}`,
      );
    }
    yield record;
  }
}

/** The headings: the fields of the first line, which are not quoted. */
export function readHeadings(bytes: Uint8Array): string[] {
  const end = bytes.indexOf(NEWLINE);
  const line = new TextDecoder().decode(bytes.subarray(0, end < 0 ? bytes.length : end));
  return line.trimEnd().split(',');
}

function endOfField(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] !== COMMA && bytes[at] !== NEWLINE && bytes[at] !== RETURN) at++;
  return at;
}

function closingQuote(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(QUOTE, start); at >= 0; at = bytes.indexOf(QUOTE, at + 2)) {
    if (bytes[at + 1] !== QUOTE) return at;
  }
  throw new FormatError(`csv: the quote at byte ${start - 1} is not closed`);
}
