/**
 * @file What every reader here gives: atoms in space, and what else the file says about them, as plain data.
 */

import { parseReal } from './numbers.ts';

/** One value, or nested lists of values of one type. */
export type PropertyValue = Scalar | Scalar[] | Scalar[][];
export type Scalar = number | string | boolean;

/** Values for each atom, row-major [N, width]: forces have width 3, partial charges width 1. */
export type AtomColumn =
  | { type: 'real' | 'integer'; width: number; values: Float64Array }
  | { type: 'boolean'; width: number; values: boolean[] }
  | { type: 'string'; width: number; values: string[] };

/** Bonds as molfiles have them. */
export interface Bonds {
  /** [B, 2], the two atoms of each bond, counted from 0. */
  pairs: Uint32Array;
  /** [B], the molfile's type: 1 single, 2 double, 3 triple, 4 aromatic, 9 coordination, 10 hydrogen. */
  orders: Uint8Array;
}

/** One molecule, or one frame of a trajectory, with N atoms. */
export interface Molecule {
  /** The title line of a molfile, the comment of a plain xyz file, the name column of a table. */
  name?: string;
  /** [N], atomic numbers 1..118. */
  numbers: Uint8Array;
  /** [N, 3], row-major, in angstrom unless the file's author thought otherwise; exactly the doubles that were read. */
  positions: Float64Array;
  /** What is said about the whole molecule: energies, data fields. Text stays text in SDF and CSV. */
  properties: Map<string, PropertyValue>;
  /**
   * What is said about each atom. Molfiles give `formal_charge`, `isotope` (mass number, 0 for the natural mixture)
   * and `radical` (1 singlet, 2 doublet, 3 triplet, 0 none) where any atom has one.
   */
  columns: Map<string, AtomColumn>;
  /** Total charge in elementary charges, where the file says it. */
  charge?: number;
  /** [3, 3], one lattice vector a row, in the unit of the positions. */
  cell?: Float64Array;
  /** Whether space repeats along each lattice vector. */
  periodic?: [boolean, boolean, boolean];
  bonds?: Bonds;
  /** Whether a molfile says that its coordinates are a drawing (2) or a conformation (3). */
  dimensions?: 2 | 3;
}

/**
 * A property as a number; text such as the fields of SDF and CSV is converted.
 * @throws RangeError where the molecule has no such property or it is not a finite number.
 */
export function numericProperty(molecule: Molecule, name: string): number {
  const value = molecule.properties.get(name);
  const number = typeof value === 'string' ? parseReal(value.trim()) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  const known = [...molecule.properties.keys()].join(', ') || 'none';
  const found = value === undefined ? `is missing; there are: ${known}` : `is ${JSON.stringify(value)}`;
  throw new RangeError(`property ${name} ${found}; expected a finite number`);
}
