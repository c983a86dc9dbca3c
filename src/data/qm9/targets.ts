/**
 * @file The twelve properties that the paper predicts, in its units (Satorras et al. 2021, table 3).
 *
 * QM9's files have energies in hartree; the paper has them in meV, with the authors' 27.2114 eV a hartree. The total
 * energies and the heat capacity are mostly those of the atoms, so the authors subtract these: for an element, what
 * QM9's `atomref.txt` says of the isolated atom. As in their code, float32 is subtracted from float32.
 */
import { ELEMENTS, elementPlace } from './elements.ts';
import type { MoleculeSet } from './molecules.ts';

/** The twelve targets, in the order in which a {@link MoleculeSet} is kept. */
export const TARGET_NAMES = [
  'alpha',
  'gap',
  'homo',
  'lumo',
  'mu',
  'Cv',
  'G',
  'H',
  'r2',
  'U',
  'U0',
  'zpve',
] as const;

/** The name of a target, as in the authors' files. */
export type TargetName = (typeof TARGET_NAMES)[number];

/** What a target is, and how a value of the file becomes one of the paper's. */
export interface TargetDescription {
  description: string;
  /** The unit in every form of QM9, and in {@link MoleculeSet.targets}. */
  fileUnit: string;
  /** The unit of the paper's table, and of {@link targetValues}. */
  unit: string;
  /** One `fileUnit` is this many `unit`. */
  factor: number;
  /** Whether the values of the isolated atoms are subtracted first. */
  subtractsAtoms: boolean;
}

const MEV_PER_HARTREE = 27211.4;

function energy(description: string, subtractsAtoms: boolean): TargetDescription {
  return { description, fileUnit: 'hartree', unit: 'meV', factor: MEV_PER_HARTREE, subtractsAtoms };
}

function other(description: string, unit: string, subtractsAtoms = false): TargetDescription {
  return { description, fileUnit: unit, unit, factor: 1, subtractsAtoms };
}

export const QM9_TARGETS: Readonly<Record<TargetName, TargetDescription>> = {
  alpha: other('isotropic polarizability', 'bohr^3'),
  gap: energy('gap between HOMO and LUMO', false),
  homo: energy('energy of the highest occupied molecular orbital', false),
  lumo: energy('energy of the lowest unoccupied molecular orbital', false),
  mu: other('norm of the dipole moment', 'D'),
  Cv: other('heat capacity at 298.15 K', 'cal/mol K', true),
  G: energy('Gibbs free energy at 298.15 K', true),
  H: energy('enthalpy at 298.15 K', true),
  r2: other('electronic spatial extent', 'bohr^2'),
  U: energy('internal energy at 298.15 K', true),
  U0: energy('internal energy at 0 K', true),
  zpve: energy('zero point vibrational energy', false),
};

/** Of the isolated atoms H, C, N, O, F, in the file's unit (QM9, `atomref.txt`). */
const ATOMS: Partial<Record<TargetName, readonly number[]>> = {
  Cv: [2.981, 2.981, 2.981, 2.981, 2.981],
  G: [-0.510927, -37.861317, -54.598897, -75.079532, -99.733544],
  H: [-0.497912, -37.844411, -54.581501, -75.062219, -99.71637],
  U: [-0.498857, -37.845355, -54.582445, -75.063163, -99.717314],
  U0: [-0.500273, -37.846772, -54.583861, -75.064579, -99.71873],
};

/** Of an isolated atom of each element H, C, N, O, F, in the file's unit; undefined if nothing is subtracted: [5] */
export function atomicReferences(target: TargetName): readonly number[] | undefined {
  return ATOMS[target];
}

/**
 * What the isolated atoms of each molecule add up to: `X_thermo` of the authors' files.
 * @returns [M], in the file's unit; zero for a target from which nothing is subtracted
 * @throws RangeError for an element that QM9 does not have
 */
export function atomicReference(set: MoleculeSet, target: TargetName): Float64Array {
  const sums = new Float64Array(set.count);
  const atoms = ATOMS[target];
  if (atoms === undefined) return sums;
  const counts = new Int32Array(ELEMENTS.length);
  for (let m = 0; m < set.count; m++) {
    counts.fill(0);
    for (let a = set.offsets[m]; a < set.offsets[m + 1]; a++) counts[elementPlace(set.numbers[a])]++;
    // Element by element, as the authors sum: another order differs in the last bit.
    for (let e = 0; e < ELEMENTS.length; e++) sums[m] += counts[e] * atoms[e];
  }
  return sums;
}

/**
 * A target as the paper has it: the isolated atoms subtracted where {@link QM9_TARGETS} says so, in its unit.
 * @returns [M]
 */
export function targetValues(set: MoleculeSet, target: TargetName): Float32Array {
  const { factor, subtractsAtoms } = QM9_TARGETS[target];
  const values = set.targets[target].slice();
  if (subtractsAtoms) {
    const atoms = Float32Array.from(atomicReference(set, target));
    for (let m = 0; m < values.length; m++) values[m] -= atoms[m];
  }
  for (let m = 0; m < values.length; m++) values[m] *= factor;
  return values;
}

/** How values are spread: a network is trained on (value - mean) / meanAbsoluteDeviation. */
export interface Spread {
  mean: number;
  meanAbsoluteDeviation: number;
}

/** Mean, and mean absolute deviation from it. @throws RangeError if there are no values */
export function spreadOf(values: Float32Array): Spread {
  if (values.length === 0) throw new RangeError('invalid values; needs at least one');
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let deviations = 0;
  for (const value of values) deviations += Math.abs(value - mean);
  return { mean, meanAbsoluteDeviation: deviations / values.length };
}
