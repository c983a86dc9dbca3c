/**
 * @file From SMILES to atoms in space: hydrogens are made explicit, OpenChemLib's conformer generator proposes torsions
 * from statistics of crystal structures, and the MMFF94 force field relaxes the result. The seed decides everything:
 * the same seed and SMILES give the same coordinates, bit for bit, whatever was asked before.
 *
 * OpenChemLib (BSD-3-Clause, 1.1 MB and 1.4 MB of tables) is loaded here and nowhere else, when first asked for.
 * Halgren, Merck molecular force field I, J. Comput. Chem. 17, 490 (1996);
 * Sander, Freyss, von Korff and Rufener, DataWarrior, J. Chem. Inf. Model. 55, 460 (2015).
 */

import type * as OpenChemLib from 'openchemlib';
import { MersenneTwister } from '../../random/mersenne-twister.ts';
import { FormatError } from '../error.ts';
import { ATOM_COLUMNS, emptyTable, toMolecule } from './connection-table.ts';
import type { Molecule } from './molecule.ts';
import { quote } from './records.ts';
import { smilesProblem } from './smiles-grammar.ts';

/** Atoms, hydrogens included: the force field takes seconds at this size, and its time grows with the cube. */
export const MAX_CONFORMER_ATOMS = 200;
/** Characters of one SMILES. */
export const MAX_SMILES_LENGTH = 2_000;

/** Angstrom by which atoms are moved where the force field fails: its gradient has no value at an angle of 180 degrees. */
const DISPLACEMENT = 0.05;
const ATTEMPTS = 4;
/** What OpenChemLib gets for seed 0, which it takes as "draw one from the clock". */
const SEED_FOR_ZERO = 0x5eed_0000;

/** Makes a conformer. `seed` is a whole number from 0 below 2^32. @throws FormatError for a SMILES that has none. */
export type ConformerGenerator = (smiles: string, seed: number) => Molecule;

let loading: Promise<typeof OpenChemLib> | undefined;

/**
 * Loads OpenChemLib, once, and gives the function that makes conformers.
 * @param resourcesUrl where its `resources.json` is, for a browser whose bundler has moved it away from the script;
 * Node finds the file itself.
 */
export async function loadConformerGenerator(resourcesUrl?: string): Promise<ConformerGenerator> {
  loading ??= load(resourcesUrl).catch((error) => {
    loading = undefined;
    throw error;
  });
  const library = await loading;
  return (smiles, seed) => makeConformer(library, smiles, seed);
}

async function load(resourcesUrl: string | undefined): Promise<typeof OpenChemLib> {
  const library = await import('openchemlib');
  const isNode = typeof process !== 'undefined' && process.versions?.node !== undefined;
  if (isNode && resourcesUrl === undefined) library.Resources.registerFromNodejs();
  else await library.Resources.registerFromUrl(resourcesUrl);
  return library;
}

function makeConformer(library: typeof OpenChemLib, smiles: string, seed: number): Molecule {
  const fail = (what: string) => new FormatError(`SMILES ${quote(smiles)}: ${what}`);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new RangeError(`seed is ${seed}; expected a whole number from 0 below 2^32`);
  }
  if (smiles.length > MAX_SMILES_LENGTH) throw fail(`longer than ${MAX_SMILES_LENGTH} characters`);
  const problem = smilesProblem(smiles);
  if (problem !== undefined) throw fail(problem);
  let conformer: OpenChemLib.Molecule | null;
  try {
    // No drawing is needed: stereo descriptors come from the SMILES itself.
    const flat = library.Molecule.fromSmiles(smiles, { noCoordinates: true });
    checkAtoms(flat, fail);
    // Its own generator each time: a molecule's coordinates must not depend on those before it.
    conformer = new library.ConformerGenerator(generatorSeed(seed)).getOneConformerAsMolecule(flat);
    if (conformer !== null && !minimise(library, conformer, seed)) conformer = null;
  } catch (error) {
    if (error instanceof FormatError) throw error;
    // Java's class, renamed by the compiler, says nothing.
    throw fail(String((error as Error)?.message ?? error).replace(/^Class\$S\d+: /, ''));
  }
  if (conformer === null) throw fail('no conformer was found');
  return convert(conformer, fail);
}

function generatorSeed(seed: number): number {
  return seed === 0 ? SEED_FOR_ZERO : seed | 0;
}

function checkAtoms(molecule: OpenChemLib.Molecule, fail: (what: string) => FormatError): void {
  const heavy = molecule.getAllAtoms();
  if (molecule.isFragment()) throw fail('this is a pattern; expected a molecule');
  let count = heavy;
  for (let atom = 0; atom < heavy; atom++) {
    if (molecule.getAtomRadical(atom) !== 0) {
      throw fail(`atom ${atom + 1} is a radical, or of an aromatic ring that has no bonds to go with it`);
    }
    count += molecule.getImplicitHydrogens(atom);
  }
  if (count > MAX_CONFORMER_ATOMS) {
    throw fail(`${count} atoms with hydrogens; expected at most ${MAX_CONFORMER_ATOMS}`);
  }
}

/** Relaxes the coordinates; false where the force field fails from every start. */
function minimise(library: typeof OpenChemLib, molecule: OpenChemLib.Molecule, seed: number): boolean {
  const random = new MersenneTwister(seed);
  const start = positionsOf(molecule);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0)
      setPositions(
        molecule,
        start.map((value) => value + random.uniform(-DISPLACEMENT, DISPLACEMENT)),
      );
    const converged = new library.ForceFieldMMFF94(molecule, 'MMFF94').minimise() === 0;
    if (converged && positionsOf(molecule).every(Number.isFinite)) return true;
  }
  return false;
}

function positionsOf(molecule: OpenChemLib.Molecule): number[] {
  return Array.from({ length: molecule.getAllAtoms() }, (_, atom) => [
    molecule.getAtomX(atom),
    molecule.getAtomY(atom),
    molecule.getAtomZ(atom),
  ]).flat();
}

function setPositions(molecule: OpenChemLib.Molecule, positions: readonly number[]): void {
  for (let atom = 0; atom < molecule.getAllAtoms(); atom++) {
    molecule.setAtomX(atom, positions[3 * atom]!);
    molecule.setAtomY(atom, positions[3 * atom + 1]!);
    molecule.setAtomZ(atom, positions[3 * atom + 2]!);
  }
}

function convert(molecule: OpenChemLib.Molecule, fail: (what: string) => FormatError): Molecule {
  const table = emptyTable();
  for (let atom = 0; atom < molecule.getAllAtoms(); atom++) {
    table.numbers.push(molecule.getAtomicNo(atom));
    const charge = molecule.getAtomCharge(atom);
    if (Math.abs(charge) > ATOM_COLUMNS.formal_charge.most)
      throw fail(`atom ${atom + 1} has charge ${charge}`);
    table.charges.push(charge);
    table.isotopes.push(molecule.getAtomMass(atom));
    table.radicals.push(0);
  }
  table.positions = positionsOf(molecule);
  for (let bond = 0; bond < molecule.getAllBonds(); bond++) {
    table.pairs.push(molecule.getBondAtom(0, bond), molecule.getBondAtom(1, bond));
    table.orders.push(molecule.getBondOrder(bond));
  }
  return { ...toMolecule(table), dimensions: 3 };
}
