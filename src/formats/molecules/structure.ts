/**
 * @file What PDB and mmCIF hold: atoms with their places in residues and chains, as columns. One structure is one model.
 * Coordinates are those of the file; unit cell and symmetry are not read, because a cell without its symmetry
 * operations would be a wrong periodic box.
 */

import type { AtomColumn, Molecule } from './molecule.ts';

/** N atoms in the order of the file, alternative locations included. */
export interface Structure {
  /** The data block of an mmCIF file. */
  name?: string;
  /** The model's number; 1 where a file has no models. */
  model: number;
  /** [N], atomic numbers. */
  numbers: Uint8Array;
  /** [N, 3], angstrom. */
  positions: Float64Array;
  /** [N], such as CA. */
  atomNames: string[];
  /** [N], such as ALA. */
  residueNames: string[];
  /** [N], the authors' chain; empty where there is none. */
  chains: string[];
  /** [N], the authors' residue number. */
  residueNumbers: Int32Array;
  /** [N], what tells residues of one number apart; mostly empty. */
  insertionCodes: string[];
  /** [N], which of several locations this is; empty where there is one. */
  alternativeLocations: string[];
  /** [N], 1 for HETATM records: ligands, water, modified residues. */
  hetero: Uint8Array;
  /** [N], 1 where the file does not say. */
  occupancies: Float64Array;
  /** [N], the isotropic B in square angstrom; 0 where the file does not say. */
  temperatureFactors: Float64Array;
  /** [N], elementary charges; 0 where the file does not say. */
  formalCharges: Int8Array;
  /** mmCIF only: the ids that the archive gives, beside the authors'. */
  labels?: {
    /** [N], one chain for each molecule of polymer, ligand and water. */
    chains: string[];
    /** [N], counted from 1 along a polymer; 0 for atoms outside of polymers. */
    residueNumbers: Int32Array;
  };
}

/** One atom of a structure. */
export interface AtomRecord {
  number: number;
  position: readonly [number, number, number];
  atomName: string;
  residueName: string;
  chain: string;
  residueNumber: number;
  insertionCode: string;
  alternativeLocation: string;
  hetero: boolean;
  occupancy: number;
  temperatureFactor: number;
  formalCharge: number;
}

/** Columns from atoms. */
export function structureOf(atoms: readonly AtomRecord[], model: number): Structure {
  return {
    model,
    numbers: Uint8Array.from(atoms, (atom) => atom.number),
    positions: Float64Array.from(atoms.flatMap((atom) => atom.position)),
    atomNames: atoms.map((atom) => atom.atomName),
    residueNames: atoms.map((atom) => atom.residueName),
    chains: atoms.map((atom) => atom.chain),
    residueNumbers: Int32Array.from(atoms, (atom) => atom.residueNumber),
    insertionCodes: atoms.map((atom) => atom.insertionCode),
    alternativeLocations: atoms.map((atom) => atom.alternativeLocation),
    hetero: Uint8Array.from(atoms, (atom) => (atom.hetero ? 1 : 0)),
    occupancies: Float64Array.from(atoms, (atom) => atom.occupancy),
    temperatureFactors: Float64Array.from(atoms, (atom) => atom.temperatureFactor),
    formalCharges: Int8Array.from(atoms, (atom) => atom.formalCharge),
  };
}

/**
 * The atoms of a structure as a molecule. Where a residue has alternative locations, that of the highest occupancy
 * stays, the first one of equals. Columns: `atom_name`, `residue_name`, `residue_number`, and `chain`, `insertion_code`
 * and `formal_charge` where any atom has one.
 */
export function structureToMolecule(structure: Structure): Molecule {
  const kept = keptAtoms(structure);
  const text = (values: readonly string[]): AtomColumn => ({
    type: 'string',
    width: 1,
    values: kept.map((atom) => values[atom]!),
  });
  const integers = (values: ArrayLike<number>): AtomColumn => ({
    type: 'integer',
    width: 1,
    values: Float64Array.from(kept, (atom) => values[atom]!),
  });
  const columns = new Map<string, AtomColumn>([
    ['atom_name', text(structure.atomNames)],
    ['residue_name', text(structure.residueNames)],
    ['residue_number', integers(structure.residueNumbers)],
  ]);
  if (structure.chains.some((chain) => chain !== '')) columns.set('chain', text(structure.chains));
  if (structure.insertionCodes.some((code) => code !== '')) {
    columns.set('insertion_code', text(structure.insertionCodes));
  }
  if (structure.formalCharges.some((charge) => charge !== 0)) {
    columns.set('formal_charge', integers(structure.formalCharges));
  }
  const molecule: Molecule = {
    numbers: Uint8Array.from(kept, (atom) => structure.numbers[atom]!),
    positions: Float64Array.from(
      kept.flatMap((atom) => [...structure.positions.subarray(3 * atom, 3 * atom + 3)]),
    ),
    properties: new Map(),
    columns,
  };
  if (structure.name !== undefined) molecule.name = structure.name;
  return molecule;
}

function keptAtoms(structure: Structure): number[] {
  const { chains, residueNumbers, insertionCodes, alternativeLocations, occupancies } = structure;
  const residueOf = (atom: number) => `${chains[atom]} ${residueNumbers[atom]} ${insertionCodes[atom]}`;
  const best = new Map<string, number>();
  for (const [atom, location] of alternativeLocations.entries()) {
    if (location === '') continue;
    const residue = residueOf(atom);
    const other = best.get(residue);
    if (other === undefined || occupancies[atom]! > occupancies[other]!) best.set(residue, atom);
  }
  return [...alternativeLocations.keys()].filter(
    (atom) =>
      alternativeLocations[atom] === '' ||
      alternativeLocations[atom] === alternativeLocations[best.get(residueOf(atom))!],
  );
}
