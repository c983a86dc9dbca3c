/**
 * safetensors: named tensors with a JSON header, nothing executable. Every rule of the format is checked, so that
 * any file read here is read the same way by every other reader: header size and place, no repeated keys, offsets
 * in range, no overlaps, no holes, lengths that match dtype and shape.
 * Specification: https://github.com/huggingface/safetensors#format
 */

import { shown } from '../shown.ts';
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
import { findRepeatedKey } from './json-keys.ts';

/** The element types as safetensors names them. */
export type SafetensorsDtype = keyof typeof TYPE_OF_DTYPE;

export interface SafetensorsTensor {
  /** Row-major. F16 and BF16 are widened to Float32Array, I64 and U64 exact, BOOL is 0 or 1 in a Uint8Array. */
  data: TypedArray;
  /** [] for a single value. */
  shape: number[];
  dtype: SafetensorsDtype;
}

export interface Safetensors {
  /** In the order of their bytes in the file. */
  tensors: Map<string, SafetensorsTensor>;
  /** The `__metadata__` of the file; {} where there is none. */
  metadata: Record<string, string>;
}

/** What can be written: the dtype is that of the data unless given (`F16`, `BF16`, `BOOL` need to be given). */
export interface SafetensorsInput {
  data: TypedArray;
  shape: readonly number[];
  dtype?: SafetensorsDtype;
}

/** In the order in which the reference library lays tensors out: wide elements first keeps all aligned. */
const TYPE_OF_DTYPE = {
  U64: 'uint64',
  I64: 'int64',
  F64: 'float64',
  F32: 'float32',
  U32: 'uint32',
  I32: 'int32',
  BF16: 'bfloat16',
  F16: 'float16',
  U16: 'uint16',
  I16: 'int16',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'bool',
} as const satisfies Record<string, ElementType>;

const LENGTH_BYTES = 8;
const MAX_HEADER_BYTES = 100_000_000;
const METADATA_KEY = '__metadata__';

interface Entry {
  name: string;
  dtype: SafetensorsDtype;
  shape: number[];
  begin: number;
  end: number;
}

/**
 * Reads all tensors. Their data are views of `bytes` where dtype and alignment allow, copies elsewhere.
 * @throws FormatError for a file that breaks a rule of the format.
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const { header, dataStart } = readHeader(bytes);
  const metadata = readMetadata(header[METADATA_KEY]);
  const entries = Object.keys(header)
    .filter((name) => name !== METADATA_KEY)
    .map((name) => readEntry(name, header[name]))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  const body = bytes.subarray(dataStart);
  let expected = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== expected) {
      const fault = begin < expected ? 'overlaps the tensor before it' : 'leaves a hole before it';
      throw new FormatError(
        `safetensors: tensor ${name} begins at ${begin} and ${fault}; expected ${expected}`,
      );
    }
    if (end > body.length) {
      throw new FormatError(
        `safetensors: tensor ${name} ends at ${end}; the file holds ${body.length} data bytes`,
      );
    }
    expected = end;
  }
  if (expected !== body.length) {
    throw new FormatError(
      `safetensors: the tensors end at ${expected}; the file holds ${body.length} data bytes`,
    );
  }
  const tensors = new Map(
    entries.map(({ name, dtype, shape, begin, end }): [string, SafetensorsTensor] => {
      return [name, { data: readData(name, body.subarray(begin, end), dtype), shape, dtype }];
    }),
  );
  return { tensors, metadata };
}

/**
 * Writes tensors in the order of the reference library: wide elements first, then by name; data start at a multiple
 * of 8 bytes. The same tensors give the same bytes, in whatever order they come.
 * @throws RangeError when a shape does not fit its data, TypeError when a dtype does not.
 */
export function writeSafetensors(
  tensors: Iterable<readonly [string, SafetensorsInput]> | Record<string, SafetensorsInput>,
  metadata: Record<string, string> = {},
): Uint8Array<ArrayBuffer> {
  const named =
    Symbol.iterator in tensors
      ? [...(tensors as Iterable<[string, SafetensorsInput]>)]
      : Object.entries(tensors);
  const parts = named.map(([name, tensor]) => encodeTensor(name, tensor)).sort(compareParts);
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [[METADATA_KEY, metadata]] : [];
  let end = 0;
  for (const { name, dtype, shape, body } of parts) {
    header.push([name, { dtype, shape, data_offsets: [end, end + body.length] }]);
    end += body.length;
  }
  // Written by hand, because an object would move keys such as "0" to the front and could not hold repeated ones.
  const pairs = header.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  const text = new TextEncoder().encode(`{${pairs.join(',')}}`);
  const headerBytes = Math.ceil(text.length / 8) * 8;
  if (headerBytes > MAX_HEADER_BYTES) {
    throw new RangeError(`the header takes ${headerBytes} bytes; the format allows ${MAX_HEADER_BYTES}`);
  }
  const bytes = new Uint8Array(LENGTH_BYTES + headerBytes + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(text, LENGTH_BYTES);
  bytes.fill(0x20, LENGTH_BYTES + text.length, LENGTH_BYTES + headerBytes);
  let at = LENGTH_BYTES + headerBytes;
  for (const { body } of parts) {
    bytes.set(body, at);
    at += body.length;
  }
  return bytes;
}

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < LENGTH_BYTES) {
    throw new FormatError(
      `safetensors: the file has ${bytes.length} bytes; expected at least ${LENGTH_BYTES}`,
    );
  }
  const claimed = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true);
  if (claimed > BigInt(MAX_HEADER_BYTES)) {
    throw new FormatError(
      `safetensors: byte 0 says the header has ${claimed} bytes; allowed: ${MAX_HEADER_BYTES}`,
    );
  }
  const dataStart = LENGTH_BYTES + Number(claimed);
  if (dataStart > bytes.length) {
    throw new FormatError(
      `safetensors: byte 0 says the header has ${claimed} bytes; the file holds ${bytes.length - LENGTH_BYTES} after it`,
    );
  }
  if (bytes[LENGTH_BYTES] !== 0x7b || claimed === 0n) {
    throw new FormatError(`safetensors: the header at byte ${LENGTH_BYTES} does not start with {`);
  }
  let text: string;
  let header: Record<string, unknown>;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(LENGTH_BYTES, dataStart));
    header = JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    const reason = (error as Error).message;
    throw new FormatError(`safetensors: the header at byte ${LENGTH_BYTES} is not JSON in UTF-8: ${reason}`, {
      cause: error,
    });
  }
  const repeated = findRepeatedKey(text);
  if (repeated !== undefined)
    throw new FormatError(`safetensors: key ${JSON.stringify(repeated)} comes twice`);
  return { header, dataStart };
}

function readMetadata(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (!isObject(value)) throw new FormatError(`safetensors: ${METADATA_KEY} is not an object of strings`);
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') {
      throw new FormatError(`safetensors: ${METADATA_KEY}.${key} is ${typeof text}; expected a string`);
    }
  }
  return value as Record<string, string>;
}

function readEntry(name: string, value: unknown): Entry {
  const where = `safetensors: tensor ${name}`;
  if (!isObject(value)) throw new FormatError(`${where} is described by ${shown(value)}; expected an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !Object.hasOwn(TYPE_OF_DTYPE, dtype)) {
    const known = Object.keys(TYPE_OF_DTYPE).join(', ');
    throw new FormatError(`${where} has dtype ${shown(dtype)}; expected one of ${known}`);
  }
  if (!isArrayOfNumbers(shape))
    throw new FormatError(`${where} has no shape; expected an array of whole numbers`);
  if (!isArrayOfNumbers(offsets) || offsets.length !== 2) {
    throw new FormatError(`${where} has no data_offsets; expected two whole numbers`);
  }
  const [begin, end] = offsets as [number, number];
  if (!Number.isSafeInteger(begin) || !Number.isSafeInteger(end) || begin < 0 || end < begin) {
    throw new FormatError(`${where} has data_offsets [${begin}, ${end}]; expected 0 <= begin <= end`);
  }
  const type = dtype as SafetensorsDtype;
  const length = countElements(shape, where) * ELEMENTS[TYPE_OF_DTYPE[type]].bytes;
  if (length !== end - begin) {
    throw new FormatError(
      `${where} has ${end - begin} bytes; ${type} of shape [${shape.join(', ')}] takes ${length} bytes`,
    );
  }
  return { name, dtype: type, shape, begin, end };
}

function readData(name: string, bytes: Uint8Array, dtype: SafetensorsDtype): TypedArray {
  const type = TYPE_OF_DTYPE[dtype];
  const { bytes: size, Array: Elements } = ELEMENTS[type];
  if (type === 'bool') {
    const wrong = bytes.findIndex((value) => value > 1);
    if (wrong >= 0)
      throw new FormatError(
        `safetensors: tensor ${name}, value ${wrong} is ${bytes[wrong]}; expected 0 or 1`,
      );
  }
  if (type === 'float16' || type === 'bfloat16' || bytes.byteOffset % size !== 0) {
    return readElements(bytes, type, false);
  }
  return new Elements(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length / size);
}

interface Part {
  name: string;
  dtype: SafetensorsDtype;
  shape: readonly number[];
  body: Uint8Array;
}

function encodeTensor(name: string, { data, shape, dtype }: SafetensorsInput): Part {
  if (name === METADATA_KEY) throw new RangeError(`a tensor cannot be named ${METADATA_KEY}`);
  const wanted = dtype === undefined ? undefined : (TYPE_OF_DTYPE[dtype] ?? dtype);
  const type = checkWritable(data, shape, wanted, `tensor ${name}`);
  const [written] = Object.entries(TYPE_OF_DTYPE).find(([, element]) => element === type)!;
  return { name, dtype: written as SafetensorsDtype, shape, body: writeElements(data, type) };
}

const DTYPES = Object.keys(TYPE_OF_DTYPE);

function compareParts(a: Part, b: Part): number {
  return DTYPES.indexOf(a.dtype) - DTYPES.indexOf(b.dtype) || (a.name < b.name ? -1 : 1);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isArrayOfNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}
