/** @file Opening a model from wherever it lies: a folder, an address, or bytes. */

import { startEngine } from '../start-engine.ts';
import type { Engine } from '../tensor/engine.ts';
import { CONFIG_FILE, type ModelContents, unpackModel, WEIGHTS_FILE } from './files.ts';
import { LoadedModel } from './loaded-model.ts';
import { readSource } from './source.ts';

/** More than fits into an engine with its gradients. */
const MOST_BYTES = 2 ** 30;
/** A configuration has some kilobytes. */
const MOST_CONFIG_BYTES = 2 ** 20;

export interface LoadOptions {
  /** The engine to run on; a new one if left out. */
  readonly engine?: Engine;
  /** The most bytes of weights that are read from a path or an address; 2^30 if left out. */
  readonly maxBytes?: number;
}

/**
 * @param source a model folder or a single model.safetensors (a path in Node, or a URL), or the bytes of such a file
 * @throws Error saying what is missing or does not fit
 */
export async function loadModel(
  source: string | URL | Uint8Array,
  options: LoadOptions = {},
): Promise<LoadedModel> {
  const { maxBytes = MOST_BYTES } = options;
  const contents =
    source instanceof Uint8Array ? unpackModel(source) : await openModel(String(source), maxBytes);
  return new LoadedModel(options.engine ?? (await startEngine()), contents);
}

async function openModel(source: string, limit: number): Promise<ModelContents> {
  if (/\.safetensors$/.test(source) || /^(blob|data):/.test(source))
    return unpackModel((await readFile(source, { limit }))!);
  const folder = source.replace(/\/?$/, '/');
  const weights = await readFile(folder + WEIGHTS_FILE, { limit, folder });
  const name = folder + CONFIG_FILE;
  const config = await readSource(name, { limit: MOST_CONFIG_BYTES, folder, optional: true });
  return unpackModel(weights!, config && parseConfig(name, config));
}

async function readFile(...[source, reading]: Parameters<typeof readSource>) {
  try {
    return await readSource(source, reading);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw error;
    const message = `there is no ${source}; a model folder has ${WEIGHTS_FILE} and ${CONFIG_FILE}`;
    throw Object.assign(new Error(message, { cause: error }), { code });
  }
}

function parseConfig(name: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new Error(`${name} is no JSON: ${(error as Error).message}`);
  }
}
