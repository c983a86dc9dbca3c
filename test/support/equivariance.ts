/**
 * @file Does a model commute with rotations, reflections, translations and permutations? On random input, under
 * random transformations of each kind, in any dimension.
 */
import { expect } from 'vitest';
import { Graph } from '../../src/graph/graph.ts';
import { EGNN, type GNN, LinearDynamics, type Model, RadialField } from '../../src/index.ts';
import { Draw } from './random.ts';

/** Row vectors. */
export type Matrix = readonly (readonly number[])[];

/** A graph with all that any model takes; a model is given what it asks for. */
export interface ModelInput {
  readonly nodeCounts: readonly number[];
  /** [sender, receiver] pairs; the complete graph if left out. */
  readonly edges?: readonly (readonly [sender: number, receiver: number])[];
  readonly h: Matrix;
  readonly x: Matrix;
  readonly velocity?: Matrix;
  readonly nodeAttributes?: Matrix;
  /** In the order of `edges`; of a complete graph by receiver, then by sender. */
  readonly edgeAttributes?: Matrix;
}

export interface ModelOutput {
  readonly h?: Matrix;
  readonly x?: Matrix;
  readonly v?: Matrix;
}

/** One forward pass of any model of the family. The plain GNN is given positions and velocities as features. */
export async function runModel(model: Model, input: ModelInput): Promise<ModelOutput> {
  const { engine } = model;
  const graph = graphOf(input);
  const dimensions = input.x[0]?.length ?? 1;
  const read = engine.step(() =>
    engine.withoutGradient(() => {
      const { nodes, edges } = engine.graph(graph);
      const onNodes = (matrix: Matrix | undefined) =>
        matrix && engine.tensor(matrix.flat(), nodes, matrix[0]?.length ?? 1);
      const { edgeAttributes: attributes } = input;
      const width =
        attributes?.[0]?.length ??
        (model as unknown as { config: { edgeFeatures?: number } }).config.edgeFeatures ??
        0;
      const edgeAttributes =
        attributes &&
        engine.tensor(graph.sortEdgeRows(Float64Array.from(attributes.flat()), width), edges, width);
      const [h, x, velocity] = [onNodes(input.h)!, onNodes(input.x)!, onNodes(input.velocity)];
      if (model instanceof EGNN) {
        const nodeAttributes = onNodes(input.nodeAttributes);
        const output = model.forward({ graph, h, x, velocity, edgeAttributes, nodeAttributes });
        return Promise.all([output.h?.read(), output.x?.read(), output.v?.read()]);
      }
      if (model instanceof RadialField) {
        const speed = onNodes(input.velocity!.map((v) => [Math.hypot(...v)]))!;
        const output = model.forward({ graph, x, velocity: velocity!, speed, edgeAttributes });
        return Promise.all([undefined, output.read(), undefined]);
      }
      if (model instanceof LinearDynamics)
        return Promise.all([undefined, model.forward({ x, velocity: velocity! }).read(), undefined]);
      const features = onNodes(input.x.map((row, i) => [...row, ...(input.velocity?.[i] ?? [])]))!;
      return Promise.all([
        undefined,
        (model as GNN).forward({ graph, h: features, edgeAttributes }).read(),
        undefined,
      ]);
    }),
  );
  const [h, x, v] = await read;
  const count = input.x.length;
  const rows = (values: ArrayLike<number> | undefined) =>
    values &&
    Array.from({ length: count }, (_, i) =>
      Array.from(values).slice((i * values.length) / count, ((i + 1) * values.length) / count),
    );
  expect(x === undefined || x.length === count * dimensions).toBe(true);
  return { h: rows(h), x: rows(x), v: rows(v) };
}

/** Largest error of each kind, relative to the largest output. */
export interface EquivarianceErrors {
  readonly rotation: number;
  readonly reflection: number;
  readonly translation: number;
  readonly permutation: number;
}

const TRANSFORMATIONS = 2;

/** Measures every kind of transformation on random ones. */
export async function equivarianceErrors(
  run: (input: ModelInput) => Promise<ModelOutput>,
  input: ModelInput,
): Promise<EquivarianceErrors> {
  const draw = new Draw(31);
  const n = input.x[0].length;
  const before = await run(input);
  const errors = { rotation: 0, reflection: 0, translation: 0, permutation: 0 };
  for (let trial = 0; trial < TRANSFORMATIONS; trial++) {
    const q = randomOrthogonal(n, draw);
    const turned = determinant(q) > 0 ? q : reflected(q);
    const zero = new Array<number>(n).fill(0);
    const t = Array.from(draw.normal(n, 3));
    for (const [kind, matrix, shift] of [
      ['rotation', turned, zero],
      ['reflection', reflected(turned), zero],
      ['translation', identity(n), t],
    ] as const) {
      const after = await run({
        ...input,
        x: moved(input.x, matrix, shift),
        velocity: input.velocity && moved(input.velocity, matrix, zero),
      });
      const expected = {
        h: before.h,
        x: before.x && moved(before.x, matrix, shift),
        v: before.v && moved(before.v, matrix, zero),
      };
      errors[kind] = Math.max(errors[kind], difference(after, expected));
    }
    const order = permutationWithinGraphs(input.nodeCounts, draw);
    const after = await run(permuted(input, order, draw));
    const take = (matrix: Matrix | undefined) => matrix && order.map((old) => matrix[old]);
    const expected = { h: take(before.h), x: take(before.x), v: take(before.v) };
    errors.permutation = Math.max(errors.permutation, difference(after, expected));
  }
  return errors;
}

/** The model commutes with rotations, reflections, translations and permutations, and does move the coordinates. */
export async function expectEquivariant(model: Model, input: ModelInput, tolerance: number): Promise<void> {
  const run = (given: ModelInput) => runModel(model, given);
  const errors = await equivarianceErrors(run, input);
  for (const [kind, error] of Object.entries(errors)) expect(error, kind).toBeLessThanOrEqual(tolerance);
  const { h, x } = await run(input);
  for (const row of [...(h ?? []), ...(x ?? [])]) expect(row.every(Number.isFinite)).toBe(true);
  const moves = !(model instanceof EGNN) || model.config.updateCoordinates || model.config.velocity;
  expect(difference({ x }, { x: input.x }) > 1e-2, 'coordinates move').toBe(moves);
}

/** A random input with node counts, dimension and widths as asked; self loops and repeats among given edges. */
export function randomInput(
  seed: number,
  shape: {
    nodeCounts: readonly number[];
    dimensions: number;
    features?: number;
    complete?: boolean;
    velocity?: boolean;
    nodeAttributes?: number;
    edgeAttributes?: number;
  },
): ModelInput {
  const draw = new Draw(seed);
  const { nodeCounts, dimensions, features = 2, complete = true } = shape;
  const count = nodeCounts.reduce((total, nodes) => total + nodes, 0);
  const rows = (rowCount: number, columns: number): Matrix =>
    Array.from({ length: rowCount }, () => Array.from(draw.normal(columns)));
  const edges: [number, number][] = [];
  let first = 0;
  for (const nodes of nodeCounts) {
    for (let k = 0; k < 2 * nodes; k++) {
      const [a, b] = draw.integers(2, nodes);
      edges.push([first + a, first + b]);
    }
    first += nodes;
  }
  const edgeCount = complete
    ? nodeCounts.reduce((total, nodes) => total + nodes * (nodes - 1), 0)
    : edges.length;
  return {
    nodeCounts,
    h: rows(count, features),
    x: rows(count, dimensions),
    ...(!complete && { edges }),
    ...(shape.velocity && { velocity: rows(count, dimensions) }),
    ...(shape.nodeAttributes && { nodeAttributes: rows(count, shape.nodeAttributes) }),
    ...(shape.edgeAttributes && { edgeAttributes: rows(edgeCount, shape.edgeAttributes) }),
  };
}

/** Coordinate heads start tiny (gain 0.001): enlarges them so that coordinates really move. */
export async function enlivened<M extends Model>(model: M, factor = 1500): Promise<M> {
  const state = await model.stateDict();
  for (const [name, entry] of Object.entries(state))
    if (/\.(coord_mlp|phi)\.2\.weight$/.test(name))
      entry.data = entry.data.map((value) => factor * value) as never;
  model.loadStateDict(state);
  return model;
}

export function graphOf({ nodeCounts, edges }: ModelInput): Graph {
  if (!edges) return Graph.complete(nodeCounts);
  const nodeCount = nodeCounts.reduce((total, nodes) => total + nodes, 0);
  const row = (k: 0 | 1) => edges.map((edge) => edge[k]);
  return Graph.fromEdges([row(0), row(1)], { nodeCount, nodeCounts });
}

/** The same graph with node order[i] of old as node i, its edges listed in another order. */
function permuted(input: ModelInput, order: readonly number[], draw: Draw): ModelInput {
  const place = new Map(order.map((old, now) => [old, now]));
  const take = (matrix: Matrix | undefined) => matrix && order.map((old) => matrix[old]);
  const common = {
    nodeCounts: input.nodeCounts,
    h: take(input.h)!,
    x: take(input.x)!,
    velocity: take(input.velocity),
    nodeAttributes: take(input.nodeAttributes),
  };
  const { edges, edgeAttributes } = input;
  if (edges) {
    const shuffled = Array.from(draw.random.permutation(edges.length));
    return {
      ...common,
      edges: shuffled.map((k) => [place.get(edges[k][0])!, place.get(edges[k][1])!]),
      edgeAttributes: edgeAttributes && shuffled.map((k) => edgeAttributes[k]),
    };
  }
  const { receivers, senders } = graphOf(input);
  const byPair = new Map(Array.from(receivers, (i, k) => [`${i} ${senders[k]}`, edgeAttributes?.[k]]));
  return {
    ...common,
    edgeAttributes:
      edgeAttributes && Array.from(receivers, (i, k) => byPair.get(`${order[i]} ${order[senders[k]]}`)!),
  };
}

function permutationWithinGraphs(nodeCounts: readonly number[], draw: Draw): number[] {
  const order: number[] = [];
  for (const nodes of nodeCounts) {
    const first = order.length;
    order.push(...Array.from(draw.random.permutation(nodes), (node) => first + node));
  }
  return order;
}

/** x Q + t for every row x. */
function moved(matrix: Matrix, q: Matrix, t: readonly number[]): Matrix {
  return matrix.map((row) =>
    t.map((shift, k) => row.reduce((total, value, j) => total + value * q[j][k], shift)),
  );
}

/** Gram-Schmidt on Gaussian rows: uniform over all rotations and reflections. */
export function randomOrthogonal(n: number, draw: Draw): Matrix {
  const rows: number[][] = [];
  while (rows.length < n) {
    const row = Array.from(draw.normal(n));
    for (let pass = 0; pass < 2; pass++)
      for (const other of rows) {
        const along = row.reduce((total, value, k) => total + value * other[k], 0);
        for (let k = 0; k < n; k++) row[k] -= along * other[k];
      }
    const length = Math.hypot(...row);
    rows.push(row.map((value) => value / length));
  }
  return rows;
}

function reflected(q: Matrix): Matrix {
  return q.map((row) => row.map((value, k) => (k === 0 ? -value : value)));
}

function identity(n: number): Matrix {
  return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));
}

function determinant(matrix: Matrix): number {
  if (matrix.length === 1) return matrix[0][0];
  return matrix[0].reduce((total, value, column) => {
    const minor = matrix.slice(1).map((row) => row.filter((_, k) => k !== column));
    return total + (column % 2 === 0 ? 1 : -1) * value * determinant(minor);
  }, 0);
}

/** The largest difference of two outputs, relative to the largest number in each array. */
export function difference(ours: ModelOutput, theirs: ModelOutput): number {
  let worst = 0;
  for (const name of ['h', 'x', 'v'] as const) {
    const [a, b] = [ours[name]?.flat() ?? [], theirs[name]?.flat() ?? []];
    if (a.length !== b.length) return Number.POSITIVE_INFINITY;
    const scale = b.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) || 1;
    for (const [k, value] of b.entries()) {
      const distance = Math.abs(a[k] - value) / scale;
      worst = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : Math.max(worst, distance);
    }
  }
  return worst;
}
