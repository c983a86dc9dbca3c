/** @file The settings of a QM9 training, and the presets: a model's size with a recipe that suits it, as data. */
import type { QM9TaskSettings } from './qm9.ts';
import type { QM9Target } from './qm9-model.ts';
import type { TrainingSettings } from './training-settings.ts';

export const qm9Presets = ['paper', 'medium', 'small', 'tiny'] as const;
type QM9Preset = (typeof qm9Presets)[number];

export interface QM9Settings extends QM9TaskSettings, TrainingSettings {
  readonly preset: QM9Preset;
}

const common = {
  target: 'all',
  seed: 1,
  samples: 100_000,
  validationSamples: 17_748,
  batchSize: 96,
  schedule: 'cosine',
  optimiser: 'adam',
  weightDecay: 1e-16,
  patience: 0,
} as const satisfies Partial<QM9Settings>;

/** The paper trains frontier orbitals with twice the learning rate of the others. */
const FAST_TARGETS: readonly QM9Target[] = ['gap', 'homo', 'lumo'];

/** A preset's settings for a target. */
export function qm9Recipe(preset: QM9Preset, target: QM9Target = common.target): QM9Settings {
  const quick = { ...common, target, preset, warmUp: 0.1, clip: 1, ema: 0.999, validateEvery: 1 };
  switch (preset) {
    case 'paper':
      return {
        ...common,
        target,
        preset,
        hidden: 128,
        layers: 7,
        epochs: 1_000,
        learningRate: FAST_TARGETS.includes(target) ? 1e-3 : 5e-4,
        warmUp: 0,
        clip: 0,
        ema: 0,
        validateEvery: 1,
      };
    case 'medium':
      return {
        ...quick,
        hidden: 96,
        layers: 5,
        epochs: 48,
        batchSize: 16,
        learningRate: 1.5e-3,
        warmUp: 0.03,
        ema: 0.9995,
      };
    case 'small':
      return { ...quick, hidden: 64, layers: 4, epochs: 60, batchSize: 24, learningRate: 2e-3 };
    case 'tiny':
      return { ...quick, hidden: 32, layers: 3, epochs: 10, learningRate: 4e-3 };
  }
}
