/** @file Systems worth looking at, by name. */
import { type Particle, type System, systemOf } from './system.ts';

export interface Preset {
  readonly title: string;
  /** What to look for, in a sentence. */
  readonly about: string;
  readonly system: System;
}

/** A charge in the plane z = 0. */
function inPlane(charge: number, x: number, y: number, vx: number, vy: number): Particle {
  return { charge, position: [x, y, 0], velocity: [vx, vy, 0] };
}

/** `count` charges at the corners of a regular polygon, moving along its circle. */
function ring(count: number, radius: number, speed: number, chargeOf: (k: number) => number): Particle[] {
  return Array.from({ length: count }, (_, k) => {
    const [c, s] = [Math.cos((2 * Math.PI * k) / count), Math.sin((2 * Math.PI * k) / count)];
    return inPlane(chargeOf(k), radius * c, radius * s, -speed * s, speed * c);
  });
}

export const presets = {
  like: {
    title: 'Five equal charges',
    about:
      'They repel each other evenly and fly apart. The start has five-fold symmetry, and so has every prediction.',
    system: systemOf(ring(5, 1, 0.5, () => 1)),
  },
  pairs: {
    title: 'Two pairs and a visitor',
    about: 'Opposite charges orbit each other in pairs; a fifth charge passes between them.',
    system: systemOf([
      inPlane(1, -1.5, 0.5, 0.5, 0),
      inPlane(-1, -1.5, -0.5, -0.5, 0),
      inPlane(1, 1.5, 0.5, -0.5, 0),
      inPlane(-1, 1.5, -0.5, 0.5, 0),
      { charge: 1, position: [0, -2, 0.5], velocity: [0, 0.5, 0] },
    ]),
  },
  orbit: {
    title: 'Two opposite charges',
    about:
      'They circle around each other. Linear extrapolation leaves along the tangent. The model has never seen two particles.',
    // On a circle of diameter d, v^2 / (d / 2) = 1 / d^2.
    system: systemOf(ring(2, 1, 0.5, (k) => (k === 0 ? 1 : -1))),
  },
  collision: {
    title: 'Close encounter',
    about:
      'Two opposite charges fall towards each other. Where they meet the force is large for a moment, and predictions across it are worst.',
    system: systemOf([
      inPlane(1, -1.2, 0.15, 0.5, 0),
      inPlane(-1, 1.2, -0.15, -0.5, 0),
      inPlane(1, 0, 2.2, 0, 0.5),
      inPlane(-1, -2.4, -1.6, 0.3, -0.4),
      inPlane(1, 2.4, -1.6, 0.3, 0.4),
    ]),
  },
  mirror: {
    title: 'Mirror images',
    about: 'The right half is the left one mirrored. An E(n)-equivariant model keeps the symmetry exactly.',
    system: systemOf([
      inPlane(1, -1.4, 0.6, 0.3, -0.4),
      inPlane(-1, -0.9, -0.9, -0.3, 0.4),
      inPlane(1, 1.4, 0.6, -0.3, -0.4),
      inPlane(-1, 0.9, -0.9, 0.3, 0.4),
      inPlane(-1, 0, 1.6, 0, -0.5),
    ]),
  },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof presets;

export function isPresetName(name: string | undefined): name is PresetName {
  return name !== undefined && Object.hasOwn(presets, name);
}
