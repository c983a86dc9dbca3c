// What is measured on molecules: predictors that no transformation, or just one kind of them, changes, and in which unit.
import { describe, expect, it } from 'vitest';
import type { MoleculeSet } from '../../src/data/qm9/index.ts';
import { type TransformationName, transformationNames } from '../../src/tasks/equivariance.ts';
import { measureInvariance } from '../../src/tasks/qm9-invariance.ts';
import { Draw } from '../support/random.ts';

const draw = new Draw(4);
const sizes = [5, 9, 3];
const offsets = Int32Array.of(0, 5, 14, 17);
const molecules: MoleculeSet = {
  count: sizes.length,
  index: Int32Array.of(1, 2, 3),
  offsets,
  // No two atoms of a molecule are alike, so that every permutation is one.
  numbers: Uint8Array.from(sizes.flatMap((size) => Array.from({ length: size }, (_, k) => 1 + k))),
  positions: Float32Array.from(draw.normal(3 * 17)),
  targets: {} as MoleculeSet['targets'],
};

type Points = readonly { readonly number: number; readonly at: readonly number[] }[];

/** Predicts `value` of each molecule as its one target. */
const taskOf = (value: (points: Points) => number, meanAbsoluteDeviation = 1) => ({
  spreads: new Map([['mu' as const, { mean: 0, meanAbsoluteDeviation }]]),
  predict: async ({ count, numbers, positions }: MoleculeSet) =>
    Float64Array.from({ length: count }, (_, m) =>
      value(
        Array.from({ length: offsets[m + 1] - offsets[m] }, (_, k) => {
          const atom = offsets[m] + k;
          return { number: numbers[atom], at: [...positions.subarray(3 * atom, 3 * atom + 3)] };
        }),
      ),
    ),
});

const distance = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((x, k) => x - b[k]));
const byNumber = (points: Points, number: number) => points.find((point) => point.number === number)!.at;
const sumOver = (points: Points, of: (point: Points[number]) => number) =>
  points.reduce((sum, point) => sum + of(point), 0);

/** The triple product of differences between atoms 1, 2, 3 has the sign of their handedness. */
const handedness = (points: Points) => {
  const [a, b, c] = [1, 2, 3].map((number) => byNumber(points, number));
  const center = a.map((_, k) => sumOver(points, ({ at }) => at[k]) / points.length);
  const [u, v, w] = [a, b, c].map((at) => at.map((x, k) => x - center[k]));
  return (
    u[0] * (v[1] * w[2] - v[2] * w[1]) -
    u[1] * (v[0] * w[2] - v[2] * w[0]) +
    u[2] * (v[0] * w[1] - v[1] * w[0])
  );
};

describe('the invariance of what is predicted for molecules', () => {
  it.each<[string, (points: Points) => number, readonly TransformationName[]]>([
    ['distances', (points) => distance(byNumber(points, 1), byNumber(points, 3)), []],
    ['the first atom', ([{ number }]) => number, ['permutation', 'all of them']],
    [
      'a direction',
      (points) => byNumber(points, 1)[2] - byNumber(points, 2)[2],
      ['rotation', 'reflection', 'all of them'],
    ],
    ['a place', (points) => Math.hypot(...byNumber(points, 1)), ['translation', 'all of them']],
  ])('%s', async (_, value, changing) => {
    const errors = await measureInvariance(taskOf(value), molecules);
    for (const name of transformationNames)
      if (changing.includes(name)) expect(errors[name], name).toBeGreaterThan(0.1);
      else expect(errors[name], name).toBeLessThan(1e-4);
  });

  it('reflections mirror, rotations do not', async () => {
    const large = { ...molecules, count: 2, offsets: offsets.slice(0, 3) };
    const errors = await measureInvariance(taskOf(handedness), large);
    expect(errors.rotation).toBeLessThan(1e-4);
    expect(errors.reflection).toBeGreaterThan(0.1);
  });

  it('is in units of the mean absolute deviation', async () => {
    const value = (points: Points) => byNumber(points, 1)[0];
    const one = await measureInvariance(taskOf(value), molecules);
    const four = await measureInvariance(taskOf(value, 4), molecules);
    for (const name of transformationNames) expect(four[name]).toBeCloseTo(one[name] / 4, 12);
  });
});
