/** @file Small undirected graphs as the autoencoder reads and writes them, and which of them were seen in training. */

/** A graph without self loops, each edge listed once. */
export interface UndirectedGraph {
  nodes: number;
  /** Pairs i < j, in the order of i, then of j: [E, 2] */
  edges: Int32Array;
}

/** The three parts of a data set: 5,000 graphs to train on, 500 to validate, 500 to test. */
export interface GraphParts {
  train: UndirectedGraph[];
  valid: UndirectedGraph[];
  test: UndirectedGraph[];
}

/**
 * For each graph whether it does not occur among `seen`, node for node: 1 where it is new. Graphs that differ in the
 * numbering of their nodes count as different.
 * @returns [graphs.length], each 0 or 1
 */
export function markUnseen(graphs: readonly UndirectedGraph[], seen: readonly UndirectedGraph[]): Uint8Array {
  const known = new Set(seen.map(nameOf));
  return Uint8Array.from(graphs, (graph) => (known.has(nameOf(graph)) ? 0 : 1));
}

function nameOf({ nodes, edges }: UndirectedGraph): string {
  return `${nodes}: ${edges.join()}`;
}
