/**
 * @file Random graphs of 7 to 16 nodes in which each edge is there with probability 0.25 (Erdos and Renyi, 1959; paper,
 * section 5.2), number for number those of the authors.
 *
 * They draw from Python's `random`, seeds 0, 1 and 2 for training, validation and test: for every size in turn, again
 * and again, one number for each pair of nodes; at the end the list is shuffled from the same stream.
 */
import type { MersenneTwister } from '../../random/mersenne-twister.ts';
import type { GraphParts, UndirectedGraph } from './graph-set.ts';
import { pythonRandom, pythonShuffle } from './python-random.ts';

const EDGE_PROBABILITY = 0.25;
const SIZES = [7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

/** The authors' Erdos-Renyi data set, generated in milliseconds. */
export function erdosRenyiGraphs(): GraphParts {
  return { train: shuffledGraphs(5_000, 0), valid: shuffledGraphs(500, 1), test: shuffledGraphs(500, 2) };
}

function shuffledGraphs(count: number, seed: number): UndirectedGraph[] {
  const random = pythonRandom(seed);
  const graphs = Array.from({ length: count }, (_, k) =>
    drawErdosRenyi(SIZES[k % SIZES.length], EDGE_PROBABILITY, random),
  );
  pythonShuffle(graphs, random);
  return graphs;
}

/** A graph from one number for each pair of nodes: an edge where it is below `probability`. */
export function drawErdosRenyi(nodes: number, probability: number, random: MersenneTwister): UndirectedGraph {
  const edges: number[] = [];
  for (let i = 0; i < nodes; i++) {
    for (let j = i + 1; j < nodes; j++) {
      if (random.randomSample() < probability) edges.push(i, j);
    }
  }
  return { nodes, edges: Int32Array.from(edges) };
}
