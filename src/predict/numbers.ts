/** @file Numbers that read back as they were computed, in as few digits as that takes. */

/** The double that prints shortest among those that round to this float32; doubles print so by themselves. */
function shortestFloat32(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

export type Precision = 'float32' | 'float64';

/** A row-major matrix as nested rows of numbers, computed with that precision. */
export function formatRows(values: ArrayLike<number>, rows: number, precision: Precision): number[][] {
  const columns = rows === 0 ? 0 : values.length / rows;
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => shortest(values[row * columns + column], precision)),
  );
}

/** A double that prints in as few digits as its precision allows. */
export function shortest(value: number, precision: Precision): number {
  return precision === 'float32' ? shortestFloat32(value) : value;
}
