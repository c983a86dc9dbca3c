/**
 * @file How invariant a trained QM9 model is, measured: properties of molecules that are turned, mirrored, shifted, or whose
 * atoms are listed in another order, against those of the molecules as they were.
 */
import type { MoleculeSet } from '../data/qm9/index.ts';
import { MersenneTwister } from '../random/mersenne-twister.ts';
import { type EquivarianceErrors, randomOrthogonal, transformationNames } from './equivariance.ts';
import type { TargetSpreads } from './qm9-inputs.ts';

const DRAWS = 4;
/** In angstrom. */
const SHIFT = 10;

/** @param task predicts targets, [M, T] in the order of its spreads */
export async function measureInvariance(
  task: { readonly spreads: TargetSpreads; predict(set: MoleculeSet): Promise<Float64Array> },
  molecules: MoleculeSet,
  seed = 0,
): Promise<EquivarianceErrors> {
  const random = new MersenneTwister(seed);
  const before = await task.predict(molecules);
  const scales = [...task.spreads.values()].map(({ meanAbsoluteDeviation }) => meanAbsoluteDeviation);
  const errors = {} as EquivarianceErrors;
  for (const name of transformationNames) {
    errors[name] = 0;
    for (let draw = 0; draw < DRAWS; draw++) {
      const after = await task.predict(transformMolecules(molecules, name, random));
      for (let k = 0; k < after.length; k++)
        errors[name] = Math.max(errors[name], Math.abs(after[k] - before[k]) / scales[k % scales.length]);
    }
  }
  return errors;
}

function transformMolecules(
  set: MoleculeSet,
  name: (typeof transformationNames)[number],
  random: MersenneTwister,
): MoleculeSet {
  const wants = (own: typeof name) => name === own || name === 'all of them';
  const [positions, numbers] = [set.positions.slice(), set.numbers.slice()];
  for (let m = 0; m < set.count; m++) {
    const [first, end] = [set.offsets[m], set.offsets[m + 1]];
    const order: ArrayLike<number> = wants('permutation')
      ? random.permutation(end - first)
      : Array.from({ length: end - first }, (_, k) => k);
    const matrix =
      wants('rotation') || wants('reflection')
        ? randomOrthogonal(name === 'rotation' ? 1 : -1, random)
        : undefined;
    const shift = wants('translation') ? [0, 1, 2].map(() => SHIFT * random.randn()) : [0, 0, 0];
    for (let atom = first; atom < end; atom++) {
      const target = first + order[atom - first];
      const point = set.positions.subarray(3 * atom, 3 * atom + 3);
      numbers[target] = set.numbers[atom];
      for (let row = 0; row < 3; row++) {
        const turned = matrix
          ? matrix[row].reduce<number>((sum, value, k) => sum + value * point[k], 0)
          : point[row];
        positions[3 * target + row] = turned + shift[row];
      }
    }
  }
  return { ...set, positions, numbers };
}
