/**
 * @file The inputs and the first weights of a case, drawn from a fixed seed and written to a folder from which every
 * side reads them: `inputs`, `edges` (for peers, and where the graph is not complete) and `weights`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpz } from '../dist/formats/index.js';
import { radiusGraph, spatialOrder, takeRows } from '../dist/graph/index.js';
import { Graph, MersenneTwister, startEngine } from '../dist/index.js';
import { type Arrays, writeArrays } from './arrays.ts';
import type { Case, GraphKind } from './cases.ts';
import { buildModels } from './model.ts';
import type { Counts } from './operations.ts';

const SEED = 1;
const QM9 = new URL('../../shared/data/qm9/qm9_test.npz', import.meta.url);
const ELEMENTS = [1, 6, 7, 8, 9];

/** Writes a case's files. @returns how large its graphs are */
export async function writeProblem(theCase: Case, folder: string): Promise<Counts> {
  const random = new MersenneTwister(SEED);
  const { graph, arrays } =
    theCase.model === 'qm9' ? molecules(theCase.graphs, random) : particles(theCase.graphs, random);
  const nodeCounts = Int32Array.from({ length: graph.graphCount }, (_, g) => sizeOf(graph, g));
  writeArrays(join(folder, 'inputs.safetensors'), {
    ...arrays,
    nodeCounts: { data: nodeCounts, shape: [graph.graphCount] },
  });
  if (graph.kind === 'edges' || Object.keys(theCase.goals).length > 0)
    writeArrays(join(folder, 'edges.safetensors'), {
      senders: { data: graph.senders, shape: [graph.edgeCount] },
      receivers: { data: graph.receivers, shape: [graph.edgeCount] },
    });
  writeArrays(join(folder, 'weights.safetensors'), await firstWeights(theCase));
  return { nodes: graph.nodeCount, edges: graph.edgeCount, graphs: graph.graphCount };
}

async function firstWeights(theCase: Case): Promise<Arrays> {
  const engine = await startEngine({ backend: 'reference' });
  const weights: Arrays = {};
  for (const model of buildModels(engine, theCase))
    for (const [name, { data, shape }] of Object.entries((await model?.stateDict()) ?? {}))
      weights[name] = { data: Float32Array.from(data), shape };
  engine.close();
  return weights;
}

/** Charged particles as in the N-body system: h = |v|, edge attributes [q_i q_j, |x_i - x_j|^2]. */
function particles(graphs: GraphKind, random: MersenneTwister): { graph: Graph; arrays: Arrays } {
  const { graph, x } = graphs.kind === 'radius' ? spread(graphs, random) : clouds(graphs, random);
  const nodes = graph.nodeCount;
  const velocity = Float32Array.from({ length: nodes * 3 }, () => 0.3 * random.randn());
  const charges = Float32Array.from({ length: nodes }, () => (random.randn() < 0 ? -1 : 1));
  const h = Float32Array.from({ length: nodes }, (_, i) =>
    Math.hypot(...velocity.subarray(3 * i, 3 * i + 3)),
  );
  const target = x.map((position, k) => position + velocity[k] + 0.1 * random.randn());
  const edgeAttributes = new Float32Array(graph.edgeCount * 2);
  const { edgeOffsets, senders } = graph;
  for (let i = 0; i < nodes; i++)
    for (let edge = edgeOffsets[i]; edge < edgeOffsets[i + 1]; edge++) {
      const j = senders[edge];
      edgeAttributes[2 * edge] = charges[i] * charges[j];
      for (let k = 0; k < 3; k++) edgeAttributes[2 * edge + 1] += (x[3 * i + k] - x[3 * j + k]) ** 2;
    }
  return {
    graph,
    arrays: {
      h: { data: h, shape: [nodes, 1] },
      x: { data: x, shape: [nodes, 3] },
      velocity: { data: velocity, shape: [nodes, 3] },
      target: { data: target, shape: [nodes, 3] },
      edgeAttributes: { data: edgeAttributes, shape: [graph.edgeCount, 2] },
    },
  };
}

/** Normally distributed particles, as dense in large graphs as in those of the paper. */
function clouds(graphs: GraphKind, random: MersenneTwister): { graph: Graph; x: Float32Array } {
  const sizes = graphs.kind === 'complete' ? graphs.sizes : [];
  const draw = (size: number) =>
    Array.from({ length: size * 3 }, () => (size / 5) ** (1 / 3) * random.randn());
  return { graph: Graph.complete(sizes), x: Float32Array.from(sizes.flatMap(draw)) };
}

/** Uniformly spread in a cube, in spatial order, joined within the radius that gives a node as many neighbours as wanted on average. */
function spread(
  { nodes, neighbours }: Extract<GraphKind, { kind: 'radius' }>,
  random: MersenneTwister,
): { graph: Graph; x: Float32Array } {
  const drawn = Float32Array.from({ length: nodes * 3 }, () => random.uniform(0, Math.cbrt(nodes)));
  const x = Float32Array.from(takeRows(drawn, spatialOrder(drawn, { dimensions: 3 }), 3));
  let radius = Math.cbrt((3 * neighbours) / (4 * Math.PI));
  let graph = radiusGraph(x, { dimensions: 3, radius }).graph;
  for (let turn = 0; turn < 3; turn++) {
    radius *= Math.cbrt((neighbours * nodes) / graph.edgeCount);
    graph = radiusGraph(x, { dimensions: 3, radius }).graph;
  }
  return { graph, x };
}

/** Features as the authors make them: which element, times 1, Z/9 and (Z/9)^2. The target is standardised. */
function molecules(graphs: GraphKind, random: MersenneTwister): { graph: Graph; arrays: Arrays } {
  const count = graphs.kind === 'molecules' ? graphs.count : 0;
  const chosen = existsSync(QM9) ? realMolecules(count) : likelyMolecules(count, random);
  const graph = Graph.complete(chosen.map(({ charges }) => charges.length));
  const features = chosen.flatMap(({ charges }) =>
    charges.flatMap((z) =>
      ELEMENTS.flatMap((element) => [0, 1, 2].map((p) => (z === element ? (z / 9) ** p : 0))),
    ),
  );
  return {
    graph,
    arrays: {
      h: { data: Float32Array.from(features), shape: [graph.nodeCount, 15] },
      x: { data: Float32Array.from(chosen.flatMap(({ x }) => x)), shape: [graph.nodeCount, 3] },
      target: { data: Float32Array.from(chosen, ({ target }) => target), shape: [count, 1] },
    },
  };
}

interface Molecule {
  readonly charges: number[];
  readonly x: number[];
  readonly target: number;
}

/** Molecules of the QM9 test set, spread over it, with their dipole moments. */
function realMolecules(count: number): Molecule[] {
  const { num_atoms, charges, positions, mu } = readNpz(readFileSync(QM9));
  const numbers = (array: (typeof mu)['data'], first: number, length: number) =>
    Array.from({ length }, (_, k) => Number(array[first + k]));
  const stride = Math.floor(num_atoms.data.length / count);
  return Array.from({ length: count }, (_, k) => {
    const row = k * stride;
    const atoms = Number(num_atoms.data[row]);
    return {
      charges: numbers(charges.data, row * charges.shape[1], atoms),
      x: numbers(positions.data, row * positions.shape[1] * 3, atoms * 3),
      target: (Number(mu.data[row]) - 2.7) / 1.2,
    };
  });
}

/** Where the data set is not at hand: as many atoms of as many kinds, not where chemistry would put them. */
function likelyMolecules(count: number, random: MersenneTwister): Molecule[] {
  return Array.from({ length: count }, () => {
    const atoms = Math.round(Math.min(29, Math.max(9, 18 + 3 * random.randn())));
    return {
      charges: random.choice(ELEMENTS, atoms, { p: [0.51, 0.35, 0.06, 0.07, 0.01] }),
      x: Array.from({ length: atoms * 3 }, () => (atoms / 5) ** (1 / 3) * random.randn()),
      target: random.randn(),
    };
  });
}

function sizeOf({ nodeOffsets }: Graph, g: number): number {
  return nodeOffsets[g + 1] - nodeOffsets[g];
}
