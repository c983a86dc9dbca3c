/** @file What the view shows, as it stands in the address: `#/equivariance?model=gnn&points=20&turn=0,30,0&mirror=1`. */
import type { Transform } from './transform.ts';

export const networkNames = ['egnn', 'gnn', 'radial-field'] as const;
export type NetworkName = (typeof networkNames)[number];

export interface Settings {
  readonly model: NetworkName;
  readonly layers: number;
  readonly dimension: 2 | 3;
  /** Of the drawn cloud; a cloud from a file has its own number. */
  readonly points: number;
  readonly seed: number;
  readonly transform: Transform;
}

export const limits = {
  layers: { min: 1, max: 6 },
  points: { min: 3, max: 60 },
  seed: { min: 0, max: 9999 },
  angle: { min: -180, max: 180 },
  shift: { min: -2, max: 2 },
} as const;

interface Limits {
  readonly min: number;
  readonly max: number;
}

/** @param get a setting of the address; what is missing or makes no sense gets its default */
export function readSettings(get: (name: string) => string | undefined): Settings {
  return {
    model: networkNames.find((name) => name === get('model')) ?? 'egnn',
    layers: whole(get('layers'), limits.layers, 4),
    dimension: get('dimension') === '2' ? 2 : 3,
    points: whole(get('points'), limits.points, 16),
    seed: whole(get('seed'), limits.seed, 1),
    transform: {
      angles: three(get('turn'), limits.angle),
      shift: three(get('shift'), limits.shift),
      mirror: get('mirror') === '1',
      shuffle: whole(get('shuffle'), limits.seed, 0),
    },
  };
}

/** What goes into the address; what cannot be seen in the picture is left out. */
export function writeSettings(settings: Settings): Record<string, string | undefined> {
  const { transform } = settings;
  return {
    model: settings.model,
    layers: String(settings.layers),
    dimension: String(settings.dimension),
    points: String(settings.points),
    seed: String(settings.seed),
    turn: listed(transform.angles, 1),
    shift: listed(transform.shift, 2),
    mirror: transform.mirror ? '1' : undefined,
    shuffle: transform.shuffle > 0 ? String(transform.shuffle) : undefined,
  };
}

function whole(text: string | undefined, { min, max }: Limits, otherwise: number): number {
  const value = Number(text ?? Number.NaN);
  return Number.isInteger(value) && value >= min && value <= max ? value : otherwise;
}

function three(text: string | undefined, { min, max }: Limits): [number, number, number] {
  const values = (text ?? '').split(',').map(Number);
  const fits = values.length === 3 && values.every((value) => value >= min && value <= max);
  return fits ? [values[0], values[1], values[2]] : [0, 0, 0];
}

function listed(values: readonly number[], digits: number): string | undefined {
  const rounded = values.map((value) => Number(value.toFixed(digits)) + 0);
  return rounded.some((value) => value !== 0) ? rounded.join(',') : undefined;
}
