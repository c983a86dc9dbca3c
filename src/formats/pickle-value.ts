/**
 * What Python's objects become: plain JavaScript data. Dictionaries are Maps, because Python's keys are not only
 * strings and because no key of a Map is special (`__proto__`). Lists and tuples are arrays.
 */

import { type ElementType, MAX_DIMENSIONS, type TypedArray } from './array.ts';

/** A PyTorch tensor or a numpy array, row-major. */
export interface PickleArray {
  /**
   * int64 is exact (BigInt64Array), float16 and bfloat16 are widened to Float32Array, bool is 0 or 1 in a Uint8Array.
   * May be a view of the file's bytes, and share memory with other tensors as it did in Python.
   */
  data: TypedArray;
  /** [] for a single value. */
  shape: number[];
  dtype: ElementType;
}

/** A Python object without a counterpart, by its name: a class such as `builtins.list`, or `numpy.dtype('<f4')`. */
export interface PythonObject {
  python: string;
}

/**
 * | Python | here |
 * |---|---|
 * | None, bool, str | null, boolean, string |
 * | int | number; bigint beyond 2^53 - 1 |
 * | float, numpy scalar | number; bigint for a numpy int beyond 2^53 - 1, boolean for numpy.bool |
 * | bytes, bytearray | Uint8Array |
 * | list, tuple, torch.Size | array; one that contains itself does so here too |
 * | dict, OrderedDict, defaultdict, Counter, argparse.Namespace | Map, in Python's order |
 * | set, frozenset | Set |
 * | torch.Tensor, torch.nn.Parameter, numpy.ndarray | {@link PickleArray} |
 * | torch.dtype, torch.device, torch.layout | Python's text: `torch.float32`, `cuda:0`, `torch.strided` |
 *
 * Shared objects stay shared. Tuples as dictionary keys compare by identity in a Map.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | Set<PickleValue>
  | PickleArray
  | PythonObject;

export function isPickleArray(value: PickleValue | undefined): value is PickleArray {
  return isPlainObject(value) && 'shape' in value;
}

export function isPythonObject(value: PickleValue | undefined): value is PythonObject {
  return isPlainObject(value) && 'python' in value;
}

/** Is it a whole number from 0 that a double counts exactly? */
export function isCount(value: PickleValue | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Is it a shape, or the strides of one? Says so at once, however long the value is. */
export function isShape(value: PickleValue | undefined): value is number[] {
  return Array.isArray(value) && value.length <= MAX_DIMENSIONS && value.every(isCount);
}

/** A short text of a value for messages; never walks into it. */
export function describe(value: PickleValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'None';
  if (typeof value === 'string')
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `a list or tuple of ${value.length}`;
  if (value instanceof Map) return `a dict of ${value.size}`;
  if (value instanceof Set) return `a set of ${value.size}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return isPythonObject(value) ? value.python : 'an array';
}

function isPlainObject(value: PickleValue | undefined): value is PickleArray | PythonObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Map) &&
    !(value instanceof Set) &&
    !(value instanceof Uint8Array)
  );
}
