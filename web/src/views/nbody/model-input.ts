/** @file Observed moments as a model of the N-body experiment takes them: one complete graph a moment. */
import type { PlainGraph } from 'egnn';
import type { Observations } from './run.ts';

/**
 * X are speeds, A the products of charges and the squared distances, by receiver, then by sender.
 * @param moments which ones; all if left out
 */
export function modelInput(
  { charges, positions, velocities }: Observations,
  moments: readonly number[] = Array.from(
    { length: positions.length / (3 * charges.length) },
    (_, moment) => moment,
  ),
): PlainGraph {
  const particles = charges.length;
  const size = 3 * particles;
  const select = (values: Float32Array) => {
    const selected = new Float64Array(moments.length * size);
    for (const [k, moment] of moments.entries())
      selected.set(values.subarray(moment * size, (moment + 1) * size), k * size);
    return selected;
  };
  const C = select(positions);
  const V = select(velocities);
  const X = Float64Array.from({ length: moments.length * particles }, (_, i) =>
    Math.hypot(V[3 * i], V[3 * i + 1], V[3 * i + 2]),
  );
  const A = new Float64Array(moments.length * particles * (particles - 1) * 2);
  let at = 0;
  for (let first = 0; first < X.length; first += particles)
    for (let i = 0; i < particles; i++)
      for (let j = 0; j < particles; j++) {
        if (i === j) continue;
        const [a, b] = [3 * (first + i), 3 * (first + j)];
        A[at++] = charges[i] * charges[j];
        A[at++] = (C[a] - C[b]) ** 2 + (C[a + 1] - C[b + 1]) ** 2 + (C[a + 2] - C[b + 2]) ** 2;
      }
  return { X, C, V, A, nodeCounts: new Int32Array(moments.length).fill(particles) };
}
