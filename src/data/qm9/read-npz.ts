/**
 * @file QM9 as the EGNN authors keep it: `qm9_train.npz`, `qm9_valid.npz` and `qm9_test.npz`, each with the arrays
 *
 *     num_atoms [M]    charges [M, 29], atomic numbers filled up with zeros    positions [M, 29, 3]
 *     index [M]        mu, alpha, homo, ... [M]
 *
 * and the isolated atoms' energies, `U0_thermo` and others, which follow from the charges and are not read.
 */
import { FormatError } from '../../formats/error.ts';
import { type NpyArray, readNpz } from '../../formats/index.ts';
import {
  addAtom,
  addMolecule,
  type Draft,
  finishDraft,
  type MoleculeSet,
  newDraft,
  setTarget,
} from './molecules.ts';
import { pause, type ReadingOptions } from './pause.ts';
import { TARGET_NAMES } from './targets.ts';

/** @param files the three files' contents by name @throws FormatError naming the file and the array */
export async function readNpzFiles(
  files: Readonly<Record<string, Uint8Array>>,
  options: ReadingOptions,
): Promise<MoleculeSet> {
  const draft = newDraft();
  const total = Object.values(files).reduce((sum, { length }) => sum + length, 0);
  let done = 0;
  for (const [name, bytes] of Object.entries(files)) {
    await pause(options, done, total);
    try {
      addArrays(draft, readNpz(bytes));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new FormatError(`${name}: ${error.message}`, { cause: error });
    }
    done += bytes.length;
  }
  await pause(options, done, total);
  return finishDraft(draft);
}

function addArrays(draft: Draft, arrays: Record<string, NpyArray>): void {
  const index = numbers(arrays, 'index', 1);
  const count = index.data.length;
  const atoms = numbers(arrays, 'num_atoms', 1, count);
  const charges = numbers(arrays, 'charges', 2, count);
  const width = charges.shape[1];
  const positions = numbers(arrays, 'positions', 3, count, width, 3);
  const targets = TARGET_NAMES.map((name) => numbers(arrays, name, 1, count).data);
  for (let m = 0; m < count; m++) {
    addMolecule(draft, Number(index.data[m]), Number(atoms.data[m]));
    for (let k = 0; k < targets.length; k++) setTarget(draft, k, Number(targets[k][m]));
    for (let a = 0; a < atoms.data[m]; a++) {
      const row = m * width + a;
      const [x, y, z] = [0, 1, 2].map((axis) => Number(positions.data[3 * row + axis]));
      addAtom(draft, Number(charges.data[row]), x, y, z);
    }
  }
}

type Numbers = NpyArray & { data: Exclude<NpyArray['data'], string[]> };

/** An array that must be there, with so many dimensions, the first of them of these sizes. */
function numbers(
  arrays: Record<string, NpyArray>,
  name: string,
  dimensions: number,
  ...sizes: number[]
): Numbers {
  const array = arrays[name];
  if (array === undefined) {
    throw new FormatError(`no array ${name}; there are ${Object.keys(arrays).join(', ')}`);
  }
  const fits = array.shape.length === dimensions && sizes.every((size, d) => array.shape[d] === size);
  if (!fits || array.dtype === 'str') {
    const expected = Array.from({ length: dimensions }, (_, d) => sizes[d] ?? 'any');
    throw new FormatError(
      `${name} is ${array.dtype} [${array.shape.join(', ')}]; expected numbers [${expected.join(', ')}]`,
    );
  }
  return array as Numbers;
}
