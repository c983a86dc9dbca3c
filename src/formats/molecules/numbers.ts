/**
 * @file Numbers as text files hold them. Decimal notation, with Fortran's exponents beside C's: `1.0D-5`, and
 * `1.0-105` where three digits left no room for the letter. No hexadecimal, no Infinity, no NaN.
 */

// No digit can be matched in two ways, so that a million of them with an x behind take no longer than their number.
const REAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const FORTRAN = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:[dD]([+-]?\d+)|([+-]\d{3}))$/;
const INTEGER = /^[+-]?\d+$/;

/** The number, or undefined where the text is none or is beyond the range of a double. */
export function parseReal(text: string): number | undefined {
  let decimal = text;
  if (!REAL.test(text)) {
    const parts = FORTRAN.exec(text);
    if (parts === null) return undefined;
    decimal = `${parts[1]}e${parts[2] ?? parts[3]}`;
  }
  const value = Number(decimal);
  return Number.isFinite(value) ? value : undefined;
}

/** The whole number, or undefined where the text is none or a double does not hold it exactly. */
export function parseInteger(text: string): number | undefined {
  const value = INTEGER.test(text) ? Number(text) : Number.NaN;
  // Adding zero turns -0 into 0.
  return Number.isSafeInteger(value) ? value + 0 : undefined;
}

/** The whole number, or undefined where the text is none or a column of so many bits does not hold it. */
export function parseSmallInteger(text: string, bits: 8 | 32): number | undefined {
  const value = parseInteger(text);
  return value !== undefined && Math.abs(value) < 2 ** (bits - 1) ? value : undefined;
}

/** The shortest text that reads back as the same double. @throws RangeError for NaN and infinities. */
export function formatReal(value: number, name: string): string {
  if (!Number.isFinite(value)) throw new RangeError(`${name} is ${value}; expected a finite number`);
  return Object.is(value, -0) ? '-0' : String(value);
}
