/** @file The small graph: a few nodes in the plane, drawn from a seed, none too close to another. */
import { MersenneTwister } from 'egnn';
import type { SmallGraph } from './trace.ts';
import { FEATURES } from './weights.ts';

const SHRINK = 0.995;
/** Nodes lie within this distance of the middle. */
const RADIUS = 1.4;

/** @param turn degrees by which the whole graph is turned; features stay */
export function drawGraph(count: number, seed: number, turn: number): SmallGraph {
  const random = new MersenneTwister(seed);
  const uniform = () => random.uniform(-RADIUS, RADIUS);
  const points: number[][] = [];
  // The distance asked for shrinks with every draw, so that there is room in the end.
  let apart = RADIUS;
  while (points.length < count) {
    const [x, y] = [uniform(), uniform()];
    const fits = points.every(([a, b]) => Math.hypot(a - x, b - y) >= apart);
    if (fits && Math.hypot(x, y) <= RADIUS) points.push([x, y]);
    apart *= SHRINK;
  }
  const angle = (turn * Math.PI) / 180;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const single = (values: number[]) => values.map(Math.fround);
  const middle = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / count);
  return {
    x: points
      .map(([x, y]) => [x - middle[0], y - middle[1]])
      .map(([x, y]) => single([c * x - s * y, s * x + c * y])),
    h: points.map(() => single(Array.from({ length: FEATURES }, () => random.uniform(-1, 1)))),
  };
}
