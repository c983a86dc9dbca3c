/** @file From atoms to what a network takes: features of their elements. */
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
