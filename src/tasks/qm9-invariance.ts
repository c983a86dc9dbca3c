/**
 * @file How invariant a trained QM9 model is, measured: properties of molecules that are turned, mirrored, shifted, or whose
 * atoms are listed in another order, against those of the molecules as they were.
 */
import type { MoleculeSet } from '../data/qm9/index.ts';
import { MersenneTwister } from '../random/mersenne-twister.ts';
import {
  drawTransformation,
  type EquivarianceErrors,
  type TransformationName,
  transformationNames,
  transformPoints,
} from './equivariance.ts';
import type { TargetSpreads } from './qm9-inputs.ts';

const DRAWS = 4;

/**
 * Differences in units of the target's mean absolute deviation, of all molecules, targets and draws.
 * @param task predicts targets, [M, T] in the order of its spreads
 */
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
  name: TransformationName,
  random: MersenneTwister,
): MoleculeSet {
  const [positions, numbers] = [set.positions.slice(), set.numbers.slice()];
  for (let m = 0; m < set.count; m++) {
    const [first, end] = [set.offsets[m], set.offsets[m + 1]];
    const transformation = drawTransformation(name, end - first, random);
    positions.set(
      transformPoints(set.positions.subarray(3 * first, 3 * end), transformation, true),
      3 * first,
    );
    for (let atom = first; atom < end; atom++)
      numbers[first + transformation.order[atom - first]] = set.numbers[atom];
  }
  return { ...set, positions, numbers };
}
