/** 16-bit floats: all 65,536 bit patterns there and back, and rounding to the nearest, ties to even. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bfloatToFloat, floatToBfloat, floatToHalf, halfToFloat } from '../../src/formats/half.ts';

describe.each([
  ['float16', halfToFloat, floatToHalf, 65520],
  ['bfloat16', bfloatToFloat, floatToBfloat, 3.3961775292304601e38],
] as const)('%s', (_, widen, narrow, overflow) => {
  it('every value survives', () => {
    for (let bits = 0; bits < 65536; bits++) {
      const value = widen(bits);
      if (Number.isNaN(value)) expect(widen(narrow(value))).toBeNaN();
      else if (narrow(value) !== bits) expect.fail(`${bits} became ${narrow(value)}`);
    }
  });

  it('rounds to the nearest, ties to even', () => {
    const finite = fc.float({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(
        fc.oneof(
          finite,
          finite.map((v) => Math.fround(v * 1e-30)),
          fc.float({ min: -9, max: 9, noNaN: true }),
        ),
        (value) => {
          const bits = narrow(value);
          if (Math.abs(value) >= overflow) {
            expect(widen(bits)).toBe(Math.sign(value) * Number.POSITIVE_INFINITY);
            return;
          }
          const distance = Math.abs(widen(bits) - value);
          for (const other of [bits - 1, bits + 1]) {
            if ((other & 0x7fff) === 0x7fff || other < 0 || !Number.isFinite(widen(other))) continue;
            const otherDistance = Math.abs(widen(other) - value);
            expect(distance).toBeLessThanOrEqual(otherDistance);
            if (distance === otherDistance) expect(bits & 1).toBe(0);
          }
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('keeps signs and infinities', () => {
    for (const value of [0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(widen(narrow(value))).toBe(value);
    }
  });
});
