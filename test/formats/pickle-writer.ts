/** Writes pickles of plain data, for round trips and for the corpus of the fuzzer. */
import type { PickleValue } from '../../src/formats/index.ts';

export type Piece = string | number | readonly Piece[] | Uint8Array;

/** Bytes from texts (one byte a character), bytes, and numbers. */
export function pickleOf(...pieces: Piece[]): Uint8Array {
  const join = (piece: Piece): Uint8Array => {
    if (typeof piece === 'number') return Uint8Array.of(piece);
    if (typeof piece === 'string') return Buffer.from(piece, 'latin1');
    return piece instanceof Uint8Array ? piece : Buffer.concat(piece.map(join));
  };
  return join(pieces);
}

/** A pickle of plain data; an object that comes again is taken from the memo. */
export function writePickle(value: PickleValue): Uint8Array {
  const memo = new Map<unknown, number>();
  return Uint8Array.from([0x80, 4, ...encode(value, memo), 0x2e]);
}

function encode(value: PickleValue, memo: Map<unknown, number>): number[] {
  if (value === null) return [0x4e];
  if (typeof value === 'boolean') return [value ? 0x88 : 0x89];
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? long(BigInt(value)) : double(value);
  if (typeof value === 'bigint') return long(value);
  if (typeof value === 'string') {
    const text = Buffer.from(value);
    return [0x58, ...uint32(text.length), ...text];
  }
  const known = memo.get(value);
  if (known !== undefined) return [0x6a, ...uint32(known)];
  memo.set(value, memo.size);
  const put = [0x72, ...uint32(memo.size - 1)];
  if (value instanceof Uint8Array) return [0x42, ...uint32(value.length), ...value, ...put];
  if (Array.isArray(value)) {
    return [0x5d, ...put, 0x28, ...value.flatMap((item) => encode(item, memo)), 0x65];
  }
  if (value instanceof Map) {
    const items = [...value].flatMap(([key, entry]) => [...encode(key, memo), ...encode(entry, memo)]);
    return [0x7d, ...put, 0x28, ...items, 0x75];
  }
  if (value instanceof Set) {
    return [0x8f, ...put, 0x28, ...[...value].flatMap((item) => encode(item, memo)), 0x90];
  }
  throw new TypeError('only plain data');
}

function long(value: bigint): number[] {
  let bytes = 1;
  while (BigInt.asIntN(8 * bytes, value) !== value) bytes++;
  const digits = Array.from({ length: bytes }, (_, k) => Number((value >> BigInt(8 * k)) & 255n));
  return [0x8a, bytes, ...digits];
}

function double(value: number): number[] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return [0x47, ...new Uint8Array(view.buffer)];
}

export function uint32(value: number): number[] {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value, true);
  return [...new Uint8Array(view.buffer)];
}
