/** @file The settings of this view, as they stand in the address. */
import { firstSmiles } from './examples.ts';

export const shows = ['structure', 'attention', 'contributions'] as const;
export type Show = (typeof shows)[number];

export interface Settings {
  /** undefined where a file is shown. */
  readonly smiles: string | undefined;
  /** The name of a file that this tab remembers. */
  readonly file: string | undefined;
  /** Degrees about x, y and z. */
  readonly angles: readonly [x: number, y: number, z: number];
  readonly mirror: boolean;
  readonly show: Show;
  /** From 0. */
  readonly layer: number;
  /** The least gate that is drawn. */
  readonly from: number;
  /** The output whose contributions are shown; the first if there is none of that name. */
  readonly property: string | undefined;
}

type Get = (name: string) => string | undefined;

export function readSettings(get: Get): Settings {
  const file = get('file');
  const show = get('show') as Show;
  const angles = (get('turn') ?? '').split(',').map(Number);
  return {
    smiles: get('smiles') ?? (file === undefined ? firstSmiles : undefined),
    file: get('smiles') === undefined ? file : undefined,
    angles:
      angles.length === 3 && angles.every(Number.isFinite) ? [angles[0], angles[1], angles[2]] : [0, 0, 0],
    mirror: get('mirror') === '1',
    show: shows.includes(show) ? show : 'structure',
    layer: Math.max(0, Math.floor(Number(get('layer') ?? 1)) - 1) || 0,
    from: Math.min(1, Math.max(0, Number(get('from') ?? 0.5))) || 0,
    property: get('property'),
  };
}

/** What is as it is without saying is left out. */
export function writeSettings(settings: Settings): Record<string, string | undefined> {
  const { smiles, file, angles, mirror, show, layer, from, property } = settings;
  const isTurned = angles.some((angle) => angle !== 0);
  return {
    smiles: smiles === firstSmiles ? undefined : smiles,
    file,
    turn: isTurned ? angles.map((angle) => String(Math.round(angle * 10) / 10)).join(',') : undefined,
    mirror: mirror ? '1' : undefined,
    show: show === 'structure' ? undefined : show,
    layer: layer === 0 ? undefined : String(layer + 1),
    from: from === 0.5 ? undefined : String(from),
    property,
  };
}
