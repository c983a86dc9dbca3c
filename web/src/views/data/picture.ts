/**
 * @file Where the network moved the points: C faint, C' full, a line from one to the other, edges thin. Of more than three
 * coordinates the first three are shown. Imports three: load it dynamically.
 */
import { balls, type Points, segments } from '../../components/marks.ts';
import { createScene } from '../../components/scene.ts';
import { themeColour } from '../../theme.ts';
import { transformPoints } from '../equivariance/transform.ts';
import type { GraphData } from './graph-data.ts';

export interface Shown {
  readonly graph: GraphData;
  /** C', [N, n], row-major. */
  readonly moved: Float64Array;
  readonly angles: readonly [x: number, y: number, z: number];
}

export interface Picture {
  show(shown: Shown): void;
}

const SIZE = 0.035;
/** Of a complete graph only small ones have their edges drawn. */
const MOST_EDGES = 600;

export function createPicture(root: HTMLElement, signal: AbortSignal): Picture {
  const before = balls({ opacity: 0.3 });
  const after = balls();
  const moves = segments();
  const edges = segments({ opacity: 0.5 });
  let latest: Shown | undefined;
  let radius = 1;
  const draw = () => {
    if (!latest) return;
    const { graph, moved, angles } = latest;
    const dimensions = graph.C[0]?.length ?? 3;
    const from = inSpace(graph.C.flat(), dimensions);
    const to = inSpace(moved, dimensions);
    const middle = [0, 1, 2].map((axis) => (extent(from, axis) + extent(to, axis)) / 2);
    const place = (values: Float64Array): Points => {
      const centred = values.map((value, k) => value - middle[k % 3]);
      return {
        values: transformPoints(centred, 3, { angles, mirror: false, shift: [0, 0, 0], shuffle: 0 }),
        dimension: 3,
      };
    };
    const [start, end] = [place(from), place(to)];
    radius = 1.15 * Math.max(reach(start.values), reach(end.values), 1e-6);
    before.show(start, SIZE * radius, () => themeColour('--muted'));
    after.show(end, 1.2 * SIZE * radius, () => themeColour('--accent'));
    moves.show(start, end, themeColour('--accent-2'));
    const pairs = pairsOf(graph);
    const ends = (side: 0 | 1): Points => ({
      values: pairs.flatMap((pair) => [0, 1, 2].map((axis) => start.values[3 * pair[side] + axis])),
      dimension: 3,
    });
    edges.show(ends(0), ends(1), themeColour('--control-border'));
  };
  const scene = createScene(root, { dimension: 3, radius, recolour: draw, signal });
  scene.world.add(before.object, after.object, moves.object, edges.object);
  return {
    show(shown) {
      latest = shown;
      draw();
      scene.fit(radius);
      scene.invalidate();
    },
  };
}

function pairsOf({ X, E }: GraphData): (readonly [number, number])[] {
  if (E) return E[0].slice(0, MOST_EDGES).map((from, k) => [from, E[1][k]]);
  const count = X.length;
  if ((count * (count - 1)) / 2 > MOST_EDGES) return [];
  return X.flatMap((_, i) => X.slice(i + 1).map((__, k) => [i, i + 1 + k] as const));
}

/** The first three coordinates; 0 for those that there are not. */
function inSpace(values: ArrayLike<number>, dimensions: number): Float64Array {
  const points = new Float64Array((3 * values.length) / dimensions);
  for (let k = 0; k < points.length; k++) {
    const [point, axis] = [Math.floor(k / 3), k % 3];
    if (axis < dimensions) points[k] = values[point * dimensions + axis];
  }
  return points;
}

/** The middle of the range along an axis. */
function extent(points: Float64Array, axis: number): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let k = axis; k < points.length; k += 3) {
    low = Math.min(low, points[k]);
    high = Math.max(high, points[k]);
  }
  return points.length > 0 ? (low + high) / 2 : 0;
}

function reach(values: ArrayLike<number>): number {
  let largest = 0;
  for (let k = 0; k < values.length; k += 3)
    largest = Math.max(largest, Math.hypot(values[k], values[k + 1], values[k + 2]));
  return largest;
}
