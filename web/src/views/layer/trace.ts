/**
 * @file Eq. 3 to 6 and 8 for one node, number by number, in float64 and in the paper's order. The layer itself computes the
 * same in tiles of edges; a test holds the two against each other, and the view shows how far they are apart.
 */
import type { Weights } from './weights.ts';

/** What comes to node i along the edge from node j. */
export interface EdgeTrace {
  readonly sender: number;
  /** |x_i - x_j|^2 */
  readonly squaredDistance: number;
  /** m_ij, eq. 3 */
  readonly message: readonly number[];
  /** e_ij, eq. 8 */
  readonly gate: number;
  /** e_ij m_ij */
  readonly gated: readonly number[];
  /** phi_x(e_ij m_ij) */
  readonly weight: number;
  /** x_i - x_j */
  readonly difference: readonly number[];
  /** (x_i - x_j) phi_x(e_ij m_ij) */
  readonly term: readonly number[];
}

export interface NodeTrace {
  readonly node: number;
  readonly edges: readonly EdgeTrace[];
  /** C, one over the number of neighbours */
  readonly factor: number;
  /** The sum of the terms */
  readonly sum: readonly number[];
  /** x_i', eq. 4 */
  readonly moved: readonly number[];
  /** m_i, eq. 5 */
  readonly received: readonly number[];
  /** phi_h(h_i, m_i) */
  readonly update: readonly number[];
  /** h_i', eq. 6 */
  readonly features: readonly number[];
}

/** Rows h_i and x_i of all nodes; every node receives from every other. */
export interface SmallGraph {
  readonly h: readonly (readonly number[])[];
  readonly x: readonly (readonly number[])[];
}

export function traceNode(weights: Weights, { h, x }: SmallGraph, node: number): NodeTrace {
  const neighbours = x.map((_, j) => j).filter((j) => j !== node);
  const edges = neighbours.map((j) => traceEdge(weights, { h, x }, node, j));
  const factor = 1 / edges.length;
  const sum = total(edges.map(({ term }) => term));
  const received = total(edges.map(({ gated }) => gated));
  const update = affine(
    weights,
    'node_mlp.2',
    affine(weights, 'node_mlp.0', [...h[node], ...received]).map(silu),
  );
  return {
    node,
    edges,
    factor,
    sum,
    moved: x[node].map((value, axis) => value + factor * sum[axis]),
    received,
    update,
    features: h[node].map((value, k) => value + update[k]),
  };
}

function traceEdge(weights: Weights, { h, x }: SmallGraph, i: number, j: number): EdgeTrace {
  const difference = x[i].map((value, axis) => value - x[j][axis]);
  const squaredDistance = difference.reduce((sum, value) => sum + value * value, 0);
  const hidden = affine(weights, 'edge_mlp.0', [...h[i], ...h[j], squaredDistance]).map(silu);
  const message = affine(weights, 'edge_mlp.2', hidden).map(silu);
  const gate = 1 / (1 + Math.exp(-affine(weights, 'att_mlp.0', message)[0]));
  const gated = message.map((value) => gate * value);
  const [weight] = affine(weights, 'coord_mlp.2', affine(weights, 'coord_mlp.0', gated).map(silu));
  const term = difference.map((value) => value * weight);
  return { sender: j, squaredDistance, message, gate, gated, weight, difference, term };
}

/** input W + b of the linear layer of this name; without a bias where it has none */
function affine(weights: Weights, name: string, input: readonly number[]): number[] {
  const { outputs, values } = weights[`${name}.weight`];
  const bias = weights[`${name}.bias`]?.values;
  return Array.from({ length: outputs }, (_, output) =>
    input.reduce((sum, value, k) => sum + value * values[k * outputs + output], bias?.[output] ?? 0),
  );
}

function silu(z: number): number {
  return z / (1 + Math.exp(-z));
}

/** Row by row; a sum of none has no entries, which no node of these graphs meets. */
function total(rows: readonly (readonly number[])[]): number[] {
  return rows[0].map((_, k) => rows.reduce((sum, row) => sum + row[k], 0));
}
