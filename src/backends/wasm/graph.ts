/**
 * @file A graph in the wasm backend's memory, and how its nodes and edges are split over the threads: a batch between
 * whole graphs, so that no edge joins two threads' nodes; a single large graph between nodes.
 */
import type { Graph } from '../../graph/graph.ts';
import type { GraphOptions } from '../backend.ts';
import { expectIndices } from '../check-arguments.ts';
import { LazyGraphHandle } from '../graph-handle.ts';
import type { WasmRows } from './matrix.ts';
import { indexRows } from './row-index.ts';
import type { Workspace } from './workspace.ts';

/** What one node costs, in edges: about that many per-edge layers pass for each node. */
const NODE_COST = 2;
/** Below this cost a graph is not worth a second thread's attention. */
const FEWEST_EDGES = 256;
/** A split between whole graphs must not leave the busiest thread more than this much above its fair share. */
const TOLERATED_IMBALANCE = 1.15;

/** Numbers of splits that graphs use; even splits use their non-negative row counts. */
let nextSplit = -1;

interface Split {
  readonly nodes: Int32Array;
  /** No edge joins nodes of different threads. */
  readonly closed: boolean;
}

export class WasmGraph extends LazyGraphHandle {
  declare readonly nodes: WasmRows;
  declare readonly edges: WasmRows;
  readonly closed: boolean;
  /** Int32 addresses: edges of receiver i are edgeOffsets[i]..edgeOffsets[i + 1]. */
  readonly edgeOffsets: number;
  /** For a complete graph: each node's graph's first node; else 0. */
  readonly firstNode: number;
  /** Float32 address: 1 / (edges of the receiver), 0 where there are none. */
  readonly shares: number;
  readonly #workspace: Workspace;
  #receiverAddress = 0;
  #senderAddress = 0;

  constructor(graph: Graph, workspace: Workspace, options: GraphOptions = {}) {
    const { threads } = workspace;
    const { nodes, closed } = splitNodes(graph, threads, options);
    const split = nextSplit--;
    const edges = nodes.map((node) => graph.edgeOffsets[node]);
    const graphs = nodes.map((node) => firstGraphFrom(graph, node));
    // Graphs without nodes, the last ones or all of them, belong to someone too.
    graphs[threads] = graph.graphCount;
    super(
      graph,
      {
        nodes: { count: graph.nodeCount, bounds: nodes, split },
        edges: { count: graph.edgeCount, bounds: edges, split: closed ? split : nextSplit-- },
        graphs: { count: graph.graphCount, bounds: graphs, split: closed ? split : nextSplit-- },
      } as { nodes: WasmRows; edges: WasmRows; graphs: WasmRows },
      (values, from, to) => indexRows(workspace, values, from as WasmRows, to as WasmRows),
    );
    this.closed = closed;
    this.#workspace = workspace;
    this.edgeOffsets = workspace.integers(graph.edgeOffsets);
    this.shares = workspace.floats(sharesOf(graph));
    this.firstNode = graph.kind === 'complete' ? workspace.integers(firstNodes(graph)) : 0;
  }

  /** Int32 addresses of the edges' nodes; 0 for a complete graph, whose edges are never written down. */
  get receiverAddress(): number {
    this.#receiverAddress ||= this.#addressOf('receivers');
    return this.#receiverAddress;
  }

  get senderAddress(): number {
    this.#senderAddress ||= this.#addressOf('senders');
    return this.#senderAddress;
  }

  #addressOf(name: 'receivers' | 'senders'): number {
    if (this.graph.kind === 'complete') return 0;
    const values = this.graph[name];
    expectIndices(`graph: ${name}`, values, this.edges.count, this.nodes.count);
    return this.#workspace.integers(values);
  }
}

function splitNodes(graph: Graph, threads: number, { whole: isWhole = false }: GraphOptions): Split {
  if (costBefore(graph, graph.nodeCount) < FEWEST_EDGES) {
    const nodes = new Int32Array(threads + 1).fill(graph.nodeCount);
    nodes[0] = 0;
    return { nodes, closed: true };
  }
  const whole = boundsBy(graph.nodeOffsets, graph, threads);
  const total = costBefore(graph, graph.nodeCount);
  let busiest = 0;
  for (let thread = 0; thread < threads; thread++)
    busiest = Math.max(busiest, costBefore(graph, whole[thread + 1]) - costBefore(graph, whole[thread]));
  if (isWhole || busiest * threads <= total * TOLERATED_IMBALANCE || graph.nodeCount < threads)
    return { nodes: whole, closed: true };
  return { nodes: boundsBy(undefined, graph, threads), closed: false };
}

/** Bounds of equal cost among `candidates` (all nodes if undefined). */
function boundsBy(candidates: Int32Array | undefined, graph: Graph, threads: number): Int32Array {
  const bounds = new Int32Array(threads + 1);
  const total = costBefore(graph, graph.nodeCount);
  const count = candidates?.length ?? graph.nodeCount + 1;
  const nodeAt = (k: number) => candidates?.[k] ?? k;
  for (let thread = 1; thread < threads; thread++) {
    const wanted = (total * thread) / threads;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (costBefore(graph, nodeAt(middle)) < wanted) low = middle + 1;
      else high = middle;
    }
    const before =
      low > 0 && wanted - costBefore(graph, nodeAt(low - 1)) < costBefore(graph, nodeAt(low)) - wanted;
    bounds[thread] = Math.max(bounds[thread - 1], nodeAt(before ? low - 1 : low));
  }
  bounds[threads] = graph.nodeCount;
  return bounds;
}

/** The cost of all nodes before `node` and the edges they receive. */
function costBefore(graph: Graph, node: number): number {
  return graph.edgeOffsets[node] + NODE_COST * node;
}

/** The first graph that begins at `node` or later. */
function firstGraphFrom({ nodeOffsets, graphCount, nodeCount }: Graph, node: number): number {
  if (node === 0) return 0;
  if (node === nodeCount) return graphCount;
  let low = 0;
  let high = graphCount;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (nodeOffsets[middle] < node) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sharesOf({ edgeOffsets, nodeCount }: Graph): Float32Array {
  const shares = new Float32Array(nodeCount);
  for (let node = 0; node < nodeCount; node++) {
    const degree = edgeOffsets[node + 1] - edgeOffsets[node];
    shares[node] = degree > 0 ? 1 / degree : 0;
  }
  return shares;
}

function firstNodes({ nodeOffsets, graphCount, nodeCount }: Graph): Int32Array {
  const first = new Int32Array(nodeCount);
  for (let graph = 0; graph < graphCount; graph++)
    first.fill(nodeOffsets[graph], nodeOffsets[graph], nodeOffsets[graph + 1]);
  return first;
}
