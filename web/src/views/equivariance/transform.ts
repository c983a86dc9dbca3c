/**
 * @file A transformation g of a point cloud: x -> Q x + t for every point, then a new order of the points. Q is a
 * rotation, behind a mirroring of the first axis if there is one. In three dimensions the rotation is kept as three
 * angles, so that sliders and the address can hold it, and a drag of the mouse is put in front of it.
 */

/** [n, n], row-major. */
export type Matrix = readonly number[];

export interface Transform {
  /** Degrees about x, y and z, applied in this order; two dimensions have z alone. */
  readonly angles: readonly [x: number, y: number, z: number];
  /** t, in the units of the points; two dimensions leave z out. */
  readonly shift: readonly [x: number, y: number, z: number];
  /** Whether the first coordinate changes its sign, before the rotation. */
  readonly mirror: boolean;
  /** Seed of the new order; 0 keeps the order. */
  readonly shuffle: number;
}

export const identity: Transform = { angles: [0, 0, 0], shift: [0, 0, 0], mirror: false, shuffle: 0 };

const degree = Math.PI / 180;

/** The rotation Rz Ry Rx, [3, 3]. */
export function rotationOf([x, y, z]: readonly number[]): Matrix {
  const [sx, cx, sy, cy, sz, cz] = [x, y, z].flatMap((angle) => [
    Math.sin(angle * degree),
    Math.cos(angle * degree),
  ]);
  return [
    cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx,
    sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx,
    -sy, cy * sx, cy * cx,
  ]; // biome-ignore format: a matrix
}

/** The angles of a rotation, in degrees within [-180, 180]; `rotationOf` gives the rotation back. */
export function anglesOf(rotation: Matrix): [x: number, y: number, z: number] {
  const [r00, r01, , r10, r11, , r20, r21, r22] = rotation;
  const y = Math.asin(Math.max(-1, Math.min(1, -r20)));
  // Where y is a right angle, x and z turn about the same axis: all of it is put into z.
  const locked = Math.hypot(r00, r10) < 1e-9;
  const x = locked ? 0 : Math.atan2(r21, r22);
  const z = locked ? Math.atan2(-r01, r11) : Math.atan2(r10, r00);
  return [x / degree, y / degree, z / degree];
}

/** A B of two [3, 3]. */
export function product(a: Matrix, b: Matrix): Matrix {
  return Array.from({ length: 9 }, (_, position) => {
    const [row, column] = [Math.floor(position / 3), position % 3];
    return a[3 * row] * b[column] + a[3 * row + 1] * b[3 + column] + a[3 * row + 2] * b[6 + column];
  });
}

/** The angles after a further rotation, as the mouse makes it, of what `angles` has turned already. */
export function turned(
  angles: Transform['angles'],
  further: readonly [x: number, y: number, z: number],
): [x: number, y: number, z: number] {
  return anglesOf(product(rotationOf(further), rotationOf(angles)));
}

/** Q, [n, n]. */
export function matrixOf({ angles, mirror }: Transform, dimension: 2 | 3): Matrix {
  const rotation = rotationOf(dimension === 3 ? angles : [0, 0, angles[2]]);
  return Array.from({ length: dimension * dimension }, (_, position) => {
    const [row, column] = [Math.floor(position / dimension), position % dimension];
    return (mirror && column === 0 ? -1 : 1) * rotation[3 * row + column];
  });
}

/**
 * @param points [N, n], row-major
 * @param order where each point goes; undefined keeps the order
 * @returns Q x + t in the new order, [N, n]
 */
export function transformPoints(
  points: ArrayLike<number>,
  dimension: 2 | 3,
  transform: Transform,
  order?: ArrayLike<number>,
): Float64Array {
  const matrix = matrixOf(transform, dimension);
  const result = new Float64Array(points.length);
  for (let point = 0; point < points.length / dimension; point++) {
    const target = order ? order[point] : point;
    for (let row = 0; row < dimension; row++) {
      let sum = transform.shift[row];
      for (let column = 0; column < dimension; column++)
        sum += matrix[dimension * row + column] * points[dimension * point + column];
      result[dimension * target + row] = sum;
    }
  }
  return result;
}

/** Rows of any width in the new order. */
export function reorder(rows: ArrayLike<number>, width: number, order?: ArrayLike<number>): Float64Array {
  const result = new Float64Array(rows.length);
  for (let k = 0; k < rows.length; k++) {
    const row = Math.floor(k / width);
    result[width * (order ? order[row] : row) + (k % width)] = rows[k];
  }
  return result;
}
