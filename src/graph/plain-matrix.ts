/** @file Matrices as users have them, nested or flat, checked and laid out in one way. */
import { shown } from '../shown.ts';

/** Nested rows, or a flat row-major array. */
export type PlainMatrix = ArrayLike<number> | readonly ArrayLike<number>[];

export function isNested(matrix: PlainMatrix): matrix is readonly ArrayLike<number>[] {
  return matrix.length > 0 && typeof matrix[0] !== 'number';
}

/** @throws TypeError for what is no array */
export function expectMatrix(name: string, matrix: PlainMatrix): void {
  if (typeof matrix !== 'object' || typeof matrix?.length !== 'number')
    throw new TypeError(`${name} must be an array of rows, or of numbers; got ${shown(matrix)}`);
}

/**
 * All numbers of a matrix with so many columns, row-major.
 * @throws RangeError or TypeError naming the matrix, and the row and column that do not fit
 */
export function flatten(name: string, matrix: PlainMatrix, columns: number): Float64Array {
  expectMatrix(name, matrix);
  if (isNested(matrix)) expectWidth(name, matrix, columns);
  else if (columns === 0 ? matrix.length > 0 : matrix.length % columns !== 0)
    throw new RangeError(`${name} must hold rows of ${columns} numbers; got ${matrix.length} numbers`);
  const values = new Float64Array(isNested(matrix) ? matrix.length * columns : matrix.length);
  for (let i = 0; i < values.length; i++) {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const value = isNested(matrix) ? matrix[row]![column]! : matrix[i]!;
    if (!Number.isFinite(value))
      throw new RangeError(`${name}[${row}][${column}] must be a finite number; got ${shown(value)}`);
    values[i] = value;
  }
  return values;
}

function expectWidth(name: string, rows: readonly ArrayLike<number>[], columns: number): void {
  for (let row = 0; row < rows.length; row++) {
    const length = rows[row]?.length;
    if (length === columns) continue;
    const got = length ?? shown(rows[row]);
    throw new RangeError(`${name}[${row}] must have ${columns} numbers; got ${got}`);
  }
}
