/**
 * Protocol buffers on the wire, as much as ONNX needs to be written. A message is its fields one after the other; a
 * field is a key (its number and how its value is laid out) and the value: a varint, four bytes, or a length with as
 * many bytes. A message lies inside another as a field of bytes.
 * Specification: https://protobuf.dev/programming-guides/encoding/
 */

/** A message, or part of one, as pieces that follow one another: large arrays are copied once, at the end. */
export type Pieces = readonly Uint8Array[];

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

const text = new TextEncoder();

/**
 * Seven bits a byte, low ones first; the high bit says that more follow. A negative number is written as its 64-bit
 * two's complement, in ten bytes.
 * @throws RangeError for a number that is not a whole one of 64 bits, signed or not
 */
export function varint(value: number | bigint): Uint8Array {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new RangeError(`a varint holds whole numbers that a double holds exactly; got ${value}`);
  const given = BigInt(value);
  if (given < -(1n << 63n) || given >= 1n << 64n)
    throw new RangeError(`a varint holds 64 bits, from -2^63 to 2^64 - 1; got ${value}`);
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, given);
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

/** An int32, int64, enum or bool. */
export function integerField(field: number, value: number | bigint): Pieces {
  return [key(field, VARINT), varint(value)];
}

/** A float: four bytes, little-endian. */
export function floatField(field: number, value: number): Pieces {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return [key(field, FIXED_32), bytes];
}

/** A string, in UTF-8. */
export function stringField(field: number, value: string): Pieces {
  return bytesField(field, [text.encode(value)]);
}

/** Bytes, or a message in this one. */
export function bytesField(field: number, value: Pieces): Pieces {
  return [key(field, LENGTH_DELIMITED), varint(byteLength(value)), ...value];
}

export function byteLength(pieces: Pieces): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

export function joinPieces(pieces: Pieces): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(byteLength(pieces));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function key(field: number, wireType: number): Uint8Array {
  return varint(field * 8 + wireType);
}
