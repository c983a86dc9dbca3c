/**
 * Arrays as files hold them: a flat typed array with its shape, row-major. The type codes of both formats map to
 * the element types below; the bytes of all of them are little-endian here, as on every machine that runs
 * JavaScript.
 */

import { FormatError } from './error.ts';
import { bfloatToFloat, floatToBfloat, floatToHalf, halfToFloat } from './half.ts';

export type TypedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** The element types, under numpy's names. float16 and bfloat16 widen to float32; bool is 0 or 1 in a Uint8Array. */
export const ELEMENTS = {
  bool: { bytes: 1, Array: Uint8Array },
  int8: { bytes: 1, Array: Int8Array },
  uint8: { bytes: 1, Array: Uint8Array },
  int16: { bytes: 2, Array: Int16Array },
  uint16: { bytes: 2, Array: Uint16Array },
  float16: { bytes: 2, Array: Float32Array },
  bfloat16: { bytes: 2, Array: Float32Array },
  int32: { bytes: 4, Array: Int32Array },
  uint32: { bytes: 4, Array: Uint32Array },
  float32: { bytes: 4, Array: Float32Array },
  int64: { bytes: 8, Array: BigInt64Array },
  uint64: { bytes: 8, Array: BigUint64Array },
  float64: { bytes: 8, Array: Float64Array },
} as const;

export type ElementType = keyof typeof ELEMENTS;

/** The element type that a typed array holds by itself. */
function elementTypeOf(data: TypedArray): ElementType {
  for (const [type, element] of Object.entries(ELEMENTS)) {
    if (type !== 'bool' && data instanceof element.Array && data.BYTES_PER_ELEMENT === element.bytes) {
      return type as ElementType;
    }
  }
  throw new TypeError(`data is ${Object.prototype.toString.call(data)}; expected a typed array of numbers`);
}

/** numpy's limit since 2.0 (32 before). PyTorch has none, but no model comes near this one. */
export const MAX_DIMENSIONS = 64;

/** The number of elements of a shape that a file claims; a FormatError where a double cannot count them. */
export function countElements(shape: readonly number[], where: string): number {
  if (shape.length > MAX_DIMENSIONS) {
    throw new FormatError(
      `${where}: the shape has ${shape.length} dimensions; expected at most ${MAX_DIMENSIONS}`,
    );
  }
  let count = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new FormatError(
        `${where}: shape [${shape.join(', ')}] holds ${size}; expected whole numbers from 0`,
      );
    }
    count *= size;
  }
  // An empty dimension makes the others harmless; without one the count has to be exact.
  if (!Number.isSafeInteger(count) && !shape.includes(0)) {
    throw new FormatError(`${where}: shape [${shape.join(', ')}] has more elements than any file holds`);
  }
  return shape.includes(0) ? 0 : count;
}

/** Checks an array that a caller wants written, and gives its element type. */
export function checkWritable(
  data: TypedArray,
  shape: readonly number[],
  dtype: string | undefined,
  name: string,
): ElementType {
  const type = (dtype ?? elementTypeOf(data)) as ElementType;
  const element = Object.hasOwn(ELEMENTS, type) ? ELEMENTS[type] : undefined;
  if (element === undefined || !(data instanceof element.Array)) {
    const given = Object.prototype.toString.call(data).slice(8, -1);
    const expected = element === undefined ? Object.keys(ELEMENTS).join(', ') : element.Array.name;
    throw new TypeError(`${name}: dtype ${dtype} with data of ${given}; expected ${expected}`);
  }
  const count = shape.reduce((product, size) => product * size, 1);
  if (count !== data.length || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new RangeError(
      `${name}: shape [${shape.join(', ')}] does not fit ${data.length} values; expected a product of ${data.length}`,
    );
  }
  return type;
}

/** A copy of the bytes as elements of their own, in the order of this machine; `swap` for big-endian files. */
export function readElements(bytes: Uint8Array, type: ElementType, swap: boolean): TypedArray {
  const { bytes: size, Array: Elements } = ELEMENTS[type];
  // Not bytes.slice(): that of a Node Buffer is a view.
  const own = new Uint8Array(bytes);
  if (swap) swapBytes(own, size);
  if (type === 'float16') return widen(new Uint16Array(own.buffer), halfToFloat);
  if (type === 'bfloat16') return widen(new Uint16Array(own.buffer), bfloatToFloat);
  return new Elements(own.buffer);
}

/** The little-endian bytes of the elements; a view where no conversion is needed. */
export function writeElements(data: TypedArray, type: ElementType): Uint8Array {
  if (type === 'float16') return bytesOf(Uint16Array.from(data as Float32Array, floatToHalf));
  if (type === 'bfloat16') return bytesOf(Uint16Array.from(data as Float32Array, floatToBfloat));
  return bytesOf(data);
}

function bytesOf(data: TypedArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function swapBytes(bytes: Uint8Array, size: number): void {
  if (size === 1) return;
  for (let start = 0; start < bytes.length; start += size) bytes.subarray(start, start + size).reverse();
}

function widen(bits: Uint16Array, convert: (bits: number) => number): Float32Array {
  const widened = new Float32Array(bits.length);
  for (let k = 0; k < bits.length; k++) widened[k] = convert(bits[k]!);
  return widened;
}
