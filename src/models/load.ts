/** @file Opening a model from wherever it lies: a folder, an address, or bytes. */

import { startEngine } from '../start-engine.ts';
import type { Engine } from '../tensor/engine.ts';
import { CONFIG_FILE, unpackModel, WEIGHTS_FILE } from './files.ts';
import { LoadedModel } from './loaded-model.ts';

export interface LoadOptions {
  /** The engine to run on; a new one if left out. */
  readonly engine?: Engine;
}

/**
 * @param source a model folder or a single model.safetensors (a path in Node, or a URL), or the bytes of such a file
 * @throws Error saying what is missing or does not fit
 */
export async function loadModel(
  source: string | URL | Uint8Array,
  options: LoadOptions = {},
): Promise<LoadedModel> {
  const contents = source instanceof Uint8Array ? unpackModel(source) : await openModel(source);
  return new LoadedModel(options.engine ?? (await startEngine()), contents);
}

async function openModel(source: string | URL) {
  const text = String(source);
  const read = /^(https?|blob|data):/.test(text) ? fetchBytes : readFileBytes;
  if (/\.safetensors$/.test(text) || /^(blob|data):/.test(text)) return unpackModel((await read(text))!);
  const folder = text.replace(/\/?$/, '/');
  const weights = await read(folder + WEIGHTS_FILE);
  const config = await read(folder + CONFIG_FILE, true);
  return unpackModel(weights!, config && parseConfig(folder + CONFIG_FILE, config));
}

function parseConfig(name: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new Error(`${name} is no JSON: ${(error as Error).message}`);
  }
}

async function fetchBytes(address: string, optional = false): Promise<Uint8Array | undefined> {
  const response = await fetch(address);
  if (response.ok) return new Uint8Array(await response.arrayBuffer());
  if (optional && response.status === 404) return undefined;
  throw new Error(`${address}: ${response.status} ${response.statusText}`);
}

async function readFileBytes(path: string, optional = false): Promise<Uint8Array | undefined> {
  const { readFile } = process.getBuiltinModule('node:fs/promises');
  try {
    return new Uint8Array(await readFile(path.startsWith('file:') ? new URL(path) : path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw error;
    if (optional) return undefined;
    const message = `there is no ${path}; a model folder has ${WEIGHTS_FILE} and ${CONFIG_FILE}`;
    throw Object.assign(new Error(message, { cause: error }), { code });
  }
}
