/**
 * @file Graphs of an npz file, laid end to end as in a batch: X [N, F], C [N, n] and, where there are any, V [N, n],
 * B [N, b], E [2, M] with node numbers over all graphs, and with E edge attributes A [M, a]. `node_counts` [G] says how
 * many nodes each graph has; without it there is one graph. `names` [G] is optional.
 */
import { FormatError } from '../formats/index.ts';
import type { PlainGraph } from '../nn/plain-graph.ts';
import { type Arrays, type NumberArray, readArrays } from './arrays.ts';
import type { Bytes, Entry, ReadContext } from './entries.ts';

export async function* readGraphArrays(
  bytes: Bytes,
  { where, skip }: ReadContext,
): AsyncGenerator<Entry<PlainGraph>> {
  try {
    const batch = batchOf(await readArrays(bytes));
    for (let g = skip; g < batch.counts.length; g++)
      yield { name: batch.names?.[g], item: graphAt(batch, g) };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    if (skip === 0) yield { error: new FormatError(`${where}: ${error.message}`) };
  }
}

interface Batch {
  readonly counts: readonly number[];
  /** [G + 1], the first node of each graph. */
  readonly firstNode: readonly number[];
  readonly names: readonly string[] | undefined;
  readonly nodeRows: {
    readonly X: NumberArray;
    readonly C: NumberArray;
    readonly V?: NumberArray;
    readonly B?: NumberArray;
  };
  readonly edges: Edges | undefined;
}

interface Edges {
  readonly E: NumberArray;
  readonly A: NumberArray | undefined;
  /** The columns of E that belong to each graph. */
  readonly ofGraph: readonly number[][];
}

function batchOf(arrays: Arrays): Batch {
  const X = arrays.numbers('X', undefined, undefined);
  const nodes = X.shape[0];
  // Rows of nothing take no bytes: a small file could claim any number of them.
  if (X.shape[1] === 0 && nodes > 0)
    throw new FormatError(`X is [${nodes}, 0]; expected features of each node`);
  const counts = arrays.has('node_counts')
    ? Array.from(arrays.numbers('node_counts', undefined).data as ArrayLike<number | bigint>, Number)
    : [nodes];
  const wrong = counts.find((count) => !Number.isInteger(count) || count < 0);
  if (wrong !== undefined) throw new FormatError(`node_counts has ${wrong}; expected whole numbers from 0`);
  const firstNode = offsets(counts);
  if (firstNode.at(-1) !== nodes)
    throw new FormatError(`node_counts add up to ${firstNode.at(-1)}; X has ${nodes} rows`);
  const optional = (name: string) => (arrays.has(name) ? arrays.numbers(name, nodes, undefined) : undefined);
  if (arrays.has('A') && !arrays.has('E')) throw new FormatError('A comes without E, whose order it has');
  return {
    counts,
    firstNode,
    names: arrays.has('names') ? arrays.texts('names', counts.length) : undefined,
    nodeRows: { X, C: arrays.numbers('C', nodes, undefined), V: optional('V'), B: optional('B') },
    edges: arrays.has('E') ? edgesOf(arrays, firstNode) : undefined,
  };
}

function edgesOf(arrays: Arrays, firstNode: readonly number[]): Edges {
  const E = arrays.numbers('E', 2, undefined);
  const A = arrays.has('A') ? arrays.numbers('A', E.shape[1], undefined) : undefined;
  return { E, A, ofGraph: edgesByGraph(E, firstNode) };
}

function graphAt({ firstNode, nodeRows, edges }: Batch, g: number): PlainGraph {
  const nodes = range(firstNode[g], firstNode[g + 1]);
  const { X, C, V, B } = nodeRows;
  const own = (array: NumberArray) => nodes.map((row) => rowOf(array, row));
  const rows = {
    X: own(X),
    C: own(C),
    V: V && own(V),
    B: B && own(B),
  };
  if (!edges) return rows;
  const { E, A, ofGraph } = edges;
  return {
    ...rows,
    E: [0, 1].map((end) => ofGraph[g].map((edge) => endOf(E, end, edge) - firstNode[g])),
    A: A && ofGraph[g].map((edge) => rowOf(A, edge)),
  };
}

/** The edges of each graph, in their order. @throws FormatError for an edge of no graph, or of two */
function edgesByGraph(E: NumberArray, firstNode: readonly number[]): number[][] {
  const graphOf = firstNode.slice(1).flatMap((end, g) => range(firstNode[g], end).map(() => g));
  const ofGraph = firstNode.slice(1).map((): number[] => []);
  for (let edge = 0; edge < E.shape[1]; edge++) {
    const [a, b] = [endOf(E, 0, edge), endOf(E, 1, edge)];
    if (graphOf[a] === undefined || graphOf[a] !== graphOf[b])
      throw new FormatError(`edge ${edge} of E goes from node ${a} to ${b}; expected two nodes of one graph`);
    ofGraph[graphOf[a]].push(edge);
  }
  return ofGraph;
}

function endOf(E: NumberArray, end: number, edge: number): number {
  return Number(E.data[end * E.shape[1] + edge]);
}

function rowOf({ shape, data }: NumberArray, row: number): number[] {
  return Array.from(
    data.subarray(row * shape[1], (row + 1) * shape[1]) as ArrayLike<number | bigint>,
    Number,
  );
}

function offsets(counts: readonly number[]): number[] {
  const sums = [0];
  for (const count of counts) sums.push(sums.at(-1)! + count);
  return sums;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, k) => from + k);
}
