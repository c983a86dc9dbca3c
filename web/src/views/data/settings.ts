/** @file The settings of this view, as they stand in the address. */
import type { RandomOptions } from './compute.ts';
import { examples } from './examples.ts';

export const modelKinds = ['random', 'nbody', 'opened'] as const;
export type ModelKind = (typeof modelKinds)[number];

export interface Settings {
  /** The name of an example; undefined where the text is someone's own. */
  readonly example: string | undefined;
  readonly model: ModelKind;
  readonly options: RandomOptions;
  /** Of the picture: degrees about x, y and z; undefined as it is first seen. */
  readonly angles: readonly [x: number, y: number, z: number] | undefined;
}

/** The whole numbers that the address and the fields take. */
export const limits = {
  layers: { min: 1, max: 8 },
  hiddenFeatures: { min: 1, max: 128 },
  outputFeatures: { min: 0, max: 16 },
  coordinateWeight: { min: 1, max: 10_000 },
  seed: { min: 0, max: 9999 },
} as const;

export const defaults: RandomOptions = {
  outputFeatures: 3,
  hiddenFeatures: 32,
  layers: 4,
  attention: false,
  normalize: false,
  tanh: false,
  // First weights are small: with 1, points move by a thousandth or less.
  coordinateWeight: 1000,
  seed: 1,
};

const flags = ['attention', 'normalize', 'tanh'] as const;
type NumberOption = keyof typeof limits;
export const numberOptions = Object.keys(limits) as NumberOption[];

export function readSettings(get: (name: string) => string | undefined): Settings {
  const example =
    get('example') ?? (get('text') === undefined && get('own') === undefined ? examples[0].name : undefined);
  const model = get('model') as ModelKind;
  const angles = (get('turn') ?? '').split(',').map(Number);
  const options: { -readonly [Key in keyof RandomOptions]: RandomOptions[Key] } = { ...defaults };
  for (const name of numberOptions) {
    const value = Number(get(name) ?? Number.NaN);
    const { min, max } = limits[name];
    if (Number.isInteger(value) && value >= min && value <= max) options[name] = value;
  }
  for (const name of flags) options[name] = get(name) === '1';
  return {
    example: examples.some(({ name }) => name === example) ? example : undefined,
    model: modelKinds.includes(model) ? model : 'random',
    options,
    angles:
      angles.length === 3 && angles.every(Number.isFinite) ? [angles[0], angles[1], angles[2]] : undefined,
  };
}

/** What is as it is without saying is left out. */
export function writeSettings({
  example,
  model,
  options,
  angles,
}: Settings): Record<string, string | undefined> {
  return {
    example: example === examples[0].name ? undefined : example,
    model: model === 'random' ? undefined : model,
    turn: angles?.map((angle) => String(Math.round(angle * 10) / 10)).join(','),
    ...Object.fromEntries(
      numberOptions.map((name) => [
        name,
        options[name] === defaults[name] ? undefined : String(options[name]),
      ]),
    ),
    ...Object.fromEntries(flags.map((name) => [name, options[name] ? '1' : undefined])),
  };
}

/** A plane is seen from above, space from the side. */
export function anglesOf(
  { angles }: Settings,
  dimensions: number,
): readonly [x: number, y: number, z: number] {
  return angles ?? (dimensions > 2 ? [20, -30, 0] : [0, 0, 0]);
}
