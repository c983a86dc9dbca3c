/** @file What the page and the worker of this view say to each other. */

/** Atoms in space; all that the network sees, and the bonds that are drawn. */
export interface MoleculeData {
  readonly name: string;
  /** [N], atomic numbers */
  readonly numbers: Uint8Array;
  /** [N, 3], angstrom */
  readonly positions: Float64Array;
  /** [B, 2], atoms from 0 */
  readonly bonds: Uint32Array;
  /** [B], 1 single, 2 double, 3 triple, 4 aromatic */
  readonly orders: Uint8Array;
  /** Whether the bonds are guessed from distances, since the file has none. */
  readonly guessedBonds: boolean;
  /** How many molecules the file has beside this one. */
  readonly others: number;
}

export interface OutputFacts {
  readonly name: string;
  readonly unit?: string;
  /** Mean absolute error on a test set. */
  readonly testError?: number;
}

/** What the page needs to know of the model that the worker holds. */
export interface ModelFacts {
  readonly outputs: readonly OutputFacts[];
  readonly elements: readonly string[];
  readonly layers: number;
  readonly attention: boolean;
  readonly parameters: number;
}

export interface Explanation {
  /** By output. */
  readonly values: readonly number[];
  /** [N, N]: e_ij of receiver i and sender j, 0 where there is no edge; undefined for a model without attention. */
  readonly gates?: Float32Array;
  /** [K, N]: what of output k comes from atom i, in the output's unit. */
  readonly shares: Float64Array;
  /**
   * [K]: what no atom has a share in: the network's value for no atoms, the mean, and for energies the isolated atoms'.
   * values[k] is the sum of shares[k] and rest[k].
   */
  readonly rest: Float64Array;
}

export interface BatchRow {
  /** Counted from 1. */
  readonly line: number;
  readonly name: string;
  readonly smiles: string;
  readonly atoms?: number;
  /** By output. */
  readonly values?: readonly number[];
  readonly error?: string;
}
