/** @file The reference backend's matrices: plain Float64Arrays, freed by the garbage collector. */
import type { Matrix, RowIndex, Rows } from '../backend.ts';

export interface ReferenceMatrix extends Matrix {
  readonly values: Float64Array;
}

export interface ReferenceIndex extends RowIndex {
  readonly values: Int32Array;
  /** How many rows of `from` share each row of `to`. */
  readonly counts: Int32Array;
}

export function allocate(rows: Rows, columns: number): ReferenceMatrix {
  return { rows, columns, values: new Float64Array(rows.count * columns) };
}

/** The numbers behind a matrix that this backend made. */
export function valuesOf(matrix: Matrix): Float64Array {
  return (matrix as ReferenceMatrix).values;
}

export function indexRows(values: Int32Array, from: Rows, to: Rows): ReferenceIndex {
  const counts = new Int32Array(to.count);
  for (const row of values) counts[row]++;
  return { from, to, values, counts };
}
