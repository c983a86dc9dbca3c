/**
 * @file Plain graphs as entries: features X [N, F] and coordinates C [N, n], and where there are any, edges E [2, M], edge
 * attributes A [M, a], velocities V [N, n] and node attributes B [N, b], as `EGNN.predict` takes them. JSON lines hold
 * one graph a line.
 */
import { FormatError } from '../formats/index.ts';
import type { PlainGraph } from '../nn/plain-graph.ts';
import type { Bytes, Entry, InputFormat, ReadContext } from './entries.ts';
import { readGraphArrays } from './graph-arrays.ts';
import { textLines } from './text-lines.ts';

const MATRICES = ['X', 'C', 'E', 'A', 'V', 'B'] as const;
const NEEDED = ['X', 'C'];
const KEYS = [...MATRICES, 'selfLoops', 'convention', 'name'];

export const graphInputs: readonly InputFormat<PlainGraph>[] = [
  { name: 'JSON lines of graphs', extensions: ['.jsonl', '.ndjson'], read: readGraphLines },
  { name: 'arrays of graphs', extensions: ['.npz'], read: readGraphArrays },
];

async function* readGraphLines(
  bytes: Bytes,
  { where, skip }: ReadContext,
): AsyncGenerator<Entry<PlainGraph>> {
  let line = 0;
  let passed = 0;
  for await (const text of textLines(bytes)) {
    line++;
    if (text.trim() === '' || passed++ < skip) continue;
    try {
      yield { line, ...parseGraph(text) };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      yield { line, error: new FormatError(`${where}, line ${line}: ${error.message}`) };
    }
  }
}

/** Shapes are checked against the model later. @throws FormatError naming the key */
function parseGraph(text: string): { name?: string; item: PlainGraph } {
  const { name, ...graph } = withoutNulls(parseObject(text));
  for (const key of Object.keys(graph))
    if (!KEYS.includes(key))
      throw new FormatError(`the key ${JSON.stringify(key)}; expected ${KEYS.join(', ')}`);
  for (const key of NEEDED)
    if (!(key in graph)) throw new FormatError(`${key} is missing; a graph has X and C`);
  for (const key of MATRICES)
    if (key in graph && !isMatrix(graph[key]))
      throw new FormatError(`${key} is not an array of numbers, or of rows of numbers`);
  if (name !== undefined && typeof name !== 'string' && typeof name !== 'number')
    throw new FormatError(`name is ${JSON.stringify(name)}; expected text`);
  return { name: name === undefined ? undefined : String(name), item: graph as unknown as PlainGraph };
}

function parseObject(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FormatError(`no JSON: ${(error as Error).message}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new FormatError('expected one graph, an object with X and C');
}

/** Python writes None for what there is not. */
function withoutNulls(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null));
}

function isMatrix(value: unknown): boolean {
  const isRow = (row: unknown) => Array.isArray(row) && row.every((item) => typeof item === 'number');
  return isRow(value) || (Array.isArray(value) && value.every(isRow));
}
