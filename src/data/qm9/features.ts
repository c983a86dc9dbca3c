/**
 * @file What the network is told of an atom: the one-hot element times powers of the charge, as the authors do it.
 *
 * Feature 3 e + p of an atom with atomic number Z is (Z / 9)^p if it is element e of [H, C, N, O, F], else 0; p = 0, 1, 2.
 */
import { ELEMENTS, elementPlace } from './elements.ts';

const POWERS = 3;
/** Fluorine's, the largest. */
const CHARGE_SCALE = 9;

/** How many features an atom has: 15. */
export const ATOM_FEATURES = ELEMENTS.length * POWERS;

/**
 * The input features of atoms.
 * @param numbers atomic numbers [N]
 * @returns [N, 15]
 * @throws RangeError for an element that QM9 does not have
 */
export function atomFeatures(numbers: ArrayLike<number>): Float32Array {
  const features = new Float32Array(numbers.length * ATOM_FEATURES);
  for (let a = 0; a < numbers.length; a++) {
    const element = elementPlace(numbers[a]);
    const charge = Math.fround(numbers[a] / CHARGE_SCALE);
    features.set([1, charge, charge * charge], a * ATOM_FEATURES + element * POWERS);
  }
  return features;
}
