/**
 * @file Decimal numbers in bytes, without a string for each: QM9 has ten million of them.
 *
 * A decimal of at most 15 digits is a whole number divided or multiplied by a power of ten up to 10^22. A double holds
 * both exactly, so one division rounds correctly (Clinger, "How to read floating point numbers accurately", 1990).
 * Everything else goes through `Number`. Besides `e`, QM9's own files write exponents as Mathematica does: `1.5*^-6`.
 */

const MAX_DIGITS = 15;
const MAX_POWER = 22;
const POWERS = Array.from({ length: MAX_POWER + 1 }, (_, k) => 10 ** k);

const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const STAR = 0x2a;
const CARET = 0x5e;
const ZERO = 0x30;
const LOWER_E = 0x65;
/** Upper case letters differ from lower case ones in this bit. */
const CASE_BIT = 0x20;

/** The number in bytes `start` to `end`, as `Number` reads it; NaN if there is anything else. */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const negative = bytes[at] === MINUS;
  if (at < end && (negative || bytes[at] === PLUS)) at++;

  let mantissa = 0;
  let digits = 0;
  let written = 0;
  let power = 0;
  let afterPoint = false;
  for (; at < end; at++) {
    const digit = bytes[at] - ZERO;
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      if (mantissa > 0) digits++;
      if (afterPoint) power--;
      written++;
    } else if (bytes[at] === POINT && !afterPoint) {
      afterPoint = true;
    } else break;
  }
  if (written === 0) return Number.NaN;
  if (at < end) {
    const exponent = parseExponent(bytes, at, end);
    if (Number.isNaN(exponent)) return exponent;
    power += exponent;
  }
  if (digits > MAX_DIGITS || Math.abs(power) > MAX_POWER) {
    return Number(String.fromCharCode(...bytes.subarray(start, end)).replace('*^', 'e'));
  }
  const value = power < 0 ? mantissa / POWERS[-power] : mantissa * POWERS[power];
  return negative ? -value : value;
}

/** The number after `e`, `E` or `*^`; NaN if it is not there or not whole. */
function parseExponent(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  if ((bytes[at] | CASE_BIT) === LOWER_E) at++;
  else if (bytes[at] === STAR && bytes[at + 1] === CARET) at += 2;
  else return Number.NaN;
  const negative = bytes[at] === MINUS;
  if (at < end && (negative || bytes[at] === PLUS)) at++;
  if (at >= end) return Number.NaN;
  let exponent = 0;
  for (; at < end; at++) {
    const digit = bytes[at] - ZERO;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    exponent = exponent * 10 + digit;
  }
  return negative ? -exponent : exponent;
}
