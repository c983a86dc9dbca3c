/** Reading a pickle's bytes in order, each read checked against the end. */

import { FormatError } from './error.ts';

export interface Cursor {
  bytes: Uint8Array;
  view: DataView;
  at: number;
}

export function cursorAt(bytes: Uint8Array, at: number): Cursor {
  const { buffer, byteOffset, byteLength } = bytes;
  // Not the given object: parts of a Node Buffer would be Buffers.
  return {
    bytes: new Uint8Array(buffer, byteOffset, byteLength),
    view: new DataView(buffer, byteOffset, byteLength),
    at,
  };
}

/** The next bytes, as a view. */
export function take(cursor: Cursor, length: number): Uint8Array {
  const { bytes, at } = cursor;
  if (length > bytes.length - at) {
    throw new FormatError(
      `${length} bytes are wanted at byte ${at}; the pickle has ${bytes.length - at} more`,
    );
  }
  cursor.at += length;
  return bytes.subarray(at, at + length);
}

export function uint8(cursor: Cursor): number {
  return cursor.view.getUint8(skip(cursor, 1));
}

export function uint16(cursor: Cursor): number {
  return cursor.view.getUint16(skip(cursor, 2), true);
}

export function uint32(cursor: Cursor): number {
  return cursor.view.getUint32(skip(cursor, 4), true);
}

export function int32(cursor: Cursor): number {
  return cursor.view.getInt32(skip(cursor, 4), true);
}

/** Exact below 2^53; larger values stay larger than any file. */
export function uint64(cursor: Cursor): number {
  return Number(cursor.view.getBigUint64(skip(cursor, 8), true));
}

/** The one number of the format that is big-endian. */
export function float64(cursor: Cursor): number {
  return cursor.view.getFloat64(skip(cursor, 8), false);
}

/** The bytes before the next line feed, which is skipped. */
export function line(cursor: Cursor): Uint8Array {
  const end = cursor.bytes.indexOf(0x0a, cursor.at);
  if (end < 0) throw new FormatError(`no line feed ends the text at byte ${cursor.at}`);
  const text = take(cursor, end - cursor.at);
  cursor.at++;
  return text;
}

function skip(cursor: Cursor, length: number): number {
  const { at } = cursor;
  take(cursor, length);
  return at;
}
