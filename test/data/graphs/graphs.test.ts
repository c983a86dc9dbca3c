// The autoencoder's graphs against the authors' generators: their first test graphs, and facts about all of them.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  communityGraphs,
  erdosRenyiGraphs,
  type GraphParts,
  markUnseen,
  type UndirectedGraph,
} from '../../../src/data/graphs/index.ts';
import { pythonRandom, pythonShuffle } from '../../../src/data/graphs/python-random.ts';

type Pairs = [number, number][];
const first: {
  community_test_first3: [number, number, Pairs][];
  'er0.25_test_first3_after_create_shuffle': [number, Pairs][];
} = JSON.parse(
  readFileSync(new URL('../../fixtures/autoencoder/first3_test_graphs.json', import.meta.url), 'utf8'),
);
const erdosRenyi = erdosRenyiGraphs();
const community = communityGraphs();
const graph = (nodes: number, edges: Pairs): UndirectedGraph => ({
  nodes,
  edges: Int32Array.from(edges.flat()),
});

describe.each([
  ['Erdos-Renyi', erdosRenyi],
  ['community', community],
])('%s graphs', (_, parts: GraphParts) => {
  it('are 5,000, 500 and 500', () => {
    expect([parts.train.length, parts.valid.length, parts.test.length]).toEqual([5000, 500, 500]);
  });

  it('list each edge once, i < j, in order', () => {
    for (const { nodes, edges } of [...parts.train, ...parts.valid, ...parts.test]) {
      const pairs = Array.from({ length: edges.length / 2 }, (_, e) => [edges[2 * e], edges[2 * e + 1]]);
      expect(pairs.every(([i, j]) => 0 <= i && i < j && j < nodes)).toBe(true);
      const places = pairs.map(([i, j]) => i * nodes + j);
      expect(places.every((place, e) => e === 0 || place > places[e - 1])).toBe(true);
    }
  });
});

describe("the authors' graphs", () => {
  it('are the first three test graphs', () => {
    const erdosRenyiFirst = first['er0.25_test_first3_after_create_shuffle'];
    expect(erdosRenyi.test.slice(0, 3)).toEqual(erdosRenyiFirst.map(([nodes, edges]) => graph(nodes, edges)));
    const communityFirst = first.community_test_first3;
    expect(community.test.slice(0, 3)).toEqual(communityFirst.map(([a, b, edges]) => graph(a + b, edges)));
  });

  /** Edges among all pairs of nodes. */
  const density = (graphs: UndirectedGraph[]) =>
    graphs.reduce((sum, { edges }) => sum + edges.length, 0) /
    graphs.reduce((sum, { nodes }) => sum + nodes * (nodes - 1), 0);

  it('are as dense as they should be', () => {
    expect(100 * density(community.test)).toBeCloseTo(31.79, 2);
    expect(100 * density(erdosRenyi.test)).toBeCloseTo(25.11, 2);
  });
});

describe('markUnseen', () => {
  it('finds the test graphs that are not in the training set: 27 % of communities', () => {
    const count = ({ test, train }: GraphParts) =>
      markUnseen(test, train).filter((mark) => mark === 1).length;
    expect(count(community)).toBe(135);
    expect(count(erdosRenyi)).toBe(498);
  });

  it('tells graphs apart by nodes and by edges', () => {
    const seen = [graph(3, [[0, 1]])];
    const graphs = [graph(3, [[0, 1]]), graph(4, [[0, 1]]), graph(3, [[0, 2]]), graph(3, [])];
    expect([...markUnseen(graphs, seen)]).toEqual([0, 1, 1, 1]);
  });
});

it('pythonShuffle repeats random.seed(5); x = list(range(10)); random.shuffle(x)', () => {
  const items = Array.from({ length: 10 }, (_, k) => k);
  pythonShuffle(items, pythonRandom(5));
  expect(items).toEqual([2, 3, 1, 0, 8, 7, 6, 5, 4, 9]);
});
