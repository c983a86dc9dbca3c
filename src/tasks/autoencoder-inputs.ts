/**
 * @file Graphs as the autoencoder's encoders take them. Nothing tells the nodes of a graph without features apart, and
 * nodes with the same neighbourhood would get the same embedding; what tells them apart is noise, drawn anew for every
 * pass. The adjacency is both what an encoder reads on its edges and what the decoder has to give back.
 */
import type { UndirectedGraph } from '../data/graphs/index.ts';
import { Graph } from '../graph/graph.ts';
import { MersenneTwister } from '../random/mersenne-twister.ts';
import type { Batch, BatchTensors } from '../train/batch.ts';

/**
 * `h` [N, 1] are ones, or noise; `x` [N, k] is noise; `adjacency` [E, 1] is 1 for each ordered pair with an edge. The
 * graph is complete: every ordered pair is an edge of it.
 */
export type AutoencoderInputName = 'h' | 'x' | 'adjacency';
export type AutoencoderBatch = Batch<AutoencoderInputName>;
export type AutoencoderTensors = BatchTensors<AutoencoderInputName>;

export interface NoiseShape {
  /** k, the dimensions of the embedding. */
  readonly embedding: number;
  /** Whether h is noise as well. */
  readonly noisyFeatures: boolean;
}

/** Graphs side by side, with noise from N(0, 1). @param key decides the noise: the same key, the same numbers */
export function prepareGraphs(
  graphs: readonly UndirectedGraph[],
  { embedding, noisyFeatures }: NoiseShape,
  key: readonly number[],
): AutoencoderBatch {
  const random = MersenneTwister.fromKey(key);
  const graph = completeGraphs(graphs.map(({ nodes }) => nodes));
  const nodes = graph.nodeCount;
  const adjacency = new Float64Array(graph.edgeCount);
  let first = 0;
  for (const one of graphs) {
    const pairs = adjacencyOf(one);
    adjacency.set(pairs, first);
    first += pairs.length;
  }
  return {
    graph,
    inputs: {
      h: {
        rows: 'nodes',
        columns: 1,
        values: noisyFeatures ? drawNormals(nodes, random) : new Float64Array(nodes).fill(1),
      },
      x: { rows: 'nodes', columns: embedding, values: drawNormals(nodes * embedding, random) },
      adjacency: { rows: 'edges', columns: 1, values: adjacency },
    },
  };
}

/**
 * 1 for each ordered pair (i, j), i != j, with an edge, by i, then by j: the edge order of a complete graph.
 * @returns [nodes (nodes - 1)]
 */
export function adjacencyOf({ nodes, edges }: UndirectedGraph): Float64Array {
  const adjacency = new Float64Array(nodes * (nodes - 1));
  const pair = (i: number, j: number) => i * (nodes - 1) + (j < i ? j : j - 1);
  for (let e = 0; e < edges.length; e += 2) {
    const [i, j] = [edges[e], edges[e + 1]];
    adjacency[pair(i, j)] = 1;
    adjacency[pair(j, i)] = 1;
  }
  return adjacency;
}

function drawNormals(count: number, random: MersenneTwister): Float64Array {
  const values = new Float64Array(count);
  for (let k = 0; k < count; k++) values[k] = random.randn();
  return values;
}

const single: Graph[] = [];

/** Steps of one graph meet the same few sizes again and again, and can be planned if the graph is the same object. */
function completeGraphs(sizes: readonly number[]): Graph {
  if (sizes.length !== 1) return Graph.complete(sizes);
  single[sizes[0]] ??= Graph.complete(sizes);
  return single[sizes[0]];
}
