/** Random typed arrays with shapes that fit them, for round trips. */
import fc from 'fast-check';
import type { TypedArray } from '../../src/formats/index.ts';

export interface Sample {
  data: TypedArray;
  shape: number[];
}

export const shapes = fc.array(fc.nat(4), { maxLength: 4 });
export const sizeOf = (shape: number[]) => shape.reduce((product, size) => product * size, 1);

/** Any bit patterns at all, NaN payloads included. */
export const samples: fc.Arbitrary<Sample> = fc
  .tuple(
    shapes,
    fc.constantFrom<((buffer: ArrayBuffer) => TypedArray)[]>(
      (b) => new Int8Array(b),
      (b) => new Uint8Array(b),
      (b) => new Int16Array(b),
      (b) => new Uint16Array(b),
      (b) => new Int32Array(b),
      (b) => new Uint32Array(b),
      (b) => new BigInt64Array(b),
      (b) => new BigUint64Array(b),
      (b) => new Float32Array(b),
      (b) => new Float64Array(b),
    ),
  )
  .chain(([shape, make]) => {
    const length = sizeOf(shape) * make(new ArrayBuffer(0)).BYTES_PER_ELEMENT;
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((bytes) => ({ data: make(bytes.slice().buffer), shape }));
  });

export const bytesOf = (data: TypedArray) => [
  ...new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
];
