/** @file The samples on which a model errs most, drawn: particles that move, molecules, and graphs. */
import * as Plot from '@observablehq/plot';
import { type Figure, plot } from '../figure.ts';
import type { GraphDrawing, MoleculeDrawing, Motion, WorstCase } from '../measurement.ts';
import { type PlanePoint, principalPlane } from '../projection.ts';
import type { Theme } from '../theme.ts';
import { fileName } from './predictions.ts';

/** Width and height of a drawing. */
const SIZE = 250;

export function worstCase({ name, facts, drawing }: WorstCase): Figure {
  const { marks, points, seen } = draw(drawing);
  return {
    name: `worst-${fileName(name)}`,
    title: name,
    description: `${seen} ${facts.map(([label, value]) => `${label}: ${value}.`).join(' ')}`,
    caption: facts.map(([label, value]) => `${label} ${value}`).join('; '),
    small: true,
    draw: (theme) => plot(theme, { ...square(points), marks: marks(theme) }),
  };
}

interface Sketch {
  /** All points, which decide about the scale. */
  readonly points: readonly PlanePoint[];
  readonly seen: string;
  marks(theme: Theme): Plot.Markish[];
}

function draw(drawing: WorstCase['drawing']): Sketch {
  switch (drawing.kind) {
    case 'motion':
      return drawMotion(drawing);
    case 'molecule':
      return drawMolecule(drawing);
    case 'graph':
      return drawGraph(drawing);
  }
}

/** True paths as lines from a ring, ends as dots with the sign of the charge, predictions as crosses on dashed lines. */
function drawMotion({ charges, path, predicted }: Motion): Sketch {
  const project = principalPlane([...path.flat(), ...predicted]);
  const moments = path.map(project);
  const guesses = project(predicted);
  const ends = moments.at(-1)!;
  return {
    points: [...moments.flat(), ...guesses],
    seen: `${charges.length} charged particles: where each starts, its path, where it is in the end, and where the model predicts it.`,
    marks(theme) {
      const colour = (particle: number) => (charges[particle] > 0 ? theme.red : theme.blue);
      return charges.flatMap((charge, particle) => {
        const of = (points: readonly PlanePoint[]) => points[particle];
        return [
          Plot.line(moments.map(of), { stroke: colour(particle), strokeWidth: 1.25 }),
          Plot.dot([of(moments[0])], { r: 2.5, stroke: colour(particle), fill: theme.background }),
          Plot.line([of(ends), of(guesses)], { stroke: theme.ink, strokeDasharray: '3,2' }),
          Plot.dot([of(ends)], { r: 5.5, fill: colour(particle) }),
          Plot.text([of(ends)], {
            text: [charge > 0 ? '+' : '−'],
            fill: theme.background,
            fontWeight: 'bold',
            dy: -0.5,
          }),
          Plot.dot([of(guesses)], { symbol: 'times', r: 4.5, stroke: theme.ink, strokeWidth: 1.75 }),
        ];
      });
    },
  };
}

/** Covalent radii in angstrom (Cordero et al. 2008); other elements are taken for carbon. */
const RADII: Readonly<Record<string, number>> = { H: 0.31, C: 0.76, N: 0.71, O: 0.66, F: 0.57 };
/** How much longer than the sum of the radii a bond may be. */
const BOND_TOLERANCE = 1.25;

function drawMolecule({ atoms, positions }: MoleculeDrawing): Sketch {
  const places = principalPlane(positions)(positions);
  const bonds = atoms.flatMap((_, i) =>
    atoms.flatMap((_, j) => (j < i && areBonded(atoms, positions, i, j) ? [[places[i], places[j]]] : [])),
  );
  return {
    points: places,
    seen: `A molecule of ${atoms.length} atoms and ${bonds.length} bonds, seen where it is widest.`,
    marks(theme) {
      const colours: Record<string, string> = {
        H: theme.muted,
        N: theme.blue,
        O: theme.red,
        F: theme.green,
      };
      return [
        Plot.link(bonds, {
          x1: ([[x]]: PlanePoint[]) => x,
          y1: ([[, y]]: PlanePoint[]) => y,
          x2: ([, [x]]: PlanePoint[]) => x,
          y2: ([, [, y]]: PlanePoint[]) => y,
          stroke: theme.muted,
          strokeWidth: 1.75,
        }),
        Plot.dot(places, {
          r: (_: PlanePoint, atom: number) => (atoms[atom] === 'H' ? 5 : 7.5),
          fill: (_: PlanePoint, atom: number) => colours[atoms[atom]] ?? theme.ink,
          stroke: theme.background,
        }),
        Plot.text(places, {
          text: (_: PlanePoint, atom: number) => atoms[atom],
          fill: theme.background,
          fontSize: 9,
          fontWeight: 'bold',
        }),
      ];
    },
  };
}

function areBonded(atoms: readonly string[], positions: readonly number[], i: number, j: number): boolean {
  const distance = Math.hypot(...[0, 1, 2].map((k) => positions[3 * i + k] - positions[3 * j + k]));
  const radius = (atom: string) => RADII[atom] ?? RADII.C;
  return distance < BOND_TOLERANCE * (radius(atoms[i]) + radius(atoms[j]));
}

/** Nodes on a circle; edges that were found are thin, wrong pairs are thick, missed ones dashed. */
function drawGraph({ nodes, found, missed, invented }: GraphDrawing): Sketch {
  const places = Array.from({ length: nodes }, (_, k): PlanePoint => {
    const angle = Math.PI / 2 - (2 * Math.PI * k) / nodes;
    return [Math.cos(angle), Math.sin(angle)];
  });
  const links = (pairs: readonly (readonly [number, number])[], options: Plot.LinkOptions) =>
    Plot.link(pairs, {
      x1: ([i]: [number, number]) => places[i][0],
      y1: ([i]: [number, number]) => places[i][1],
      x2: ([, j]: [number, number]) => places[j][0],
      y2: ([, j]: [number, number]) => places[j][1],
      ...options,
    });
  return {
    points: places,
    seen: `A graph of ${nodes} nodes on a circle: ${found.length} edges found, ${missed.length} missed, ${invented.length} that are none.`,
    marks: (theme) => [
      links(found, { stroke: theme.muted, strokeOpacity: 0.55 }),
      links(missed, { stroke: theme.blue, strokeWidth: 2.5, strokeDasharray: '5,3' }),
      links(invented, { stroke: theme.orange, strokeWidth: 2.5 }),
      Plot.dot(places, { r: 4, fill: theme.ink, stroke: theme.background }),
    ],
  };
}

/** One scale for both axes. */
function square(points: readonly PlanePoint[]): Plot.PlotOptions {
  const range = (axis: 0 | 1) => {
    const values = points.map((point) => point[axis]);
    return [Math.min(...values), Math.max(...values)] as const;
  };
  const [x, y] = [range(0), range(1)];
  const half = 0.5 * Math.max(x[1] - x[0], y[1] - y[0], 1e-6);
  const around = ([from, to]: readonly [number, number]) => [(from + to) / 2 - half, (from + to) / 2 + half];
  return {
    width: SIZE,
    height: SIZE,
    margin: 14,
    r: { type: 'identity' },
    x: { domain: around(x), axis: null },
    y: { domain: around(y), axis: null },
  };
}
