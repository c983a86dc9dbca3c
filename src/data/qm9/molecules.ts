/** @file Many molecules of different sizes in flat arrays: the atoms of all, one molecule after the other. */
import { FormatError } from '../../formats/error.ts';
import { ELEMENTS } from './elements.ts';
import { TARGET_NAMES, type TargetName } from './targets.ts';

/** M molecules with N atoms in all. Atoms `offsets[m]` to `offsets[m + 1]`, not included, are those of molecule m. */
export interface MoleculeSet {
  /** M */
  count: number;
  /** The molecules' numbers in GDB-9, 1 to 133,885, ascending: [M] */
  index: Int32Array;
  /** [M + 1] */
  offsets: Int32Array;
  /** Atomic numbers: [N] */
  numbers: Uint8Array;
  /** In angstrom: [N, 3] */
  positions: Float32Array;
  /** Each [M], in the unit of QM9's files; `targetValues` gives them as the paper has them. */
  targets: Record<TargetName, Float32Array>;
}

/** Molecules in GDB-9, with those that QM9's authors advise to leave out. */
export const MAX_MOLECULES = 133_885;
const MAX_ATOMS = 29;

/** Room for all of GDB-9 while it is read; memory is only taken where something is written. */
export interface Draft {
  count: number;
  atoms: number;
  index: Int32Array;
  offsets: Int32Array;
  numbers: Uint8Array;
  positions: Float32Array;
  targets: Float32Array[];
}

export function newDraft(): Draft {
  return {
    count: 0,
    atoms: 0,
    index: new Int32Array(MAX_MOLECULES),
    offsets: new Int32Array(MAX_MOLECULES + 1),
    numbers: new Uint8Array(MAX_MOLECULES * MAX_ATOMS),
    positions: new Float32Array(MAX_MOLECULES * MAX_ATOMS * 3),
    targets: TARGET_NAMES.map(() => new Float32Array(MAX_MOLECULES)),
  };
}

/** Begins a molecule; as many calls of {@link addAtom} as it has atoms must follow. @throws FormatError */
export function addMolecule(draft: Draft, index: number, atomCount: number): void {
  if (!Number.isInteger(index) || index < 1 || index > MAX_MOLECULES) {
    throw new FormatError(`molecule ${index} after ${draft.count} others; expected a number of 1 to 133885`);
  }
  if (!Number.isInteger(atomCount) || atomCount < 1 || atomCount > MAX_ATOMS) {
    throw new FormatError(`molecule ${index} has ${atomCount} atoms; expected 1 to ${MAX_ATOMS}`);
  }
  if (draft.count === MAX_MOLECULES) {
    throw new FormatError(`molecule ${index} is one too many; expected at most ${MAX_MOLECULES}`);
  }
  draft.index[draft.count] = index;
  draft.offsets[++draft.count] = draft.atoms + atomCount;
}

/** @throws FormatError for an element that QM9 does not have, or a position that is not finite */
export function addAtom(draft: Draft, number: number, x: number, y: number, z: number): void {
  if (!ELEMENTS.includes(number)) {
    throw new FormatError(
      `${atomIn(draft)} has atomic number ${number}; expected one of ${ELEMENTS.join(', ')}`,
    );
  }
  if (!Number.isFinite(x) || !Number.isFinite(y) || !Number.isFinite(z)) {
    throw new FormatError(`${atomIn(draft)} is at ${x}, ${y}, ${z}; expected three numbers`);
  }
  draft.numbers[draft.atoms] = number;
  draft.positions[3 * draft.atoms] = x;
  draft.positions[3 * draft.atoms + 1] = y;
  draft.positions[3 * draft.atoms + 2] = z;
  draft.atoms++;
}

/** Sets a target of the molecule last begun. @throws FormatError if it is not finite */
export function setTarget(draft: Draft, target: number, value: number): void {
  if (!Number.isFinite(value)) {
    const molecule = draft.index[draft.count - 1];
    throw new FormatError(`molecule ${molecule} has ${value} for ${TARGET_NAMES[target]}; expected a number`);
  }
  draft.targets[target][draft.count - 1] = value;
}

function atomIn(draft: Draft): string {
  return `atom ${draft.atoms - draft.offsets[draft.count - 1]} of molecule ${draft.index[draft.count - 1]}`;
}

/** The molecules of a draft, ordered by number. */
export function finishDraft(draft: Draft): MoleculeSet {
  const { count, atoms } = draft;
  const targets = TARGET_NAMES.map((name, k) => [name, draft.targets[k].slice(0, count)]);
  const set: MoleculeSet = {
    count,
    index: draft.index.slice(0, count),
    offsets: draft.offsets.slice(0, count + 1),
    numbers: draft.numbers.slice(0, atoms),
    positions: draft.positions.slice(0, atoms * 3),
    targets: Object.fromEntries(targets),
  };
  const order = Int32Array.from({ length: count }, (_, m) => m).sort((a, b) => set.index[a] - set.index[b]);
  return order.every((row, m) => row === m) ? set : selectMolecules(set, order);
}

/** How many atoms each molecule has: [M] */
export function moleculeSizes({ count, offsets }: MoleculeSet): Int32Array {
  return Int32Array.from({ length: count }, (_, m) => offsets[m + 1] - offsets[m]);
}

/**
 * Some of the molecules, in the order of `rows`: a split, or a batch.
 * @param rows places in `set`, in [0, M)
 * @throws RangeError for a row that is not in the set
 */
export function selectMolecules(set: MoleculeSet, rows: ArrayLike<number>): MoleculeSet {
  const count = rows.length;
  const offsets = new Int32Array(count + 1);
  for (let m = 0; m < count; m++) {
    const row = rows[m];
    if (!(Number.isInteger(row) && row >= 0 && row < set.count)) {
      throw new RangeError(`invalid row ${m}; not in [0, ${set.count}): ${row}`);
    }
    offsets[m + 1] = offsets[m] + set.offsets[row + 1] - set.offsets[row];
  }
  const numbers = new Uint8Array(offsets[count]);
  const positions = new Float32Array(offsets[count] * 3);
  for (let m = 0; m < count; m++) {
    const first = set.offsets[rows[m]];
    const last = set.offsets[rows[m] + 1];
    numbers.set(set.numbers.subarray(first, last), offsets[m]);
    positions.set(set.positions.subarray(3 * first, 3 * last), 3 * offsets[m]);
  }
  const targets = TARGET_NAMES.map((name) => [
    name,
    Float32Array.from(rows, (row) => set.targets[name][row]),
  ]);
  const index = Int32Array.from(rows, (row) => set.index[row]);
  return { count, index, offsets, numbers, positions, targets: Object.fromEntries(targets) };
}
