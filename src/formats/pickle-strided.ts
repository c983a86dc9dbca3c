/** Elements with strides, as tensors and Fortran arrays lie in memory, brought into row-major order. */

import type { TypedArray } from './array.ts';

/** The strides, in elements, of an array whose last index (row-major) or first index is the fastest. */
export function stridesOf(shape: readonly number[], fastest: 'last' | 'first'): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let k = 0; k < shape.length; k++) {
    const d = fastest === 'first' ? k : shape.length - 1 - k;
    strides[d] = stride;
    stride *= shape[d]!;
  }
  return strides;
}

/** Do the strides give row-major order? Those of dimensions of one step do not matter. */
export function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  const wanted = stridesOf(shape, 'last');
  return shape.every((size, d) => size === 1 || strides[d] === wanted[d]);
}

/** How far the elements reach from the first one: the last one's position and 1. For shapes without a 0. */
export function extentOf(shape: readonly number[], strides: readonly number[]): number {
  return shape.reduce((reach, size, d) => reach + (size - 1) * strides[d]!, 1);
}

/** A row-major copy of `count` elements, the product of `shape`; all of them must lie in `values`. */
export function gather(
  values: TypedArray,
  offset: number,
  shape: readonly number[],
  strides: readonly number[],
  count: number,
): TypedArray {
  const from = values as Float64Array;
  const to = new (values.constructor as Float64ArrayConstructor)(count);
  // Without dimensions of one step, the carries below cost less than one step an element.
  const dimensions = [...shape.keys()].filter((d) => shape[d] !== 1);
  const sizes = dimensions.map((d) => shape[d]!);
  const steps = dimensions.map((d) => strides[d]!);
  const index = new Array<number>(sizes.length).fill(0);
  let at = offset;
  for (let k = 0; k < count; k++) {
    to[k] = from[at]!;
    for (let d = sizes.length - 1; d >= 0; d--) {
      at += steps[d]!;
      if (++index[d]! < sizes[d]!) break;
      at -= steps[d]! * sizes[d]!;
      index[d] = 0;
    }
  }
  return to;
}
