/**
 * @file What readers of inputs give: entries in the order of the file, each a molecule or graph, or what is wrong with
 * it. After an error, reading goes on where the format allows it.
 */

/** One record of a file: T is a molecule or a graph. */
export type Entry<T> = Place & ({ item: T; error?: undefined } | { item?: undefined; error: Error });

interface Place {
  /** Of a text file, counted from 1. */
  line?: number;
  /** What the file calls it. */
  name?: string;
}

export type Bytes = AsyncIterable<Uint8Array>;

export interface ReadContext {
  /** The file's name, for errors. */
  readonly where: string;
  /** So many entries at the start are passed over, as cheaply as the format allows. */
  readonly skip: number;
}

export interface InputFormat<T> {
  readonly name: string;
  /** In lower case, with the dot; without it, what `--format` takes. */
  readonly extensions: readonly string[];
  read(bytes: Bytes, context: ReadContext): AsyncGenerator<Entry<T>>;
}
