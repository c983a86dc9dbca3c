/** Damaged files: every truncation, and random bit flips, either read or fail with FormatError, and quickly. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { FormatError } from '../../src/formats/index.ts';

export function expectHarmless(read: (bytes: Uint8Array) => unknown, file: Uint8Array): void {
  for (let length = 0; length < file.length; length++) {
    expect(() => read(file.subarray(0, length)), `cut to ${length} bytes`).toThrow(FormatError);
  }
  const flips = fc.array(fc.nat(file.length * 8 - 1), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(flips, (bits) => onlyFormatErrors(read, flip(file, bits))),
    { numRuns: 2000 },
  );
  const bytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(fc.property(bytes, (garbage) => onlyFormatErrors(read, garbage)));
}

function onlyFormatErrors(read: (bytes: Uint8Array) => unknown, file: Uint8Array): boolean {
  try {
    read(file);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
  return true;
}

function flip(file: Uint8Array, bits: number[]): Uint8Array {
  const damaged = file.slice();
  for (const bit of bits) damaged[bit >> 3]! ^= 1 << (bit & 7);
  return damaged;
}
