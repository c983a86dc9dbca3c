/**
 * Graphs made from graphs: without self loops, without repeated edges, with every edge in both directions. The
 * result is a new graph in its own order; edges that stay keep their order within a receiver, and `edgeOrder`
 * still points to the input's edges where every edge of the result was one of them.
 */

import { Graph } from './graph.ts';

/** The graph without edges from a node to itself. */
export function withoutSelfLoops(graph: Graph): Graph {
  if (graph.kind === 'complete') return graph;
  const { senders, receivers } = graph;
  return keepEdges(graph, (k) => senders[k] !== receivers[k]);
}

/** The graph with the first of each set of edges that join the same sender to the same receiver. */
export function withoutDuplicates(graph: Graph): Graph {
  if (graph.kind === 'complete') return graph;
  const { senders, receivers } = graph;
  const lastReceiver = new Int32Array(graph.nodeCount).fill(-1);
  return keepEdges(graph, (k) => {
    const seen = lastReceiver[senders[k]!] === receivers[k];
    lastReceiver[senders[k]!] = receivers[k]!;
    return !seen;
  });
}

/**
 * The graph with j -> i wherever there is i -> j, each once and senders ascending. Edge attributes have no defined
 * place on the added edges, so `edgeOrder` is dropped.
 */
export function undirected(graph: Graph): Graph {
  if (graph.kind === 'complete') return graph;
  const { senders, receivers, nodeCount, nodeOffsets } = graph;
  const nodeCounts = nodeOffsets.subarray(1).map((end, g) => end - nodeOffsets[g]!);
  const both = Graph.fromEdges(stackRows([senders, receivers, receivers, senders]), {
    nodeCount,
    nodeCounts,
  });
  // Sorted by one end, then stably by the other: senders ascend within each receiver.
  const sorted = Graph.fromEdges(stackRows([both.receivers, both.senders]), { nodeCount, nodeCounts });
  const unique = withoutDuplicates(sorted);
  return Graph.fromCsr({ nodeOffsets, edgeOffsets: unique.edgeOffsets, senders: unique.senders });
}

function stackRows(rows: readonly Int32Array[]): Int32Array {
  const length = rows[0]!.length;
  const stacked = new Int32Array(rows.length * length);
  for (let r = 0; r < rows.length; r++) stacked.set(rows[r]!, r * length);
  return stacked;
}

function keepEdges(graph: Graph, keep: (edge: number) => boolean): Graph {
  const { senders, edgeOffsets, edgeOrder, nodeOffsets, edgeCount, nodeCount } = graph;
  const keptSenders = new Int32Array(edgeCount);
  const keptOrder = new Int32Array(edgeCount);
  const keptOffsets = new Int32Array(nodeCount + 1);
  let kept = 0;
  for (let i = 0; i < nodeCount; i++) {
    for (let k = edgeOffsets[i]!; k < edgeOffsets[i + 1]!; k++) {
      if (!keep(k)) continue;
      keptSenders[kept] = senders[k]!;
      keptOrder[kept++] = edgeOrder?.[k] ?? k;
    }
    keptOffsets[i + 1] = kept;
  }
  if (kept === edgeCount) return graph;
  return Graph.fromCsr({
    nodeOffsets,
    edgeOffsets: keptOffsets,
    senders: keptSenders.slice(0, kept),
    edgeOrder: keptOrder.slice(0, kept),
  });
}
