/**
 * npy, numpy's file of one array: all numbers but complex ones, bool, and unicode strings; versions 1 to 3, either
 * byte order, C or Fortran order.
 * Specification: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */

import {
  checkWritable,
  countElements,
  ELEMENTS,
  type ElementType,
  readElements,
  type TypedArray,
  writeElements,
} from './array.ts';
import { FormatError } from './error.ts';
import { formatNpyHeader, type NpyHeader, parseNpyHeader } from './npy-header.ts';

/** An array with its shape, row-major (C order) whatever the file's order was. */
export interface NpyArray {
  /** int64 is exact (BigInt64Array), float16 is widened to Float32Array, bool is 0 or 1 in a Uint8Array. */
  data: TypedArray | string[];
  /** [] for a single value. */
  shape: number[];
  /** numpy's name, such as `float32`, `int64`, `bool`; `str` for unicode strings. */
  dtype: string;
}

/** What can be written: the dtype is that of the data unless given (`float16` and `bool` need to be given). */
export type NpyInput = Omit<NpyArray, 'dtype' | 'shape'> & { shape: readonly number[]; dtype?: string };

const MAGIC = '\x93NUMPY';
const ALIGNMENT = 64;
const BYTES_PER_CHARACTER = 4;
const MAX_HEADER_BYTES = 2 ** 16;

const TYPE_OF_CODE: Record<string, ElementType> = {
  b1: 'bool',
  i1: 'int8',
  u1: 'uint8',
  i2: 'int16',
  u2: 'uint16',
  f2: 'float16',
  i4: 'int32',
  u4: 'uint32',
  f4: 'float32',
  i8: 'int64',
  u8: 'uint64',
  f8: 'float64',
};
const CODE_OF_TYPE = Object.fromEntries(Object.entries(TYPE_OF_CODE).map(([code, type]) => [type, code]));

/** Reads one array. @throws FormatError for bytes that are not a whole npy file of a supported type. */
export function readNpy(bytes: Uint8Array): NpyArray {
  const { header, dataStart } = readHeader(bytes);
  const { descr, shape, fortranOrder } = header;
  const [, order, code] = /^([<>|=]?)(.*)$/s.exec(descr)!;
  const data = bytes.subarray(dataStart);
  const characters = /^U(\d+)$/.exec(code!)?.[1];
  if (characters !== undefined) {
    const values = readStrings(data, Number(characters), shape, order === '>');
    return { data: fortranOrder ? toRowMajor(values, shape) : values, shape, dtype: 'str' };
  }
  const dtype = Object.hasOwn(TYPE_OF_CODE, code!) ? TYPE_OF_CODE[code!] : undefined;
  if (dtype === undefined) {
    throw new FormatError(
      `npy header: descr ${JSON.stringify(descr)} is not supported; expected a byte order and one of ` +
        `${Object.keys(TYPE_OF_CODE).join(', ')}, U and a width`,
    );
  }
  checkLength(data, shape, ELEMENTS[dtype].bytes);
  const values = readElements(data, dtype, order === '>');
  if (dtype === 'bool') checkBooleans(values as Uint8Array, dataStart);
  return { data: fortranOrder ? toRowMajor(values, shape) : values, shape, dtype };
}

/**
 * Writes one array, version 1.0, little-endian, C order.
 * @throws RangeError when the shape does not fit the data, TypeError when the dtype does not.
 */
export function writeNpy(array: NpyInput): Uint8Array<ArrayBuffer> {
  const { descr, body } = encodeBody(array);
  const text = formatNpyHeader({ descr, fortranOrder: false, shape: [...array.shape] });
  const prefix = MAGIC.length + 4;
  const padded = Math.ceil((prefix + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(padded + body.length).fill(0x20, prefix, padded);
  for (let k = 0; k < MAGIC.length; k++) bytes[k] = MAGIC.charCodeAt(k);
  bytes[MAGIC.length] = 1;
  new DataView(bytes.buffer).setUint16(MAGIC.length + 2, padded - prefix, true);
  bytes.set(new TextEncoder().encode(text), prefix);
  bytes[padded - 1] = 0x0a;
  bytes.set(body, padded);
  return bytes;
}

function readHeader(bytes: Uint8Array): { header: NpyHeader; dataStart: number } {
  for (let k = 0; k < MAGIC.length; k++) {
    if (bytes[k] !== MAGIC.charCodeAt(k)) {
      throw new FormatError(
        `npy: byte ${k} is ${bytes[k] ?? 'missing'}; expected the magic string \\x93NUMPY`,
      );
    }
  }
  const major = bytes[6];
  if (major !== 1 && major !== 2 && major !== 3) {
    throw new FormatError(`npy: byte 6 says version ${major ?? 'missing'}; expected 1, 2 or 3`);
  }
  const start = major === 1 ? 10 : 12;
  if (bytes.length < start) {
    throw new FormatError(`npy: the file ends at byte ${bytes.length}; expected at least ${start} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER_BYTES) {
    throw new FormatError(
      `npy: byte 8 says the header has ${length} bytes; expected at most ${MAX_HEADER_BYTES}, which every array but ` +
        'one of a structured type keeps to',
    );
  }
  if (start + length > bytes.length) {
    throw new FormatError(
      `npy: byte 8 says the header has ${length} bytes; the file holds ${bytes.length - start} after byte ${start}`,
    );
  }
  const encoding = major === 3 ? 'utf-8' : 'latin1';
  const text = new TextDecoder(encoding).decode(bytes.subarray(start, start + length));
  return { header: parseNpyHeader(text, start), dataStart: start + length };
}

function checkLength(data: Uint8Array, shape: readonly number[], itemBytes: number): number {
  const count = countElements(shape, 'npy header');
  if (count * itemBytes !== data.length) {
    throw new FormatError(
      `npy: shape [${shape.join(', ')}] of ${itemBytes}-byte items takes ${count * itemBytes} bytes; ` +
        `the file holds ${data.length} after its header`,
    );
  }
  return count;
}

function checkBooleans(values: Uint8Array, dataStart: number): void {
  for (let k = 0; k < values.length; k++) {
    if (values[k]! > 1)
      throw new FormatError(`npy: bool at byte ${dataStart + k} is ${values[k]}; expected 0 or 1`);
  }
}

/** Fixed-width UTF-32 strings; zeros at the end of one are padding. */
function readStrings(
  data: Uint8Array,
  width: number,
  shape: readonly number[],
  bigEndian: boolean,
): string[] {
  if (width === 0 && countElements(shape, 'npy header') > 0) {
    throw new FormatError('npy header: descr U0 has no bytes for its strings; expected a width from 1');
  }
  const count = checkLength(data, shape, width * BYTES_PER_CHARACTER);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const strings: string[] = [];
  for (let k = 0; k < count; k++) {
    let text = '';
    let zeros = 0;
    for (let c = 0; c < width; c++) {
      const at = (k * width + c) * BYTES_PER_CHARACTER;
      const codePoint = view.getUint32(at, !bigEndian);
      if (codePoint > 0x10ffff) {
        throw new FormatError(
          `npy: character ${c} of string ${k} is ${codePoint}; expected a code point up to 1114111`,
        );
      }
      if (codePoint === 0) zeros++;
      else {
        text += '\0'.repeat(zeros) + String.fromCodePoint(codePoint);
        zeros = 0;
      }
    }
    strings.push(text);
  }
  return strings;
}

function encodeBody(array: NpyInput): { descr: string; body: Uint8Array } {
  if (!Array.isArray(array.data)) {
    const type = checkWritable(array.data, array.shape, array.dtype, 'array');
    const code = CODE_OF_TYPE[type];
    if (code === undefined) throw new TypeError(`array: npy has no dtype ${type}; write float32 instead`);
    const order = ELEMENTS[type].bytes === 1 ? '|' : '<';
    return { descr: order + code, body: writeElements(array.data, type) };
  }
  const characters = array.data.map((text) => Array.from(text, (character) => character.codePointAt(0)!));
  const count = array.shape.reduce((product, size) => product * size, 1);
  if (count !== characters.length) {
    throw new RangeError(
      `array: shape [${array.shape.join(', ')}] does not fit ${characters.length} strings`,
    );
  }
  const width = characters.reduce((longest, text) => Math.max(longest, text.length), 1);
  const body = new Uint32Array(count * width);
  for (let k = 0; k < count; k++) body.set(characters[k]!, k * width);
  return { descr: `<U${width}`, body: new Uint8Array(body.buffer) };
}

/** Fortran order has the first index fastest, C order the last. */
function toRowMajor<T extends TypedArray | string[]>(values: T, shape: readonly number[]): T {
  const source = values as ArrayLike<unknown>;
  const reordered = values.slice() as unknown[];
  const index = new Array<number>(shape.length).fill(0);
  const strides = shape.map((_, d) => shape.slice(0, d).reduce((product, size) => product * size, 1));
  let from = 0;
  for (let to = 0; to < source.length; to++) {
    reordered[to] = source[from];
    for (let d = shape.length - 1; d >= 0; d--) {
      from += strides[d]!;
      if (++index[d]! < shape[d]!) break;
      from -= strides[d]! * shape[d]!;
      index[d] = 0;
    }
  }
  return reordered as T;
}
