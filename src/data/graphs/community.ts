/**
 * @file Graphs of two dense communities with few edges between them (paper, section 5.2), number for number those of
 * the authors.
 *
 * They seed numpy with 0, 1 and 2 for training, validation and test. For a graph they draw the sizes of its communities,
 * then a number for each pair of nodes across; where none gave an edge, the two first nodes are joined. The communities
 * themselves are Erdos-Renyi graphs, which the authors seed anew, by their place, with 0 and 1. So there are only ten
 * different ones, and most test graphs occur in the training set: see `markUnseen`.
 */
import { MersenneTwister } from '../../random/mersenne-twister.ts';
import { drawErdosRenyi } from './erdos-renyi.ts';
import type { GraphParts, UndirectedGraph } from './graph-set.ts';
import { pythonRandom } from './python-random.ts';

const SIZES = [6, 7, 8, 9, 10];
const PROBABILITY_WITHIN = 0.7;
const PROBABILITY_ACROSS = 0.01;

/** The authors' community data set, generated in milliseconds. */
export function communityGraphs(): GraphParts {
  return { train: drawGraphs(5_000, 0), valid: drawGraphs(500, 1), test: drawGraphs(500, 2) };
}

function drawGraphs(count: number, seed: number): UndirectedGraph[] {
  const random = new MersenneTwister(seed);
  return Array.from({ length: count }, () => {
    const [first, second] = random
      .choice(SIZES, 2)
      .map((size, place) => drawErdosRenyi(size, PROBABILITY_WITHIN, pythonRandom(place)));
    return join(first, second, random);
  });
}

/** Both graphs side by side, the nodes of the second after those of the first, and edges across. */
function join(first: UndirectedGraph, second: UndirectedGraph, random: MersenneTwister): UndirectedGraph {
  const nodes = first.nodes + second.nodes;
  const neighbours: number[][] = Array.from({ length: nodes }, () => []);
  for (let e = 0; e < first.edges.length; e += 2) neighbours[first.edges[e]].push(first.edges[e + 1]);
  for (let e = 0; e < second.edges.length; e += 2) {
    neighbours[first.nodes + second.edges[e]].push(first.nodes + second.edges[e + 1]);
  }
  let joined = false;
  for (let i = 0; i < first.nodes; i++) {
    for (let j = first.nodes; j < nodes; j++) {
      if (random.randomSample() >= PROBABILITY_ACROSS) continue;
      neighbours[i].push(j);
      joined = true;
    }
  }
  if (!joined) neighbours[0].push(first.nodes);
  return { nodes, edges: Int32Array.from(neighbours.flatMap((row, i) => row.flatMap((j) => [i, j]))) };
}
