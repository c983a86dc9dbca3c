/**
 * @file Molecules as the QM9 model takes them: 15 features and a position an atom, and the normalised targets a molecule.
 * Computed once for a whole split; a batch is copied from it, one stretch of an array a molecule.
 */
import {
  ATOM_FEATURES,
  atomFeatures,
  type MoleculeSet,
  moleculeSizes,
  type Spread,
  type TargetName,
  targetValues,
} from '../data/qm9/index.ts';
import { Graph } from '../graph/graph.ts';
import type { Batch } from '../train/batch.ts';

/** How a target is normalised: (value - mean) / meanAbsoluteDeviation, in the paper's unit. */
export type TargetSpreads = ReadonlyMap<TargetName, Spread>;

/** M molecules with N atoms in all, T targets. */
export interface MoleculeInputs {
  /** M */
  readonly count: number;
  /** Atoms of each molecule: [M] */
  readonly sizes: Int32Array;
  /** Atoms `offsets[m]` to `offsets[m + 1]`, not included, are those of molecule m: [M + 1] */
  readonly offsets: Int32Array;
  /** [N, 15] */
  readonly features: Float32Array;
  /** In angstrom: [N, 3] */
  readonly positions: Float32Array;
  /** Normalised, in the order of the spreads: [M, T] */
  readonly targets: Float32Array;
}

export type QM9InputName = 'h' | 'x' | 'target';

export function prepareMolecules(set: MoleculeSet, spreads: TargetSpreads): MoleculeInputs {
  const { count, offsets, positions } = set;
  const targets = new Float32Array(count * spreads.size);
  for (const [k, [name, { mean, meanAbsoluteDeviation }]] of [...spreads].entries()) {
    const values = targetValues(set, name);
    for (let m = 0; m < count; m++)
      targets[m * spreads.size + k] = (values[m] - mean) / meanAbsoluteDeviation;
  }
  return {
    count,
    sizes: moleculeSizes(set),
    offsets,
    features: atomFeatures(set.numbers),
    positions,
    targets,
  };
}

/** The molecules with these numbers, in this order: one complete graph each. */
export function selectInputs(inputs: MoleculeInputs, molecules: ArrayLike<number>): Batch<QM9InputName> {
  const { offsets, targets } = inputs;
  const sizes = new Int32Array(molecules.length);
  let atoms = 0;
  for (let k = 0; k < sizes.length; k++) {
    sizes[k] = inputs.sizes[molecules[k]];
    atoms += sizes[k];
  }
  const width = targets.length / inputs.count;
  const h = new Float32Array(atoms * ATOM_FEATURES);
  const x = new Float32Array(atoms * 3);
  const target = new Float32Array(sizes.length * width);
  let atom = 0;
  for (let k = 0; k < sizes.length; k++) {
    const molecule = molecules[k];
    const [first, end] = [offsets[molecule], offsets[molecule + 1]];
    h.set(inputs.features.subarray(first * ATOM_FEATURES, end * ATOM_FEATURES), atom * ATOM_FEATURES);
    x.set(inputs.positions.subarray(first * 3, end * 3), atom * 3);
    target.set(targets.subarray(molecule * width, (molecule + 1) * width), k * width);
    atom += sizes[k];
  }
  return {
    graph: Graph.complete(sizes),
    inputs: {
      h: { rows: 'nodes', columns: ATOM_FEATURES, values: h },
      x: { rows: 'nodes', columns: 3, values: x },
      target: { rows: 'graphs', columns: width, values: target },
    },
  };
}
