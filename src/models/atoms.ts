/** @file From atoms to what a network takes, features of their elements, and back. */
import { atomicNumberOf, symbolOf } from '../formats/molecules/elements.ts';
import type { AtomFeatures } from './config.ts';

/**
 * Features of atoms: for each element of the model one column a power p, which holds (Z / maximumCharge)^p for atoms of
 * that element and 0 for others (the authors' QM9 code).
 * @param numbers [N], atomic numbers
 * @returns [N, elements x powers], row-major
 * @throws RangeError naming an atom of an element that the model does not know
 */
export function atomFeatures(
  numbers: ArrayLike<number>,
  { elements, chargePowers, maximumCharge }: AtomFeatures,
): Float64Array {
  const known = elements.map((symbol) => atomicNumberOf(symbol));
  const width = elements.length * chargePowers.length;
  const features = new Float64Array(numbers.length * width);
  for (let atom = 0; atom < numbers.length; atom++) {
    const element = known.indexOf(numbers[atom]);
    if (element < 0)
      throw new RangeError(
        `atom ${atom + 1} is ${symbolOf(numbers[atom]) ?? numbers[atom]}; the model knows ${elements.join(', ')}`,
      );
    for (const [p, power] of chargePowers.entries())
      features[atom * width + element * chargePowers.length + p] = (numbers[atom] / maximumCharge) ** power;
  }
  return features;
}

/** Features that came through text have fewer digits. */
const RELATIVE_TOLERANCE = 1e-4;

/**
 * The atoms that features are of: the inverse of `atomFeatures`.
 * @param features [N, elements x powers], row-major
 * @returns [N], atomic numbers
 * @throws RangeError naming a row that is of no element
 */
export function atomicNumbers(features: Float64Array, atoms: AtomFeatures): number[] {
  const known = atoms.elements.map((symbol) => atomicNumberOf(symbol)!);
  const rows = known.map((number) => atomFeatures([number], atoms));
  const width = atoms.elements.length * atoms.chargePowers.length;
  return Array.from({ length: features.length / width }, (_, node) => {
    const row = features.subarray(node * width, (node + 1) * width);
    const found = rows.findIndex((own) =>
      own.every((value, k) => Math.abs(value - row[k]) <= RELATIVE_TOLERANCE * value),
    );
    if (found >= 0) return known[found];
    throw new RangeError(
      `X[${node}] is no atom of ${atoms.elements.join(', ')}, whose energies the model's outputs hold; see atomFeatures`,
    );
  });
}
