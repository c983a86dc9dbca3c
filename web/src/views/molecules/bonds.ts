/**
 * @file Bonds of a file that has none (xyz, and PDB as it is read here), for the picture alone: two atoms are bonded
 * where they are no further apart than the sum of their covalent radii and a tolerance. The network never sees bonds.
 * Radii: Cordero et al., Covalent radii revisited, Dalton Trans. 2832 (2008), rounded to 0.01 angstrom.
 */

/** In angstrom, by atomic number; those of elements that are rare in molecules are taken as 1.5. */
const RADII: Readonly<Record<number, number>> = {
  1: 0.31,
  5: 0.84,
  6: 0.76,
  7: 0.71,
  8: 0.66,
  9: 0.57,
  14: 1.11,
  15: 1.07,
  16: 1.05,
  17: 1.02,
  34: 1.2,
  35: 1.2,
  53: 1.39,
};
const OTHER_RADIUS = 1.5;
const TOLERANCE = 0.4;
/** Nearer than this, two positions are one atom written twice. */
const NEAREST = 0.4;

/**
 * @param numbers [N], atomic numbers
 * @param positions [N, 3], angstrom
 * @returns [B, 2], the lower atom first
 */
export function guessBonds(numbers: ArrayLike<number>, positions: ArrayLike<number>): Uint32Array {
  const pairs: number[] = [];
  for (let j = 1; j < numbers.length; j++)
    for (let i = 0; i < j; i++) {
      if (numbers[i] === 1 && numbers[j] === 1 && numbers.length > 2) continue;
      const distance = Math.hypot(...[0, 1, 2].map((k) => positions[3 * i + k] - positions[3 * j + k]));
      const reach = radiusOf(numbers[i]) + radiusOf(numbers[j]) + TOLERANCE;
      if (distance > NEAREST && distance <= reach) pairs.push(i, j);
    }
  return Uint32Array.from(pairs);
}

function radiusOf(number: number): number {
  return RADII[number] ?? OTHER_RADIUS;
}
