/**
 * @file A model as bytes: its weights as safetensors, whose metadata hold the configuration too, so that one file is a
 * whole model; or the files of a model folder. No file system, no network.
 */
import { readSafetensors, writeSafetensors } from '../formats/safetensors.ts';
import type { StateDict } from '../nn/state-dict.ts';
import { expectWeights } from './build.ts';
import { modelCard } from './card.ts';
import { checkModelConfig, type ModelConfig } from './config.ts';

export const WEIGHTS_FILE = 'model.safetensors';
export const CONFIG_FILE = 'config.json';
const CARD_FILE = 'README.md';
const CONFIG_KEY = 'egnn.config';

export interface ModelContents {
  readonly config: ModelConfig;
  /** Under the authors' names; written as float32. */
  readonly state: StateDict;
}

/**
 * A model as one safetensors file, which `loadModel` and every command take.
 * @throws RangeError if the configuration is not valid; Error naming weights that it does not describe, or that float32
 *   cannot hold
 */
export function packModel({ config, state }: ModelContents): Uint8Array<ArrayBuffer> {
  expectWeights(checkModelConfig(config).network, state);
  const tensors = Object.entries(state).map(
    ([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }] as const,
  );
  return writeSafetensors(tensors, { format: 'pt', [CONFIG_KEY]: JSON.stringify(config) });
}

/**
 * The files of a model folder by name: weights, card, configuration. Whoever writes them keeps this order: a folder with a
 * configuration is complete.
 * @param about Markdown for the card: how it was trained, its errors and licence; if left out, the card says that they
 *   are not known
 * @throws as `packModel`
 */
export function modelFiles(
  name: string,
  contents: ModelContents,
  about?: string,
): Record<string, Uint8Array<ArrayBuffer>> {
  const { config, state } = contents;
  const parameterCount = Object.values(state).reduce((sum, { data }) => sum + data.length, 0);
  const encoder = new TextEncoder();
  return {
    [WEIGHTS_FILE]: packModel(contents),
    [CARD_FILE]: encoder.encode(modelCard({ name, config, parameterCount, about })),
    [CONFIG_FILE]: encoder.encode(`${JSON.stringify(config, undefined, 2)}\n`),
  };
}

/**
 * @param weights a safetensors file
 * @param config what config.json holds, parsed; the file's own if left out
 * @throws FormatError for bytes that are no safetensors file; Error or RangeError if there is no configuration, or it is
 *   not valid
 */
export function unpackModel(weights: Uint8Array, config?: unknown): ModelContents {
  const { tensors, metadata } = readSafetensors(weights);
  return { config: checkModelConfig(config ?? ownConfig(metadata)), state: stateOf(tensors) };
}

/** @throws TypeError naming a tensor of integers beyond 2^53 */
function stateOf(tensors: ReturnType<typeof readSafetensors>['tensors']): StateDict {
  // Not by assignment, which would lose a tensor named __proto__.
  return Object.fromEntries(
    [...tensors].map(([name, { shape, data }]) => {
      if (data instanceof BigInt64Array || data instanceof BigUint64Array)
        throw new TypeError(`${name} holds 64-bit integers; weights are real numbers`);
      return [name, { shape, data }];
    }),
  );
}

function ownConfig(metadata: Readonly<Record<string, string>>): unknown {
  const text = metadata[CONFIG_KEY];
  if (text === undefined)
    throw new Error(
      'the weights come without a configuration: give config.json, or import them with `egnn import`',
    );
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RangeError(
      `the configuration in the weights' metadata is no JSON: ${(error as Error).message}`,
    );
  }
}
