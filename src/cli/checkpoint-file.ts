/** @file Weights from a file that somebody else's program has written: PyTorch's, or safetensors. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FormatError, findStateDicts, readPickle, readPyTorch, readSafetensors } from '../formats/index.ts';
import { trainingArguments, type Weights, type WeightTensor } from '../models/index.ts';
import { UsageError } from './errors.ts';

interface Checkpoint {
  readonly weights: Weights;
  /** Where in the file the weights stand; '' for all of it. */
  readonly path: string;
}

/**
 * @param path which of a file's state dicts, if it has several
 * @throws Error naming the file if it is of neither kind; UsageError if it has several state dicts and `path` is none of them
 */
export async function readCheckpointFile(file: string, path?: string): Promise<Checkpoint> {
  const bytes = new Uint8Array(await readFile(file));
  // A safetensors file begins with the length of its header, then the header's brace.
  if (bytes[8] === '{'.charCodeAt(0))
    return { weights: realTensors(inFile(file, () => readSafetensors(bytes)).tensors), path: '' };
  const found = inFile(file, () => findStateDicts(readPyTorch(bytes)));
  if (found.length === 0) throw new FormatError(`${file} holds no state dict`);
  const chosen = found.length === 1 ? found[0] : found.find((candidate) => candidate.path === path);
  if (!chosen || (path !== undefined && chosen.path !== path))
    throw new UsageError(
      `${file} holds state dicts at ${found.map((candidate) => `'${candidate.path}'`).join(', ')}; choose one with --state`,
    );
  return { weights: realTensors(chosen.tensors), path: chosen.path };
}

/** The weights; counters and other whole numbers have no part in a network. */
function realTensors(
  tensors: Iterable<readonly [string, { readonly shape: readonly number[]; readonly data: unknown }]>,
): Weights {
  const real = new Map<string, WeightTensor>();
  for (const [name, { shape, data }] of tensors)
    if (data instanceof Float32Array || data instanceof Float64Array) real.set(name, { shape, data });
  return real;
}

/** The arguments in `file`, or in an args.pickle beside the checkpoint. @throws Error naming the file */
export async function readTrainingArguments(
  checkpoint: string,
  file?: string,
): Promise<{ file: string; values: Record<string, unknown> } | undefined> {
  const beside = join(dirname(checkpoint), 'args.pickle');
  const chosen = file ?? (existsSync(beside) ? beside : undefined);
  if (chosen === undefined) return undefined;
  const bytes = new Uint8Array(await readFile(chosen));
  return { file: chosen, values: inFile(chosen, () => trainingArguments(readPickle(bytes))) };
}

/** What `read` gives; its errors name the file. */
function inFile<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
