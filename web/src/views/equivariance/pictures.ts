/**
 * @file The two pictures. Input: x, faint, and g x. Output: g f(x) as balls, f(g x) as rings, lines from where the
 * network got a point to where it put it, and lines from ball to ring where the two are apart. Imports three: load it
 * dynamically.
 */
import { balls, type Points, rings, segments } from '../../components/marks.ts';
import { createScene, type Scene } from '../../components/scene.ts';
import { themeColour } from '../../theme.ts';
import type { Comparison } from './compute.ts';
import type { PointCloud } from './point-cloud.ts';
import { matrixOf, type Transform } from './transform.ts';

/** What both pictures show. */
export interface Shown {
  readonly cloud: PointCloud;
  readonly transform: Transform;
  readonly comparison: Comparison;
}

export interface Pictures {
  readonly scenes: readonly Scene[];
  show(shown: Shown): void;
}

const SIZE = 0.12;
const RING = 1.5 * SIZE;

export function createPictures(
  roots: { readonly input: HTMLElement; readonly output: HTMLElement },
  dimension: 2 | 3,
  signal: AbortSignal,
): Pictures {
  const input = { before: balls({ opacity: 0.25 }), after: balls(), axes: axes() };
  const output = {
    expected: balls(),
    found: rings(),
    moves: segments({ opacity: 0.55 }),
    gaps: segments(),
    axes: axes(),
  };
  let latest: Shown | undefined;
  const draw = () => {
    if (!latest) return;
    const { cloud, transform, comparison } = latest;
    const colours = kindColours();
    const points = (values: ArrayLike<number>): Points => ({ values, dimension });
    const colourOf = (kinds: Uint8Array) => (k: number) => colours[kinds[k]];
    input.before.show(points(cloud.points), SIZE, colourOf(cloud.kinds));
    input.after.show(points(comparison.input), SIZE, colourOf(comparison.kinds));
    output.expected.show(points(comparison.expected), SIZE, colourOf(comparison.kinds));
    output.found.show(points(comparison.found), RING, () => themeColour('--text'));
    output.moves.show(points(comparison.input), points(comparison.expected), themeColour('--muted'));
    output.gaps.show(points(comparison.expected), points(comparison.found), themeColour('--bad'));
    for (const part of [input, output]) part.axes.show(transform, dimension);
  };
  const options = { dimension, radius: 1, signal };
  const scenes = [
    createScene(roots.input, { ...options, recolour: draw }),
    createScene(roots.output, { ...options, recolour: draw }),
  ];
  scenes[0].world.add(...Object.values(input).map(({ object }) => object));
  scenes[1].world.add(...Object.values(output).map(({ object }) => object));
  return {
    scenes,
    show(shown) {
      latest = shown;
      draw();
      const { cloud, comparison } = shown;
      const all = [cloud.points, comparison.input, comparison.expected, comparison.found];
      const radius = Math.max(...all.map((values) => reach(values, dimension))) + 2 * RING;
      for (const scene of scenes) {
        scene.fit(radius);
        scene.invalidate();
      }
    },
  };
}

/** The axes as g makes them: a turned cross about where the origin has gone. */
function axes() {
  const lines = segments({ opacity: 0.8 });
  return {
    object: lines.object,
    show(transform: Transform, dimension: 2 | 3) {
      const matrix = matrixOf(transform, dimension);
      const [from, to]: number[][] = [[], []];
      for (let axis = 0; axis < dimension; axis++)
        for (let row = 0; row < dimension; row++) {
          const along = matrix[dimension * row + axis];
          from.push(transform.shift[row]);
          to.push(transform.shift[row] + along);
        }
      lines.show({ values: from, dimension }, { values: to, dimension }, themeColour('--control-border'));
    },
  };
}

/** Three that people tell apart whatever colours they see. */
function kindColours(): string[] {
  return [themeColour('--accent'), themeColour('--accent-2'), themeColour('--muted')];
}

function reach(values: ArrayLike<number>, dimension: number): number {
  let largest = 0;
  for (let k = 0; k < values.length; k += dimension) {
    let square = 0;
    for (let axis = 0; axis < dimension; axis++) square += values[k + axis] ** 2;
    largest = Math.max(largest, square);
  }
  return Math.sqrt(largest);
}
