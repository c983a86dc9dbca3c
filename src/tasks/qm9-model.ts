/**
 * @file The paper's QM9 model: layers with attention that leave the coordinates as they are, a readout over the atoms of
 * a molecule, one output for each target; and what its inputs and outputs mean to somebody who only has the weights.
 *
 * Outputs of the description are in the units of QM9's files, total energies with those of the atoms: what a program of
 * quantum chemistry gives. 1 hartree is 27,211.4 meV of the paper's table.
 */
import {
  ATOM_FEATURES,
  atomicReferences,
  QM9_TARGETS,
  TARGET_NAMES,
  type TargetName,
} from '../data/qm9/index.ts';
import type { ModelConfig, OutputConfig } from '../models/config.ts';
import type { EGNNConfig } from '../nn/egnn-config.ts';
import type { TargetSpreads } from './qm9-inputs.ts';

/** One of the twelve targets, or one network for all of them. */
export const qm9Targets = ['all', ...TARGET_NAMES] as const;
export type QM9Target = (typeof qm9Targets)[number];

export interface QM9ModelSettings {
  readonly target: QM9Target;
  /** Width H of the hidden layers. */
  readonly hidden: number;
  readonly layers: number;
  /** Of the first weights. */
  readonly seed: number;
}

/** Mean absolute errors in the paper's units, of the targets that a model has. */
export type TargetErrors = Partial<Record<TargetName, number>>;

const ELEMENTS = ['H', 'C', 'N', 'O', 'F'];

export function targetsOf(target: QM9Target): readonly TargetName[] {
  return target === 'all' ? TARGET_NAMES : [target];
}

export function qm9Network({ target, hidden, layers, seed }: QM9ModelSettings): EGNNConfig {
  return {
    inputFeatures: ATOM_FEATURES,
    hiddenFeatures: hidden,
    layers,
    attention: true,
    updateCoordinates: false,
    readout: { outputs: targetsOf(target).length },
    seed,
  };
}

export function describeQM9Model(
  settings: QM9ModelSettings,
  spreads: TargetSpreads,
  errors: TargetErrors = {},
): ModelConfig {
  return {
    format: 'egnn-model',
    version: 1,
    network: { kind: 'egnn', ...qm9Network(settings) },
    edges: 'complete',
    atoms: { elements: ELEMENTS, chargePowers: [0, 1, 2], maximumCharge: 9 },
    outputs: [...spreads].map(([name, { mean, meanAbsoluteDeviation }]): OutputConfig => {
      const { fileUnit, factor } = QM9_TARGETS[name];
      const references = atomicReferences(name);
      const error = errors[name];
      return {
        name,
        unit: fileUnit,
        mean: mean / factor,
        scale: meanAbsoluteDeviation / factor,
        ...(references && {
          atomReferences: Object.fromEntries(ELEMENTS.map((symbol, k) => [symbol, references[k]])),
        }),
        ...(error !== undefined && { testError: error / factor }),
      };
    }),
  };
}
