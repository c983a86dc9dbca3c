/**
 * numpy inside pickles: arrays and scalars of bool, whole numbers and floats, in either byte order and either memory
 * order. numpy pickles an array as an empty one whose state comes after it, or (protocol 5) as a call with its bytes.
 */

import { countElements, ELEMENTS, type ElementType } from './array.ts';
import { FormatError } from './error.ts';
import { type Charge, COST } from './pickle-budget.ts';
import { copyElements } from './pickle-elements.ts';
import type { PickleGlobal } from './pickle-machine.ts';
import { gather, isRowMajor, stridesOf } from './pickle-strided.ts';
import { toInteger } from './pickle-text.ts';
import {
  describe,
  isPickleArray,
  isPythonObject,
  isShape,
  type PickleArray,
  type PickleValue,
  type PythonObject,
} from './pickle-value.ts';

const KINDS: ReadonlyMap<string, string> = new Map([
  ['i', 'int'],
  ['u', 'uint'],
  ['f', 'float'],
]);

interface NumpyDtype {
  type: ElementType;
  swap: boolean;
}

/** By full name, as the machine looks them up. */
export function numpyGlobals(charge: Charge): [string, PickleGlobal][] {
  return [
    ['numpy.ndarray', {}],
    ['numpy.dtype', { call: makeDtype, setState: setByteOrder }],
    [
      'numpy._core.multiarray._reconstruct',
      {
        call() {
          charge(COST.array);
          return { data: new Uint8Array(0), shape: [0], dtype: 'uint8' };
        },
        setState(instance, state) {
          // The first of five items is a version.
          const [shape, dtype, fortran, bytes] = Array.isArray(state) ? state.slice(-4) : [];
          if (!isPickleArray(instance)) return;
          Object.assign(instance, readArray(shape, dtype, bytes, fortran === true, charge));
        },
      },
    ],
    [
      'numpy._core.numeric._frombuffer',
      { call: ([bytes, dtype, shape, order]) => readArray(shape, dtype, bytes, order === 'F', charge) },
    ],
    ['numpy._core.multiarray.scalar', { call: ([dtype, bytes]) => readScalar(dtype, bytes, charge) }],
  ];
}

/** numpy.dtype('f4', False, True); the byte order comes with the state. */
function makeDtype([code]: PickleValue[]): PythonObject {
  const made = { python: `numpy.dtype('<${code}')` };
  if (typeof code !== 'string')
    throw new FormatError(`is made of ${describe(code)}; expected a text such as f4`);
  parseDtype(made);
  return made;
}

function setByteOrder(instance: PickleValue, state: PickleValue): void {
  const order = Array.isArray(state) ? state[1] : undefined;
  if (order !== '<' && order !== '>' && order !== '|' && order !== '=') {
    throw new FormatError(`numpy.dtype has the byte order ${describe(order)}; expected <, >, | or =`);
  }
  const dtype = instance as PythonObject;
  dtype.python = dtype.python.replace(/'./, `'${order}`);
}

function parseDtype(dtype: PickleValue | undefined): NumpyDtype {
  const text = isPythonObject(dtype) ? dtype.python : describe(dtype);
  const [, order, kind, size] = /^numpy\.dtype\('([<>|=])([biuf])(\d)'\)$/.exec(text) ?? [];
  const type = kind === 'b' && size === '1' ? 'bool' : `${KINDS.get(kind ?? '')}${8 * Number(size)}`;
  if (!Object.hasOwn(ELEMENTS, type)) {
    throw new FormatError(
      `${text} is not supported; expected a numpy.dtype of bool, whole numbers or floats`,
    );
  }
  return { type: type as ElementType, swap: order === '>' };
}

function readArray(
  shape: PickleValue | undefined,
  dtype: PickleValue | undefined,
  contents: PickleValue | undefined,
  fortran: boolean,
  charge: Charge,
): PickleArray {
  const { type, swap } = parseDtype(dtype);
  const bytes = toBytes(contents);
  if (!isShape(shape) || bytes === undefined) {
    throw new FormatError(
      `a numpy array has the shape ${describe(shape)} and contents ${describe(contents)}; expected up to 64 ` +
        'whole numbers, and bytes',
    );
  }
  const count = countElements(shape, 'a numpy array');
  if (count * ELEMENTS[type].bytes !== bytes.length) {
    throw new FormatError(
      `a numpy array of ${type} and shape [${shape.join(', ')}] has ${bytes.length} bytes; ` +
        `expected ${count * ELEMENTS[type].bytes}`,
    );
  }
  charge(COST.array + count * ELEMENTS[type].Array.BYTES_PER_ELEMENT);
  const values = copyElements(bytes, type, swap);
  const strides = stridesOf(shape, 'first');
  if (!fortran || isRowMajor(shape, strides)) return { data: values, shape: [...shape], dtype: type };
  charge(values.byteLength);
  return { data: gather(values, 0, shape, strides, count), shape: [...shape], dtype: type };
}

function readScalar(
  dtype: PickleValue | undefined,
  contents: PickleValue | undefined,
  charge: Charge,
): PickleValue {
  const array = readArray([], dtype, contents, false, charge);
  const [value] = array.data;
  if (typeof value === 'bigint') return toInteger(value);
  return array.dtype === 'bool' ? value !== 0 : value!;
}

/** Python 2 wrote bytes as str, which reads as text where it is UTF-8. */
function toBytes(contents: PickleValue | undefined): Uint8Array | undefined {
  if (typeof contents === 'string') return new TextEncoder().encode(contents);
  return contents instanceof Uint8Array ? contents : undefined;
}
