/** @file The first molecule of a file, or the conformer of a SMILES, as this view draws it. */
import { loadConformerGenerator, type Molecule, moleculeFormatOf } from 'egnn/formats';
import { guessBonds } from './bonds.ts';
import type { MoleculeData } from './types.ts';

/** Every layer looks at all pairs of atoms: this many have 90,000. */
export const MAX_VIEW_ATOMS = 300;

/** One for all, as `egnn predict` has it: the same SMILES has the same coordinates everywhere. */
export const CONFORMER_SEED = 0;

/**
 * @param resources where OpenChemLib's tables are; left out in Node
 * @throws Error (FormatError) that says what is wrong with the SMILES, and where
 */
export async function moleculeOfSmiles(
  smiles: string,
  seed: number,
  resources?: string,
): Promise<MoleculeData> {
  const make = await loadConformerGenerator(resources);
  return drawable({ ...make(smiles, seed), name: smiles }, 0);
}

/**
 * @param name the file's name; its ending says which format it has
 * @throws Error that says what is wrong with the file, and where
 */
export async function moleculeOfFile(
  name: string,
  bytes: Uint8Array,
  resources?: string,
): Promise<MoleculeData> {
  const format = moleculeFormatOf(name);
  // Loaded once with the tables' place; the reader would not know it.
  if (/SMILES/.test(format.name)) await loadConformerGenerator(resources);
  let first: Molecule | undefined;
  let others = 0;
  for await (const { record, error } of format.records([bytes], { where: name, seed: CONFORMER_SEED })) {
    if (first) {
      others++;
      continue;
    }
    if (error) throw error;
    first = record;
  }
  if (!first) throw new Error(`${name}: no molecule in it`);
  if (first.dimensions === 2)
    throw new Error(
      `${name}: its coordinates are a drawing in the plane; expected a conformation in space (type its SMILES to make one)`,
    );
  return drawable({ ...first, name: first.name || name }, others);
}

function drawable({ name = '', numbers, positions, bonds }: Molecule, others: number): MoleculeData {
  if (numbers.length > MAX_VIEW_ATOMS)
    throw new Error(
      `${name}: ${numbers.length.toLocaleString('en')} atoms; this view takes at most ${MAX_VIEW_ATOMS}, since every layer looks at all pairs`,
    );
  const pairs = bonds?.pairs ?? guessBonds(numbers, positions);
  return {
    name,
    numbers,
    positions,
    bonds: pairs,
    orders: bonds?.orders ?? new Uint8Array(pairs.length / 2).fill(1),
    guessedBonds: bonds === undefined,
    others,
  };
}
