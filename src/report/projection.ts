/** @file Points in space on a plane: the one in which they are spread most, so that a drawing hides as little as it can. */

/** [x, y] on paper, y upwards. */
export type PlanePoint = readonly [number, number];

/**
 * Onto the two principal axes through the middle of all points; distances in that plane stay what they are.
 * @param points [N x 3]
 * @returns one function for these points and others that belong to them, [M x 3] to M points on the plane
 */
export function principalPlane(points: ArrayLike<number>): (others: ArrayLike<number>) => PlanePoint[] {
  const count = Math.max(1, points.length / 3);
  const middle = [0, 0, 0];
  for (let k = 0; k < points.length; k++) middle[k % 3] += points[k] / count;
  const covariance = [0, 1, 2].map((i) =>
    [0, 1, 2].map((j) => {
      let sum = 0;
      for (let k = 0; k < points.length; k += 3)
        sum += (points[k + i] - middle[i]) * (points[k + j] - middle[j]);
      return sum;
    }),
  );
  const [first, second] = principalAxes(covariance);
  return (others) =>
    Array.from({ length: others.length / 3 }, (_, k) => {
      const along = (axis: readonly number[]) =>
        axis.reduce((sum, component, i) => sum + component * (others[3 * k + i] - middle[i]), 0);
      return [along(first), along(second)];
    });
}

/** Eigenvectors of a symmetric matrix [3, 3] by Jacobi's rotations, that of the largest eigenvalue first. */
function principalAxes(matrix: readonly (readonly number[])[]): number[][] {
  const a = matrix.map((row) => [...row]);
  const axes: number[][] = [0, 1, 2].map((i) => [0, 1, 2].map((j) => (i === j ? 1 : 0)));
  // Converges quadratically: a handful of sweeps is more than float64 needs.
  for (let sweep = 0; sweep < 12; sweep++)
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ]) {
      if (a[p][q] === 0) continue;
      const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
      const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
      const cosine = 1 / Math.hypot(t, 1);
      const sine = t * cosine;
      for (const row of a)
        [row[p], row[q]] = [cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]];
      [a[p], a[q]] = [
        a[p].map((value, k) => cosine * value - sine * a[q][k]),
        a[q].map((value, k) => sine * a[p][k] + cosine * value),
      ];
      // Rows of `axes` are the eigenvectors.
      [axes[p], axes[q]] = [
        axes[p].map((value, k) => cosine * value - sine * axes[q][k]),
        axes[q].map((value, k) => sine * axes[p][k] + cosine * value),
      ];
    }
  return [0, 1, 2].sort((i, j) => a[j][j] - a[i][i]).map((i) => axes[i]);
}
