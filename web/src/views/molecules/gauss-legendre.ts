/** @file Gauss-Legendre quadrature: points and weights that integrate polynomials of degree 2 n - 1 over [0, 1] exactly. */

export interface Quadrature {
  readonly points: readonly number[];
  readonly weights: readonly number[];
}

/** The roots of the n-th Legendre polynomial by Newton's method, brought from [-1, 1] to [0, 1]. */
export function gaussLegendre(n: number): Quadrature {
  const pairs = Array.from({ length: n }, (_, k) => {
    let x = Math.cos((Math.PI * (k + 0.75)) / (n + 0.5));
    let slope = 0;
    for (let step = 0; step < 100; step++) {
      const { value, derivative } = legendre(n, x);
      slope = derivative;
      const change = value / derivative;
      x -= change;
      if (Math.abs(change) < 1e-15) break;
    }
    return { point: (1 - x) / 2, weight: 1 / ((1 - x * x) * slope * slope) };
  });
  return { points: pairs.map(({ point }) => point), weights: pairs.map(({ weight }) => weight) };
}

/** P_n(x) and its derivative, by the three-term recurrence. */
function legendre(n: number, x: number): { value: number; derivative: number } {
  let [before, value] = [1, x];
  for (let k = 2; k <= n; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
  return { value, derivative: (n * (x * value - before)) / (x * x - 1) };
}
