/**
 * @file The comment line of extended XYZ: `key=value` pairs. Values are numbers, booleans (T, F, true, false), text,
 * and lists: `"1 2 3"` and `{1 2 3}` of old, `[1, 2, 3]` and `[[1, 2], [3, 4]]` now. A key alone is true.
 * Specification: extended XYZ of libAtoms, https://github.com/libAtoms/extxyz (README, version 0.1)
 */

import type { PropertyValue, Scalar } from './molecule.ts';
import { formatReal, parseReal } from './numbers.ts';

const BOOLEANS = new Map([
  ...['T', 'True', 'TRUE', 'true'].map((word) => [word, true] as const),
  ...['F', 'False', 'FALSE', 'false'].map((word) => [word, false] as const),
]);
const BARE = /[^\s=",[\]{}\\]+/y;
const SPACE = /\s*/y;

/** T, F and their longer spellings; undefined for anything else. */
export function parseBoolean(word: string): boolean | undefined {
  return BOOLEANS.get(word);
}

/**
 * The pairs of a comment line in their order.
 * @param needValues whether a key alone is an error.
 * @throws SyntaxError that says what was expected and at which column, counted from 1.
 */
export function parseInfo(line: string, needValues = false): Map<string, PropertyValue> {
  const pairs = new Map<string, PropertyValue>();
  let at = 0;
  skipSpace();
  while (at < line.length) {
    const start = at;
    const key = word('a key');
    if (pairs.has(key)) throw problem(`key ${JSON.stringify(key)} comes twice`, start);
    skipSpace();
    const hasValue = line[at] === '=';
    if (hasValue) {
      at++;
      skipSpace();
    }
    if (needValues && !hasValue) throw problem('expected = after the key');
    pairs.set(key, hasValue ? value() : true);
    if (hasValue && at < line.length && !/\s/.test(line[at]!))
      throw problem('expected a space after the value');
    skipSpace();
  }
  return pairs;

  function value(): PropertyValue {
    if (line[at] === '"') return interpretQuoted(quoted());
    if (line[at] === '{') return oldList();
    if (line[at] === '[') return list();
    return interpret(bare('a value'));
  }

  function oldList(): Scalar[] {
    const end = line.indexOf('}', at);
    if (end < 0) throw problem('expected a closing } after');
    const words = line
      .slice(at + 1, end)
      .split(/[\s,]+/)
      .filter((item) => item !== '');
    at = end + 1;
    return interpretAll(words) ?? words;
  }

  function list(): Scalar[] | Scalar[][] {
    const start = at;
    const items = listItems();
    const rows = items.filter(Array.isArray).length;
    if (rows !== 0 && rows !== items.length) throw problem('expected values or lists, not both, in', start);
    const scalars = items.flat();
    if (scalars.some((item) => typeof item !== typeof scalars[0])) {
      throw problem('expected values of one type in the list', start);
    }
    return items as Scalar[] | Scalar[][];
  }

  function listItems(depth = 1): (Scalar | Scalar[])[] {
    const items: (Scalar | Scalar[])[] = [];
    at++;
    skipSpace();
    while (line[at] !== ']') {
      if (line[at] === '[') {
        if (depth === 2) throw problem('expected lists no deeper than two');
        items.push(listItems(2) as Scalar[]);
      } else items.push(line[at] === '"' ? quoted() : interpret(bare('a value or ]')));
      skipSpace();
      if (line[at] === ',') {
        at++;
        skipSpace();
        if (line[at] === ']') throw problem('expected a value after the comma');
      } else if (line[at] !== ']') throw problem('expected , or ]');
    }
    at++;
    return items;
  }

  function word(what: string): string {
    return line[at] === '"' ? quoted() : bare(what);
  }

  function bare(what: string): string {
    BARE.lastIndex = at;
    const found = BARE.exec(line)?.[0];
    if (found === undefined) throw problem(`expected ${what}`);
    at += found.length;
    return found;
  }

  function quoted(): string {
    let text = '';
    let end = at + 1;
    for (; line[end] !== '"'; end++) {
      if (end >= line.length) throw problem('expected a closing quote after');
      if (line[end] === '\\') {
        end++;
        text += line[end] === 'n' ? '\n' : (line[end] ?? '');
      } else text += line[end];
    }
    at = end + 1;
    return text;
  }

  function skipSpace(): void {
    SPACE.lastIndex = at;
    SPACE.exec(line);
    at = SPACE.lastIndex;
  }

  function problem(what: string, where = at): SyntaxError {
    const near = JSON.stringify(line.slice(where, where + 20));
    return new SyntaxError(`column ${where + 1}: ${what}; found ${near}`);
  }
}

/** One pair as text. @throws RangeError for a number that is not finite. */
export function formatPair(key: string, value: PropertyValue): string {
  return `${formatText(key)}=${formatValue(key, value)}`;
}

function formatValue(key: string, value: PropertyValue): string {
  if (Array.isArray(value)) {
    const items = value.map((item) => (typeof item === 'string' ? quoteText(item) : formatValue(key, item)));
    return `[${items.join(', ')}]`;
  }
  if (typeof value === 'number') return formatReal(value, `property ${key}`);
  if (typeof value === 'boolean') return value ? 'T' : 'F';
  return formatText(value);
}

function formatText(text: string): string {
  BARE.lastIndex = 0;
  return BARE.exec(text)?.[0] === text ? text : quoteText(text);
}

function quoteText(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

function interpret(word: string): Scalar {
  return parseReal(word) ?? parseBoolean(word) ?? word;
}

/** Quotes have stood around lists of numbers and booleans longer than brackets have; around anything else, it is text. */
function interpretQuoted(text: string): PropertyValue {
  const words = text.trim().split(/\s+/);
  const values = interpretAll(words);
  return values === undefined ? text : values.length === 1 ? values[0]! : values;
}

function interpretAll(words: string[]): number[] | boolean[] | undefined {
  const numbers = words.map(parseReal);
  if (!numbers.includes(undefined)) return numbers as number[];
  const booleans = words.map(parseBoolean);
  return booleans.includes(undefined) ? undefined : (booleans as boolean[]);
}
