/** @file The inputs of a run: which files, in which format, and their entries one after the other. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { addAbortSignal } from 'node:stream';
import type { Bytes, Entry, InputFormat } from './entries.ts';
import { expandPattern } from './glob.ts';

/** As a file name, standard input. */
export const STANDARD_INPUT = '-';

/** Files that are there, or standard input, and cannot be read as they were named. */
export class InputNameError extends Error {
  override name = 'InputNameError';
}

export interface Input<T> {
  /** As it was given, or as a pattern found it. */
  readonly name: string;
  readonly format: InputFormat<T>;
  /** In bytes; of standard input nothing is known. */
  readonly size?: number;
  /** When it was last written, in milliseconds. */
  readonly modified?: number;
}

/** An entry and its place: `input` counts from 0, `record` from 1 in its file. */
export type PlacedEntry<T> = Entry<T> & {
  readonly file: string;
  readonly input: number;
  readonly record: number;
};

/** The first entry that is still to be read: so many inputs are done, and of the next one so many entries. */
export interface Position {
  readonly input: number;
  readonly record: number;
}

/**
 * @param names files, patterns, or `-`
 * @param formats that the model takes
 * @param formatName an extension without its dot, which takes the place of all files' own
 * @throws InputNameError naming what has no known ending or is a folder; Error with the code ENOENT for what is not there
 */
export async function findInputs<T>(
  names: readonly string[],
  formats: readonly InputFormat<T>[],
  formatName?: string,
): Promise<Input<T>[]> {
  const given = formatName === undefined ? undefined : formatOf(`.${formatName.toLowerCase()}`, formats);
  const inputs: Input<T>[] = [];
  for (const pattern of names) {
    const found = pattern === STANDARD_INPUT ? [pattern] : expandPattern(pattern);
    if (found.length === 0) throw Object.assign(new Error(`no file matches ${pattern}`), { code: 'ENOENT' });
    for (const name of found) inputs.push(await inputOf(name, given, formats));
  }
  return inputs;
}

async function inputOf<T>(
  name: string,
  given: InputFormat<T> | undefined,
  formats: readonly InputFormat<T>[],
): Promise<Input<T>> {
  if (name === STANDARD_INPUT) {
    if (given) return { name, format: given };
    throw new InputNameError(
      `standard input has no ending that tells its format; say --format ${extensionsOf(formats)}`,
    );
  }
  const facts = await stat(name).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new Error(`there is no file ${name}`, { cause: error }) : error;
  });
  if (facts.isDirectory())
    throw new InputNameError(`${name} is a folder; name its files, for instance '${name}/*.xyz'`);
  return { name, format: given ?? formatOf(name, formats), size: facts.size, modified: facts.mtimeMs };
}

function formatOf<T>(name: string, formats: readonly InputFormat<T>[]): InputFormat<T> {
  const lower = name.toLowerCase();
  const found = formats.find(({ extensions }) => extensions.some((end) => lower.endsWith(end)));
  if (found) return found;
  throw new InputNameError(
    `${name} has no ending of a format that this model takes: ${formats
      .map((format) => `${format.extensions.join(', ')} (${format.name})`)
      .join('; ')}`,
  );
}

function extensionsOf<T>(formats: readonly InputFormat<T>[]): string {
  return formats.map(({ extensions }) => extensions[0].slice(1)).join('|');
}

/**
 * The entries of all inputs from a position on.
 * @throws what the file system throws; an AbortError once `signal` is aborted, while it waits for bytes
 */
export async function* readInputs<T>(
  inputs: readonly Input<T>[],
  from: Position,
  signal: AbortSignal,
): AsyncGenerator<PlacedEntry<T>> {
  for (let input = from.input; input < inputs.length; input++) {
    const { name, format } = inputs[input];
    const skip = input === from.input ? from.record : 0;
    const where = name === STANDARD_INPUT ? 'standard input' : name;
    let record = skip;
    for await (const entry of format.read(open(name, signal), { where, skip }))
      yield { ...entry, file: name, input, record: ++record };
  }
}

function open(name: string, signal: AbortSignal): Bytes {
  return name === STANDARD_INPUT ? addAbortSignal(signal, process.stdin) : createReadStream(name, { signal });
}
