/**
 * @file How equivariant a trained N-body model is, measured: f(g x) against g f(x) for random rotations, reflections,
 * translations and permutations of the particles. Zero but for rounding where the mathematics promises it.
 */
import type { NBodySplit } from '../data/nbody/index.ts';
import { MersenneTwister } from '../random/mersenne-twister.ts';
import { PARTICLES } from './nbody-inputs.ts';

export const transformationNames = [
  'rotation',
  'reflection',
  'translation',
  'permutation',
  'all of them',
] as const;
export type TransformationName = (typeof transformationNames)[number];

/** The largest difference under each transformation; who measures it says in what unit. */
export type EquivarianceErrors = Record<TransformationName, number>;

/** x' = Q x + t, v' = Q v, and point k becomes point order[k]. */
interface Transformation {
  /** Q, [3, 3], orthogonal */
  readonly matrix: readonly Vector[];
  readonly shift: Vector;
  /** [points] */
  readonly order: ArrayLike<number>;
}
type Vector = readonly [number, number, number];

const DRAWS = 8;
/** Standard deviation of a translation, in the unit of the coordinates. */
const SHIFT = 10;
const IDENTITY: readonly Vector[] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

/**
 * Differences relative to the largest coordinate, of all trajectories and draws.
 * @param predict positions at frame 40, [M, 5 x 3]
 */
export async function measureEquivariance(
  predict: (split: NBodySplit) => Promise<Float64Array>,
  split: NBodySplit,
  seed = 0,
): Promise<EquivarianceErrors> {
  const random = new MersenneTwister(seed);
  const before = await predict(split);
  const errors = {} as EquivarianceErrors;
  for (const name of transformationNames) {
    errors[name] = 0;
    for (let draw = 0; draw < DRAWS; draw++) {
      const transformation = drawTransformation(name, PARTICLES, random);
      const expected = transformPoints(before, transformation, true);
      const found = await predict(transformSplit(split, transformation));
      errors[name] = Math.max(errors[name], relativeDifference(found, expected));
    }
  }
  return errors;
}

/** One of this name at random, for so many points. */
export function drawTransformation(
  name: TransformationName,
  points: number,
  random: MersenneTwister,
): Transformation {
  const wants = (own: TransformationName) => name === own || name === 'all of them';
  const determinant = name === 'rotation' ? 1 : -1;
  return {
    matrix: wants('rotation') || wants('reflection') ? randomOrthogonal(determinant, random) : IDENTITY,
    shift: wants('translation')
      ? [SHIFT * random.randn(), SHIFT * random.randn(), SHIFT * random.randn()]
      : [0, 0, 0],
    order: wants('permutation') ? random.permutation(points) : Array.from({ length: points }, (_, k) => k),
  };
}

/** Two random vectors made orthogonal (Gram and Schmidt), and their cross product with the sign of the determinant. */
function randomOrthogonal(determinant: 1 | -1, random: MersenneTwister): Vector[] {
  const draw = (): Vector => [random.randn(), random.randn(), random.randn()];
  const a = unit(draw());
  const b = draw();
  const along = a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const c = unit([b[0] - along * a[0], b[1] - along * a[1], b[2] - along * a[2]]);
  const cross = [a[1] * c[2] - a[2] * c[1], a[2] * c[0] - a[0] * c[2], a[0] * c[1] - a[1] * c[0]];
  return [a, c, [determinant * cross[0], determinant * cross[1], determinant * cross[2]]];
}

function unit([x, y, z]: Vector): Vector {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}

function transformSplit(split: NBodySplit, transformation: Transformation): NBodySplit {
  const charges = split.charges.slice();
  for (let node = 0; node < charges.length; node++)
    charges[placeOf(node, transformation.order)] = split.charges[node];
  return {
    count: split.count,
    positions: Float32Array.from(transformPoints(split.positions, transformation, true)),
    velocities: Float32Array.from(transformPoints(split.velocities, transformation, false)),
    targets: split.targets,
    charges,
  };
}

/** @param points [M x points of one transformation, 3], each M alike */
export function transformPoints(
  points: ArrayLike<number>,
  { matrix, shift, order }: Transformation,
  shifted: boolean,
): Float64Array {
  const result = new Float64Array(points.length);
  for (let node = 0; node < points.length / 3; node++) {
    const target = placeOf(node, order);
    for (const [row, [a, b, c]] of matrix.entries())
      result[3 * target + row] =
        a * points[3 * node] +
        b * points[3 * node + 1] +
        c * points[3 * node + 2] +
        (shifted ? shift[row] : 0);
  }
  return result;
}

/** Where a point goes within its own trajectory. */
function placeOf(node: number, order: ArrayLike<number>): number {
  const point = node % order.length;
  return node - point + order[point];
}

function relativeDifference(found: Float64Array, expected: Float64Array): number {
  let difference = 0;
  let magnitude = 0;
  for (let i = 0; i < found.length; i++) {
    difference = Math.max(difference, Math.abs(found[i] - expected[i]));
    magnitude = Math.max(magnitude, Math.abs(expected[i]));
  }
  return difference / magnitude;
}
