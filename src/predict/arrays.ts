/**
 * @file Arrays of an npz file, looked up by name and checked before use. The format is one of whole columns, so such a
 * file is held in memory; only the arrays asked for are unpacked.
 */
import { FormatError, type NpyArray, readNpy, readZip } from '../formats/index.ts';
import type { Bytes } from './entries.ts';

export interface NumberArray {
  readonly shape: readonly number[];
  readonly data: Exclude<NpyArray['data'], string[]>;
}

export class Arrays {
  readonly #entries: ReadonlyMap<string, () => Uint8Array>;

  /** @throws FormatError for bytes that are no zip archive */
  constructor(bytes: Uint8Array) {
    this.#entries = new Map(
      readZip(bytes).map((entry) => [entry.name.replace(/\.npy$/, ''), () => entry.read()]),
    );
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /**
   * @param sizes of the dimensions; undefined for any
   * @throws FormatError naming the array if it is missing, of another shape, or text
   */
  numbers(name: string, ...sizes: (number | undefined)[]): NumberArray {
    const { shape, data, dtype } = this.#read(name);
    const fits =
      shape.length === sizes.length && sizes.every((size, d) => size === undefined || size === shape[d]);
    if (!fits || Array.isArray(data))
      throw new FormatError(
        `${name} is ${dtype} [${shape.join(', ')}]; expected numbers [${sizes.map((size) => size ?? 'any').join(', ')}]`,
      );
    return { shape, data };
  }

  /** @throws FormatError naming the array if it is missing, or not text [count] */
  texts(name: string, count: number): string[] {
    const { shape, data, dtype } = this.#read(name);
    if (!Array.isArray(data) || shape.length !== 1 || shape[0] !== count)
      throw new FormatError(`${name} is ${dtype} [${shape.join(', ')}]; expected text [${count}]`);
    return data;
  }

  #read(name: string): NpyArray {
    const entry = this.#entries.get(name);
    if (!entry) throw new FormatError(`no array ${name}; there are ${[...this.#entries.keys()].join(', ')}`);
    try {
      return readNpy(entry());
    } catch (error) {
      throw error instanceof FormatError ? new FormatError(`${name}: ${error.message}`) : error;
    }
  }
}

/** All bytes of a stream, as arrays. @throws FormatError as the constructor */
export async function readArrays(bytes: Bytes): Promise<Arrays> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return new Arrays(Buffer.concat(chunks));
}
