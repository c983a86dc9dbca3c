/**
 * One graph, or a ragged batch of graphs laid end to end: no padding, no masks.
 *
 * Edges are stored in compressed sparse rows by receiver, so that every sum over the neighbours of a node
 * (equations 4 and 5 of the paper) runs over one contiguous stretch of edges:
 * `edgeOffsets[i] .. edgeOffsets[i + 1]` are the edges that node i receives. Complete graphs, the paper's
 * default, keep nothing but their node counts; their edge arrays are written out only when someone asks.
 */

import {
  checkCount,
  type EdgeIndexConvention,
  type EdgeIndexInput,
  MAX_INDEX,
  offsetsOfCounts,
  readEdgeIndex,
} from './edge-index.ts';

export type { EdgeIndexConvention, EdgeIndexInput, IndexValues } from './edge-index.ts';

/** Edges by receiver: what `Graph.fromCsr` takes on trust from code that builds rows in order. */
interface CsrEdges {
  /** [graphCount + 1], first node of each graph. */
  nodeOffsets: Int32Array;
  /** [nodeCount + 1], first edge of each receiver. */
  edgeOffsets: Int32Array;
  /** [edgeCount], in the order of the receivers. */
  senders: Int32Array;
  /** [edgeCount], where each edge stood in the input; undefined for the same order. */
  edgeOrder?: Int32Array | undefined;
}

export class Graph {
  /** `'complete'`: every node receives from every other node of its graph. `'edges'`: as listed. */
  readonly kind: 'complete' | 'edges';
  readonly graphCount: number;
  readonly nodeCount: number;
  readonly edgeCount: number;
  /** [graphCount + 1], nodes `nodeOffsets[g] .. nodeOffsets[g + 1]` belong to graph g. */
  readonly nodeOffsets: Int32Array;
  /** [edgeCount], edge k of this graph was edge `edgeOrder[k]` of the input; undefined: the same order. */
  readonly edgeOrder: Int32Array | undefined;

  #edgeOffsets: Int32Array | undefined;
  #senders: Int32Array | undefined;
  #receivers: Int32Array | undefined;
  #graphOfNode: Int32Array | undefined;

  private constructor(nodeOffsets: Int32Array, edges: CsrEdges | undefined) {
    this.kind = edges === undefined ? 'complete' : 'edges';
    this.nodeOffsets = nodeOffsets;
    this.graphCount = nodeOffsets.length - 1;
    this.nodeCount = nodeOffsets[this.graphCount]!;
    this.edgeCount = edges === undefined ? completeEdgeCount(nodeOffsets) : edges.senders.length;
    this.edgeOrder = edges?.edgeOrder;
    this.#edgeOffsets = edges?.edgeOffsets;
    this.#senders = edges?.senders;
  }

  /**
   * Complete graphs, in which every node receives from every other one, and from itself with `selfLoops`. Edges are in
   * the order of their receivers, then of their senders.
   * @param nodeCounts the size of one graph, or [graphCount] sizes.
   * @throws RangeError for a count that is not a whole number from 0 on.
   */
  static complete(nodeCounts: number | ArrayLike<number>, options: { selfLoops?: boolean } = {}): Graph {
    const counts = typeof nodeCounts === 'number' ? [checkCount(nodeCounts, 'nodeCounts')] : nodeCounts;
    const nodeOffsets = offsetsOfCounts(counts, 'nodeCounts');
    return new Graph(nodeOffsets, options.selfLoops ? allPairs(nodeOffsets) : undefined);
  }

  /**
   * A graph, or with `nodeCounts` a batch, from listed edges. Edges are sorted by receiver and keep their
   * input order within one receiver. Self loops and repeated edges stay as given, and a repeated edge
   * counts once for each time it is listed (as in the authors' code): see `withoutSelfLoops`,
   * `withoutDuplicates`.
   *
   * @param edgeIndex [2, E], node numbers over the whole batch.
   * @param options `nodeCount` of the batch, `nodeCounts` [graphCount] if it holds several graphs,
   * which row sends (default `'source-to-target'`), and what errors call the edges (default `'edgeIndex'`).
   * @throws RangeError for node numbers out of range or not whole, for an edge between two graphs, and for
   * node counts that do not sum to `nodeCount`.
   */
  static fromEdges(
    edgeIndex: EdgeIndexInput,
    options: {
      nodeCount: number;
      nodeCounts?: ArrayLike<number>;
      convention?: EdgeIndexConvention;
      name?: string;
    },
  ): Graph {
    if (options === undefined)
      throw new TypeError('fromEdges takes the edges and { nodeCount, ... }; the second is missing');
    const { name = 'edgeIndex', convention = 'source-to-target' } = options;
    const nodeCount = checkCount(options.nodeCount, 'nodeCount');
    const nodeOffsets = offsetsOfCounts(options.nodeCounts ?? [nodeCount], 'nodeCounts');
    if (nodeOffsets.at(-1) !== nodeCount) {
      throw new RangeError(`nodeCounts sum to ${nodeOffsets.at(-1)}; nodeCount is ${nodeCount}`);
    }
    const { senders, receivers } = readEdgeIndex(name, edgeIndex, nodeCount, convention);
    if (nodeOffsets.length > 2) checkWithinGraphs(name, senders, receivers, expandOffsets(nodeOffsets));
    const edges = sortByReceiver(senders, receivers, nodeCount);
    return new Graph(nodeOffsets, { nodeOffsets, ...edges });
  }

  /**
   * A graph from rows that are already in order; nothing is copied or checked.
   * @internal
   */
  static fromCsr(edges: CsrEdges): Graph {
    return new Graph(edges.nodeOffsets, edges);
  }

  /**
   * Several graphs, or batches, laid end to end in the given order. Complete graphs stay complete; a mixture
   * of complete graphs and listed edges becomes listed edges. `edgeOrder` then refers to the inputs' edges laid
   * end to end.
   * @throws RangeError when the nodes or listed edges exceed 2^31 - 1.
   */
  static batch(graphs: readonly Graph[]): Graph {
    const nodeCounts: number[] = [];
    for (const graph of graphs) {
      for (let g = 0; g < graph.graphCount; g++) {
        nodeCounts.push(graph.nodeOffsets[g + 1]! - graph.nodeOffsets[g]!);
      }
    }
    const nodeOffsets = offsetsOfCounts(nodeCounts, 'the node counts of the batched graphs');
    if (graphs.every((graph) => graph.kind === 'complete')) return new Graph(nodeOffsets, undefined);

    const edgeCount = checkEdgeCount(graphs.reduce((sum, graph) => sum + graph.edgeCount, 0));
    const senders = new Int32Array(edgeCount);
    const edgeOffsets = new Int32Array(nodeOffsets.at(-1)! + 1);
    const reordered = graphs.some((graph) => graph.edgeOrder !== undefined);
    const edgeOrder = reordered ? new Int32Array(edgeCount) : undefined;
    let node = 0;
    let edge = 0;
    for (const graph of graphs) {
      const own = { senders: graph.senders, offsets: graph.edgeOffsets, order: graph.edgeOrder };
      for (let k = 0; k < graph.edgeCount; k++) senders[edge + k] = own.senders[k]! + node;
      for (let i = 1; i <= graph.nodeCount; i++) edgeOffsets[node + i] = own.offsets[i]! + edge;
      if (edgeOrder !== undefined) {
        for (let k = 0; k < graph.edgeCount; k++) edgeOrder[edge + k] = (own.order?.[k] ?? k) + edge;
      }
      node += graph.nodeCount;
      edge += graph.edgeCount;
    }
    return new Graph(nodeOffsets, { nodeOffsets, edgeOffsets, senders, edgeOrder });
  }

  /** [nodeCount + 1], edges `edgeOffsets[i] .. edgeOffsets[i + 1]` are those that node i receives. */
  get edgeOffsets(): Int32Array {
    this.#edgeOffsets ??= completeEdgeOffsets(this.nodeOffsets, this.edgeCount);
    return this.#edgeOffsets;
  }

  /** [edgeCount], the node j that sends along each edge. */
  get senders(): Int32Array {
    this.#senders ??= completeSenders(this.nodeOffsets, this.edgeCount);
    return this.#senders;
  }

  /** [edgeCount], the node i that receives along each edge, ascending. */
  get receivers(): Int32Array {
    this.#receivers ??= expandOffsets(this.edgeOffsets);
    return this.#receivers;
  }

  /** [nodeCount], the graph that each node belongs to, ascending. */
  get graphOfNode(): Int32Array {
    this.#graphOfNode ??= expandOffsets(this.nodeOffsets);
    return this.#graphOfNode;
  }

  /**
   * Brings edge attributes [E, width] from the order of the input edges into this graph's order, in a new
   * array: float64 when given float64, else float32.
   * @throws RangeError when there are not `edgeCount * width` values.
   */
  sortEdgeRows(attributes: Float64Array, width: number): Float64Array;
  sortEdgeRows(attributes: ArrayLike<number>, width: number): Float32Array | Float64Array;
  sortEdgeRows(attributes: ArrayLike<number>, width: number): Float32Array | Float64Array {
    checkCount(width, 'width');
    if (attributes.length !== this.edgeCount * width) {
      throw new RangeError(
        `attributes has ${attributes.length} values; expected ${this.edgeCount} edges x ${width} = ` +
          `${this.edgeCount * width}`,
      );
    }
    const Floats = attributes instanceof Float64Array ? Float64Array : Float32Array;
    const order = this.edgeOrder;
    if (order === undefined) return Floats.from(attributes);
    const sorted = new Floats(attributes.length);
    for (let k = 0; k < order.length; k++) {
      const from = order[k]! * width;
      const to = k * width;
      for (let c = 0; c < width; c++) sorted[to + c] = attributes[from + c]!;
    }
    return sorted;
  }
}

/** Every node with every node of its graph, itself too. */
function allPairs(nodeOffsets: Int32Array): CsrEdges {
  const nodeCount = nodeOffsets.at(-1)!;
  const edgeCount = checkEdgeCount(completeEdgeCount(nodeOffsets) + nodeCount);
  const edgeOffsets = new Int32Array(nodeCount + 1);
  const senders = new Int32Array(edgeCount);
  let edge = 0;
  for (let g = 0; g + 1 < nodeOffsets.length; g++) {
    for (let i = nodeOffsets[g]!; i < nodeOffsets[g + 1]!; i++) {
      for (let j = nodeOffsets[g]!; j < nodeOffsets[g + 1]!; j++) senders[edge++] = j;
      edgeOffsets[i + 1] = edge;
    }
  }
  return { nodeOffsets, edgeOffsets, senders };
}

/** Sum over the graphs of n (n - 1); a double holds it exactly far beyond what int32 offsets reach. */
function completeEdgeCount(nodeOffsets: Int32Array): number {
  let count = 0;
  for (let g = 0; g + 1 < nodeOffsets.length; g++) {
    const n = nodeOffsets[g + 1]! - nodeOffsets[g]!;
    if (n > 0) count += n * (n - 1);
  }
  return count;
}

function completeEdgeOffsets(nodeOffsets: Int32Array, edgeCount: number): Int32Array {
  checkEdgeCount(edgeCount);
  const edgeOffsets = new Int32Array(nodeOffsets.at(-1)! + 1);
  for (let g = 0; g + 1 < nodeOffsets.length; g++) {
    const end = nodeOffsets[g + 1]!;
    const degree = end - nodeOffsets[g]! - 1;
    for (let i = nodeOffsets[g]!; i < end; i++) edgeOffsets[i + 1] = edgeOffsets[i]! + degree;
  }
  return edgeOffsets;
}

function completeSenders(nodeOffsets: Int32Array, edgeCount: number): Int32Array {
  const senders = new Int32Array(checkEdgeCount(edgeCount));
  let k = 0;
  for (let g = 0; g + 1 < nodeOffsets.length; g++) {
    const start = nodeOffsets[g]!;
    const end = nodeOffsets[g + 1]!;
    for (let i = start; i < end; i++) {
      for (let j = start; j < i; j++) senders[k++] = j;
      for (let j = i + 1; j < end; j++) senders[k++] = j;
    }
  }
  return senders;
}

function checkEdgeCount(edgeCount: number): number {
  if (edgeCount > MAX_INDEX) {
    throw new RangeError(
      `the graph has ${edgeCount} edges; edge arrays can hold at most ${MAX_INDEX}. ` +
        'Batch fewer graphs, or connect nodes by a radius instead of all of them',
    );
  }
  return edgeCount;
}

/** [0, 2, 2, 3] becomes [0, 0, 2], the row of each element. */
function expandOffsets(offsets: Int32Array): Int32Array {
  const rows = new Int32Array(offsets.at(-1)!);
  for (let row = 0; row + 1 < offsets.length; row++) rows.fill(row, offsets[row]!, offsets[row + 1]!);
  return rows;
}

function checkWithinGraphs(
  name: string,
  senders: Int32Array,
  receivers: Int32Array,
  graphOfNode: Int32Array,
): void {
  for (let k = 0; k < senders.length; k++) {
    const sending = graphOfNode[senders[k]!]!;
    const receiving = graphOfNode[receivers[k]!]!;
    if (sending !== receiving) {
      throw new RangeError(
        `${name} joins two graphs at edge ${k}: node ${senders[k]} of graph ${sending} sends to node ` +
          `${receivers[k]} of graph ${receiving}; allowed: edges within one graph of nodeCounts`,
      );
    }
  }
}

/** Stable counting sort of the edges by receiver; edges that are in order already stay where they are. */
function sortByReceiver(
  senders: Int32Array,
  receivers: Int32Array,
  nodeCount: number,
): { edgeOffsets: Int32Array; senders: Int32Array; edgeOrder: Int32Array | undefined } {
  const edgeOffsets = new Int32Array(nodeCount + 1);
  let ascending = true;
  for (let k = 0; k < receivers.length; k++) {
    edgeOffsets[receivers[k]! + 1]!++;
    if (k > 0 && receivers[k]! < receivers[k - 1]!) ascending = false;
  }
  for (let i = 0; i < nodeCount; i++) edgeOffsets[i + 1]! += edgeOffsets[i]!;
  if (ascending) return { edgeOffsets, senders, edgeOrder: undefined };

  const next = edgeOffsets.slice(0, nodeCount);
  const sorted = new Int32Array(senders.length);
  const edgeOrder = new Int32Array(senders.length);
  for (let k = 0; k < senders.length; k++) {
    const position = next[receivers[k]!]!++;
    sorted[position] = senders[k]!;
    edgeOrder[position] = k;
  }
  return { edgeOffsets, senders: sorted, edgeOrder };
}
