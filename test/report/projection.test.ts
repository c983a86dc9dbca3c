// The plane on which molecules and particles are drawn.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type PlanePoint, principalPlane } from '../../src/report/projection.ts';

const coordinate = fc.double({ min: -10, max: 10, noNaN: true });
const cloud = fc.array(fc.tuple(coordinate, coordinate, coordinate), { minLength: 1, maxLength: 30 });

function spread(points: readonly PlanePoint[]): number {
  const middle = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis] / points.length, 0));
  return points.reduce((sum, [x, y]) => sum + (x - middle[0]) ** 2 + (y - middle[1]) ** 2, 0);
}

it('keeps the distances of points that lie in a plane', () => {
  fc.assert(
    fc.property(
      cloud,
      fc.tuple(coordinate, coordinate),
      fc.tuple(coordinate, coordinate),
      (points, [a, b], [c, d]) => {
        // u and v span the plane; they are orthonormal.
        const u = unit([Math.cos(a) * Math.cos(b), Math.sin(a) * Math.cos(b), Math.sin(b)]);
        const v = unit(cross(u, unit([Math.cos(c), Math.sin(c), Math.cos(d) + 2])));
        const flat = points.map(([x, y]) => [0, 1, 2].map((k) => x * u[k] + y * v[k]));
        const drawn = principalPlane(flat.flat())(flat.flat());
        for (let i = 1; i < points.length; i++)
          expect(Math.hypot(drawn[i][0] - drawn[0][0], drawn[i][1] - drawn[0][1])).toBeCloseTo(
            Math.hypot(points[i][0] - points[0][0], points[i][1] - points[0][1]),
            6,
          );
      },
    ),
  );
});

it('shows at least as much of the spread as each plane of two axes does', () => {
  fc.assert(
    fc.property(cloud, (points) => {
      const drawn = spread(principalPlane(points.flat())(points.flat()));
      for (const [i, j] of [
        [0, 1],
        [0, 2],
        [1, 2],
      ])
        expect(drawn).toBeGreaterThanOrEqual(spread(points.map((point) => [point[i], point[j]])) - 1e-6);
    }),
  );
});

it('puts a single point, and points on one spot, on finite places', () => {
  expect(principalPlane([1, 2, 3])([1, 2, 3])).toEqual([[0, 0]]);
  for (const place of principalPlane([1, 1, 1, 1, 1, 1])([1, 1, 1, 2, 1, 1]))
    expect(place.every(Number.isFinite)).toBe(true);
});

type Vector = readonly number[];

function unit(vector: Vector): Vector {
  const length = Math.hypot(...vector);
  return vector.map((component) => component / length);
}

function cross([a, b, c]: Vector, [x, y, z]: Vector): Vector {
  return [b * z - c * y, c * x - a * z, a * y - b * x];
}
