/** @file What is known of an architecture that checkpoints are met in. */
import type { ModelConfig, NetworkConfig } from '../config.ts';
import type { Weights, WeightTensor } from './weights.ts';

/** Something that the weights do not tell. */
export interface Assumption {
  /** An option of the network, or `edges`. */
  readonly option: string;
  readonly value: unknown;
  /** What it is in the original code, and when it is otherwise. */
  readonly why: string;
}

export interface ReadArchitecture {
  /** What names and shapes tell. */
  readonly network: NetworkConfig;
  readonly vectorField?: ModelConfig['vectorField'];
  readonly assumptions: readonly Assumption[];
  /** A weight under our name, or undefined if the network has no place for it. */
  readonly rename: (name: string, tensor: WeightTensor) => readonly [string, WeightTensor] | undefined;
}

export interface Architecture {
  readonly name: string;
  /** Whose it is. */
  readonly about: string;
  /** A name that occurs once in such a checkpoint, behind the prefix that is its first group. */
  readonly landmark: RegExp;
  /** @param weights under their names without the prefix */
  readonly recognises: (weights: Weights) => boolean;
  /** @throws Error naming a weight whose shape does not fit, or what of the architecture is not supported */
  readonly read: (weights: Weights, prefix: string) => ReadArchitecture;
  /** Options from the arguments that the original was trained with (args.pickle), as far as they are there. */
  readonly fromArguments?: (
    given: Readonly<Record<string, unknown>>,
    layers: number,
  ) => Readonly<Record<string, unknown>>;
}

/** The first layer of phi_e: its inputs beyond the two nodes' features. @throws Error if there are too few */
export function pairInputs(inputs: number, features: number, least: number, name: string): number {
  const pair = inputs - 2 * features;
  if (pair < least)
    throw new Error(
      `${name} takes ${inputs} inputs; expected at least ${2 * features + least} for two nodes of ${features} features`,
    );
  return pair;
}
