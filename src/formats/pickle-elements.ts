/** Elements as Python's arrays hold them: those of `array.ts`, but for truth. */

import { type ElementType, readElements, type TypedArray } from './array.ts';

/** A copy of the bytes as elements. Any byte but 0 is true: arrays may have parts that nothing was ever written to. */
export function copyElements(bytes: Uint8Array, type: ElementType, swap: boolean): TypedArray {
  const values = readElements(bytes, type, swap);
  return type === 'bool' ? (values as Uint8Array).map((value) => (value === 0 ? 0 : 1)) : values;
}
