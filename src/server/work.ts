/** @file What an item costs, told from its shape alone: work for whoever computes it, and numbers in its answer. */
import type { PlainMatrix } from '../graph/plain-matrix.ts';
import type { PlainGraph } from '../nn/plain-graph.ts';
import type { Item, ModelDescription } from './messages.ts';

/** A number of an answer with its comma, at most: a float32 in as few digits as it takes, a double for a property. */
const BYTES_A_NUMBER = 24;

/** Coordinates that are not in rows have at least one number a node. */
export function nodesOf({ X, C }: PlainGraph): number {
  return typeof C[0] === 'number' && typeof X[0] !== 'number' ? X.length : C.length;
}

/** Of a molecule or a graph without listed edges, all pairs. */
export function edgesOf(item: Item): number {
  if ('numbers' in item) return item.numbers.length ** 2;
  if (item.E === undefined) return nodesOf(item) ** 2;
  const rows = item.E as ArrayLike<number | ArrayLike<number>>;
  if (typeof rows[0] === 'number') return rows.length / 2;
  // Rows of different lengths are an error later.
  let longest = 0;
  for (let row = 0; row < rows.length; row++)
    longest = Math.max(longest, (rows[row] as ArrayLike<number>).length);
  return longest;
}

/** Numbers that the answer for an item has. */
function answerNumbers(model: ModelDescription, item: Item, forces: string | undefined): number {
  const outputs = model.outputs?.length ?? 0;
  if ('numbers' in item) return outputs + (forces === undefined ? 0 : 3 * item.numbers.length);
  const coordinates = sizeOf(item.C) + (item.V ? sizeOf(item.V) : 0);
  return outputs + nodesOf(item) * (model.outputFeatures ?? 0) + coordinates;
}

/** What an item costs. */
export interface Cost {
  readonly edges: number;
  /** In edges: a node, and a number to be written, take about as long as one. */
  readonly work: number;
  /** The most that it adds to the length of an answer. */
  readonly answerBytes: number;
}

export function costOf(model: ModelDescription, item: Item, forces: string | undefined): Cost {
  const nodes = 'numbers' in item ? item.numbers.length : nodesOf(item);
  const edges = edgesOf(item);
  const numbers = answerNumbers(model, item, forces);
  return { edges, work: 1 + nodes + edges + numbers, answerBytes: BYTES_A_NUMBER * numbers };
}

function sizeOf(matrix: PlainMatrix): number {
  const first = matrix[0];
  return typeof first === 'object' ? matrix.length * first.length : matrix.length;
}
