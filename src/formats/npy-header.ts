/**
 * The header of an npy file: a Python dictionary literal with exactly the keys `descr`, `fortran_order` and
 * `shape`. It is read by a small scanner that knows strings, True, False and tuples of integers, and nothing else
 * of Python. Specification: numpy.lib.format, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */

import { MAX_DIMENSIONS } from './array.ts';
import { FormatError } from './error.ts';

export interface NpyHeader {
  /** For instance `<f4`: byte order, kind, bytes (for `U`: characters). */
  descr: string;
  fortranOrder: boolean;
  shape: number[];
}

type Literal = string | boolean | number[];

/** Reads the dictionary; `start` is its byte in the file, for error messages. */
export function parseNpyHeader(text: string, start: number): NpyHeader {
  const entries = new DictionaryScanner(text, start).read();
  const descr = entries.get('descr');
  const fortranOrder = entries.get('fortran_order');
  const shape = entries.get('shape');
  if (entries.size !== 3 || descr === undefined || fortranOrder === undefined || shape === undefined) {
    throw new FormatError(
      `npy header has the keys ${[...entries.keys()].join(', ')}; expected descr, fortran_order, shape`,
    );
  }
  if (typeof descr !== 'string') throw new FormatError('npy header: descr is not a string such as "<f4"');
  if (typeof fortranOrder !== 'boolean') {
    throw new FormatError('npy header: fortran_order is neither True nor False');
  }
  if (!Array.isArray(shape)) throw new FormatError('npy header: shape is not a tuple of integers');
  if (shape.length > MAX_DIMENSIONS) {
    throw new FormatError(
      `npy header: shape has ${shape.length} dimensions; expected at most ${MAX_DIMENSIONS}`,
    );
  }
  return { descr, fortranOrder, shape };
}

/** The dictionary as numpy writes it. */
export function formatNpyHeader({ descr, fortranOrder, shape }: NpyHeader): string {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  return `{'descr': '${descr}', 'fortran_order': ${fortranOrder ? 'True' : 'False'}, 'shape': ${tuple}, }`;
}

class DictionaryScanner {
  readonly #text: string;
  readonly #start: number;
  #at = 0;

  constructor(text: string, start: number) {
    this.#text = text;
    this.#start = start;
  }

  read(): Map<string, Literal> {
    const entries = new Map<string, Literal>();
    this.#expect('{');
    while (!this.#take('}')) {
      const key = this.#string();
      if (entries.has(key)) throw this.#error(`key ${key} comes twice`);
      this.#expect(':');
      entries.set(key, this.#literal());
      if (!this.#take(',')) {
        this.#expect('}');
        break;
      }
    }
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#error('expected nothing but spaces after the dictionary');
    return entries;
  }

  #literal(): Literal {
    this.#skipSpace();
    for (const [word, value] of [
      ['True', true],
      ['False', false],
    ] as const) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    if (this.#take('(')) return this.#tuple();
    if (this.#text[this.#at] === '[')
      throw this.#error('structured types are not supported; expected one such as "<f4"');
    return this.#string();
  }

  #tuple(): number[] {
    const sizes: number[] = [];
    while (!this.#take(')')) {
      this.#skipSpace();
      const digits = /\d+/y;
      digits.lastIndex = this.#at;
      const found = digits.exec(this.#text)?.[0];
      if (found === undefined) throw this.#error('expected a size or the end of the tuple');
      sizes.push(Number(found));
      this.#at += found.length;
      if (this.#text[this.#at] === 'L') this.#at++; // Python 2 wrote its long integers so.
      if (!this.#take(',')) {
        if (sizes.length === 1) throw this.#error('expected a comma after the only size of a tuple');
        this.#expect(')');
        break;
      }
    }
    return sizes;
  }

  #string(): string {
    this.#skipSpace();
    const quote = this.#text[this.#at];
    const end = quote === "'" || quote === '"' ? this.#text.indexOf(quote, this.#at + 1) : -1;
    if (end < 0) throw this.#error('expected a quoted string');
    const value = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return value;
  }

  #take(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#take(character)) throw this.#error(`expected ${character}`);
  }

  #skipSpace(): void {
    while (' \n\t\r'.includes(this.#text[this.#at] ?? 'x')) this.#at++;
  }

  #error(what: string): FormatError {
    const near = JSON.stringify(this.#text.slice(this.#at, this.#at + 20));
    return new FormatError(`npy header at byte ${this.#start + this.#at}: ${what}; found ${near}`);
  }
}
