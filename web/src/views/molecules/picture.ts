/**
 * @file The molecule as balls and sticks. With attention, every pair of atoms is joined by two half rods: the half at atom i
 * shows e_ij, how much of j's message i takes. With contributions, balls have the colours of shares, and labels beside
 * them. Imports three: load it dynamically.
 */
import { Color, Vector3 } from 'three';
import { element } from '../../components/dom.ts';
import { createScene } from '../../components/scene.ts';
import { themeColour } from '../../theme.ts';
import { elementColour } from './element-colours.ts';
import { type Ball, ballSet, type Rod, rodSet } from './marks.ts';
import type { MoleculeData } from './types.ts';

export interface Shown {
  readonly molecule: MoleculeData;
  /** [N, 3], turned, mirrored, about the origin. */
  readonly positions: ArrayLike<number>;
  /** e_ij to be drawn, [N, N], and the least of them that is. */
  readonly attention?: { readonly gates: Float32Array; readonly from: number };
  /** Atoms' shares to be drawn, [N], and their texts. */
  readonly contributions?: { readonly shares: ArrayLike<number>; readonly texts: readonly string[] };
}

export interface Picture {
  show(shown: Shown): void;
}

/** Angstrom. */
const HYDROGEN_RADIUS = 0.24;
const ATOM_RADIUS = 0.36;
const BOND_RADIUS = 0.09;
const THIN_BOND_RADIUS = 0.045;
const ORDER_SPACING = 0.17;
const GATE_RADIUS = 0.065;
/** Half rods; more than this is a thicket, and slow. */
const MOST_HALVES = 4000;
const MOST_LABELS = 40;

export function createPicture(root: HTMLElement, signal: AbortSignal): Picture {
  const [atoms, bonds, gates] = [ballSet(), rodSet(), rodSet()];
  const labels = element('div', { className: 'atom-labels', attributes: { 'aria-hidden': 'true' } });
  let latest: Shown | undefined;
  const draw = () => {
    if (!latest) return;
    const { molecule, positions, attention, contributions } = latest;
    const theme = isDark() ? 'dark' : 'light';
    const points = vectorsOf(positions);
    const colours = contributions
      ? shareColours(contributions.shares)
      : Array.from(molecule.numbers, (number) => elementColour(number, theme));
    atoms.show(ballsOf(molecule, points, colours));
    bonds.show(bondsOf(molecule, points, attention !== undefined));
    gates.show(attention ? gatesOf(points, attention) : []);
  };
  const scene = createScene(root, { dimension: 3, radius: 1, recolour: draw, signal });
  scene.world.add(atoms.object, bonds.object, gates.object);
  root.append(labels);
  const observer = new ResizeObserver(() => place());
  observer.observe(root);
  signal.addEventListener('abort', () => observer.disconnect(), { once: true });

  /** Labels where their atoms are drawn. */
  function place(): void {
    const texts = latest?.contributions?.texts ?? [];
    const wanted = texts.length <= MOST_LABELS ? texts : [];
    while (labels.children.length > wanted.length) labels.lastChild!.remove();
    while (labels.children.length < wanted.length) labels.append(element('span'));
    if (wanted.length === 0) return;
    scene.camera.updateMatrixWorld();
    for (const [k, point] of vectorsOf(latest!.positions).entries()) {
      const { x, y } = point.project(scene.camera);
      const label = labels.children[k] as HTMLElement;
      label.textContent = wanted[k];
      label.style.left = `${50 * (x + 1)}%`;
      label.style.top = `${50 * (1 - y)}%`;
    }
  }

  return {
    show(shown) {
      latest = shown;
      draw();
      const reach = vectorsOf(shown.positions).map((point) => point.length());
      scene.fit(Math.max(1, ...reach) + ATOM_RADIUS);
      scene.invalidate();
      place();
    },
  };
}

function isDark(): boolean {
  const { r, g, b } = new Color(themeColour('--surface'));
  return r + g + b < 1.5;
}

function vectorsOf(positions: ArrayLike<number>): Vector3[] {
  return Array.from(
    { length: positions.length / 3 },
    (_, k) => new Vector3(positions[3 * k], positions[3 * k + 1], positions[3 * k + 2]),
  );
}

function ballsOf({ numbers }: MoleculeData, points: readonly Vector3[], colours: readonly string[]): Ball[] {
  return points.map((at, k) => ({
    at,
    radius: numbers[k] === 1 ? HYDROGEN_RADIUS : ATOM_RADIUS,
    colour: colours[k],
  }));
}

/** Rods beside each other for double and triple bonds; thin ones where they are a background. */
function bondsOf({ bonds, orders }: MoleculeData, points: readonly Vector3[], thin: boolean): Rod[] {
  const colour = themeColour('--control-border');
  return Array.from(orders, (order, b) => {
    const [from, to] = [points[bonds[2 * b]], points[bonds[2 * b + 1]]];
    const strands = thin || order < 2 || order > 3 ? 1 : order;
    const side = sideways(from, to);
    return Array.from({ length: strands }, (_, strand): Rod => {
      const shift = side.clone().multiplyScalar((strand - (strands - 1) / 2) * ORDER_SPACING);
      return {
        from: from.clone().add(shift),
        to: to.clone().add(shift),
        radius: strands > 1 ? 0.7 * BOND_RADIUS : thin ? THIN_BOND_RADIUS : BOND_RADIUS,
        colour,
      };
    });
  }).flat();
}

/** Across the bond, in the plane of the picture as far as there is one. */
function sideways(from: Vector3, to: Vector3): Vector3 {
  const along = new Vector3().subVectors(to, from).normalize();
  const side = new Vector3(-along.y, along.x, 0);
  return side.lengthSq() > 1e-4 ? side.normalize() : new Vector3(1, 0, 0);
}

function gatesOf(points: readonly Vector3[], { gates, from }: NonNullable<Shown['attention']>): Rod[] {
  const count = points.length;
  const [strong, weak] = [new Color(themeColour('--accent-2')), new Color(themeColour('--surface'))];
  const halves: { i: number; j: number; gate: number }[] = [];
  for (let i = 0; i < count; i++)
    for (let j = 0; j < count; j++) {
      const gate = gates[i * count + j];
      if (i !== j && gate >= from && gate > 0) halves.push({ i, j, gate });
    }
  halves.sort((a, b) => b.gate - a.gate);
  return halves.slice(0, MOST_HALVES).map(({ i, j, gate }) => ({
    from: points[i],
    to: new Vector3().addVectors(points[i], points[j]).multiplyScalar(0.5),
    radius: GATE_RADIUS * gate,
    colour: `#${new Color().lerpColors(weak, strong, 0.2 + 0.8 * gate).getHexString()}`,
  }));
}

/** From --accent (lowers the prediction) to --accent-2 (raises it), by share over the largest one. */
function shareColours(shares: ArrayLike<number>): string[] {
  const largest = Math.max(...Array.from(shares, Math.abs)) || 1;
  const neutral = new Color(themeColour('--border'));
  return Array.from(shares, (share) => {
    const end = new Color(themeColour(share < 0 ? '--accent' : '--accent-2'));
    return `#${new Color().lerpColors(neutral, end, Math.abs(share) / largest).getHexString()}`;
  });
}
