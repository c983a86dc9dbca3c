/** The two 16-bit floats that files hold and JavaScript lacks: IEEE 754 binary16 and bfloat16. */

const float = new Float32Array(1);
const floatBits = new Uint32Array(float.buffer);

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. Exact. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** Rounds a float32 value to the nearest half, ties to even. */
export function floatToHalf(value: number): number {
  float[0] = value;
  const sign = (floatBits[0]! >>> 16) & 0x8000;
  const magnitude = Math.abs(float[0]!);
  if (Number.isNaN(magnitude)) return sign | 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  // Adding and taking away a power of two rounds a double at its last bit: 2^-24 below 2^-14, else 2^(e - 10).
  const exponent = Math.max(-14, ((floatBits[0]! >>> 23) & 255) - 127);
  const shift = 2 ** (exponent - 10 + 52);
  const rounded = magnitude + shift - shift;
  if (rounded < 2 ** -14) return sign | (rounded * 2 ** 24);
  const roundedExponent = rounded >= 2 ** (exponent + 1) ? exponent + 1 : exponent;
  return sign | ((roundedExponent + 15) << 10) | (rounded * 2 ** (10 - roundedExponent) - 1024);
}

/** bfloat16 is the upper half of a float32. Exact. */
export function bfloatToFloat(bits: number): number {
  floatBits[0] = bits << 16;
  return float[0]!;
}

/** Rounds a float32 value to the nearest bfloat16, ties to even. */
export function floatToBfloat(value: number): number {
  float[0] = value;
  const bits = floatBits[0]!;
  if (Number.isNaN(value)) return (bits >>> 16) | 0x40;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}
