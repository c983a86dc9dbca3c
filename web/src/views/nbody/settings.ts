/** @file The view's settings as they stand in its address. */
import type { ModelChoice } from './compute.ts';
import { isPresetName, type PresetName, presets } from './presets.ts';
import { DATA_SET_MOMENT, MOMENTS_SHOWN, STEPS_A_MOMENT } from './run.ts';
import { formatSystem, limits, parseSystem, randomSystem, type System } from './system.ts';

export interface Settings {
  /** Where the particles come from; `own` is what was drawn or changed by hand. */
  readonly preset: 'random' | 'own' | PresetName;
  /** Of a random system, and of the noise. */
  readonly seed: number;
  /** Where the preset is `own`. */
  readonly own: System | undefined;
  /** Deviation of the errors of what the models see. */
  readonly noise: number;
  /** The moment shown, in recorded moments. */
  readonly moment: number;
  /** From where the picture is seen: angles in degrees about the vertical and the horizontal axis, and how near. */
  readonly yaw: number;
  readonly pitch: number;
  readonly zoom: number;
  readonly model: ModelChoice;
  readonly editing: boolean;
  /** Of a training. */
  readonly samples: number;
  readonly epochs: number;
  readonly trainingSeed: number;
}

export const sampleChoices = [300, 1000, 3000] as const;
export const ranges = {
  noise: { min: 0, max: 0.3 },
  zoom: { min: 0.25, max: 8 },
  epochs: { min: 1, max: 1000 },
  yaw: { min: -180, max: 180 },
  pitch: { min: -90, max: 90 },
  moment: { min: 0, max: MOMENTS_SHOWN - 1 },
} as const;

export const defaults: Settings = {
  preset: 'random',
  seed: 94,
  own: undefined,
  noise: 0,
  moment: DATA_SET_MOMENT,
  yaw: 30,
  pitch: 20,
  zoom: 1,
  model: 'shipped',
  editing: false,
  samples: 3000,
  epochs: 100,
  trainingSeed: 1,
};

/** What is missing or makes no sense is as in `defaults`. */
export function readSettings(get: (name: string) => string | undefined): Settings {
  const number = (name: string, { min, max }: { min: number; max: number }, otherwise: number) => {
    const text = get(name);
    const value = text?.trim() ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : otherwise;
  };
  const whole = (name: string, range: { min: number; max: number }, otherwise: number) => {
    const value = number(name, range, otherwise);
    return Number.isInteger(value) ? value : otherwise;
  };
  const own = parseSystem(get('system') ?? '');
  const name = get('preset');
  const samples = Number(get('samples'));
  const steps = { min: 0, max: ranges.moment.max * STEPS_A_MOMENT };
  return {
    preset: isPresetName(name) ? name : name === 'own' && own ? 'own' : defaults.preset,
    seed: whole('seed', limits.seed, defaults.seed),
    own: name === 'own' ? own : undefined,
    noise: number('noise', ranges.noise, defaults.noise),
    moment: Math.round(whole('time', steps, defaults.moment * STEPS_A_MOMENT) / STEPS_A_MOMENT),
    yaw: number('yaw', ranges.yaw, defaults.yaw),
    pitch: number('pitch', ranges.pitch, defaults.pitch),
    zoom: number('zoom', ranges.zoom, defaults.zoom),
    model: get('model') === 'trained' ? 'trained' : 'shipped',
    editing: get('edit') === '1',
    samples: sampleChoices.find((choice) => choice === samples) ?? defaults.samples,
    epochs: whole('epochs', ranges.epochs, defaults.epochs),
    trainingSeed: whole('training-seed', limits.seed, defaults.trainingSeed),
  };
}

/**
 * What differs from `defaults`, and the time, in steps of the simulation.
 * @param playing there is no time to come back to then
 */
export function writeSettings(settings: Settings, playing = false): Record<string, string | undefined> {
  const changed = <Name extends keyof Settings>(name: Name, text = String(settings[name])) =>
    settings[name] === defaults[name] ? undefined : text;
  const { preset, own, moment, editing } = settings;
  return {
    preset: changed('preset'),
    seed: changed('seed'),
    system: preset === 'own' && own ? formatSystem(own) : undefined,
    noise: changed('noise'),
    time: playing ? undefined : String(Math.round(moment) * STEPS_A_MOMENT),
    yaw: changed('yaw'),
    pitch: changed('pitch'),
    zoom: changed('zoom'),
    model: changed('model'),
    edit: editing ? '1' : undefined,
    samples: changed('samples'),
    epochs: changed('epochs'),
    'training-seed': changed('trainingSeed'),
  };
}

export function systemOfSettings({ preset, own, seed }: Settings): System {
  if (preset === 'own' && own) return own;
  return preset === 'random' || preset === 'own' ? randomSystem(seed) : presets[preset].system;
}
