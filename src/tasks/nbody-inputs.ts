/**
 * @file A split of the N-body data as the models take it: per trajectory the speeds |v_i| of its five particles, and
 * for its twenty ordered pairs q_i q_j and |x_i - x_j|^2. Computed once for a whole split; a batch copies its rows.
 */
import type { NBodySplit } from '../data/nbody/index.ts';
import { Graph } from '../graph/graph.ts';
import type { Batch } from '../train/batch.ts';

/** Particles of a trajectory. */
export const PARTICLES = 5;
/** Ordered pairs of particles, by receiver, then by sender: the edge order of a complete graph. */
const PAIRS = PARTICLES * (PARTICLES - 1);
const DIMENSIONS = 3;

/** M trajectories, each array row-major with one row a trajectory. */
export interface NBodyInputs {
  /** M */
  readonly count: number;
  /** [M, 5 x 3] */
  readonly positions: Float32Array;
  /** [M, 5 x 3] */
  readonly velocities: Float32Array;
  /** |v_i|, [M, 5] */
  readonly speeds: Float32Array;
  /** q_i q_j, [M, 20] */
  readonly chargeProducts: Float32Array;
  /** q_i q_j and |x_i - x_j|^2, [M, 20 x 2] */
  readonly pairAttributes: Float32Array;
  /** [M, 5 x 3] */
  readonly targets: Float32Array;
}

export type NBodyInputName = 'x' | 'velocity' | 'speed' | 'chargeProducts' | 'pairAttributes' | 'target';

export function prepareInputs({ count, positions, velocities, targets, charges }: NBodySplit): NBodyInputs {
  const speeds = new Float32Array(count * PARTICLES);
  for (let particle = 0; particle < speeds.length; particle++)
    speeds[particle] = Math.hypot(...velocities.subarray(particle * DIMENSIONS, (particle + 1) * DIMENSIONS));

  const chargeProducts = new Float32Array(count * PAIRS);
  const pairAttributes = new Float32Array(count * PAIRS * 2);
  let pair = 0;
  for (let first = 0; first < count * PARTICLES; first += PARTICLES)
    for (let i = first; i < first + PARTICLES; i++)
      for (let j = first; j < first + PARTICLES; j++) {
        if (i === j) continue;
        chargeProducts[pair] = charges[i] * charges[j];
        pairAttributes[2 * pair] = chargeProducts[pair];
        pairAttributes[2 * pair + 1] = squaredDistance(positions, i, j);
        pair++;
      }
  return { count, positions, velocities, speeds, chargeProducts, pairAttributes, targets };
}

/** The trajectories with these numbers, in this order: one complete graph each. */
export function selectTrajectories(
  inputs: NBodyInputs,
  trajectories: ArrayLike<number>,
): Batch<NBodyInputName> {
  const select = (rows: 'nodes' | 'edges', columns: number, values: Float32Array) => ({
    rows,
    columns,
    values: selectRows(values, values.length / inputs.count, trajectories),
  });
  return {
    graph: completeGraphs(trajectories.length),
    inputs: {
      x: select('nodes', DIMENSIONS, inputs.positions),
      velocity: select('nodes', DIMENSIONS, inputs.velocities),
      speed: select('nodes', 1, inputs.speeds),
      chargeProducts: select('edges', 1, inputs.chargeProducts),
      pairAttributes: select('edges', 2, inputs.pairAttributes),
      target: select('nodes', DIMENSIONS, inputs.targets),
    },
  };
}

const graphs = new Map<number, Graph>();

/** Batches have few different sizes, so their graphs are made once. */
function completeGraphs(count: number): Graph {
  let graph = graphs.get(count);
  if (!graph) {
    graph = Graph.complete(new Int32Array(count).fill(PARTICLES));
    graphs.set(count, graph);
  }
  return graph;
}

function selectRows(values: Float32Array, width: number, rows: ArrayLike<number>): Float32Array {
  const selected = new Float32Array(rows.length * width);
  for (let k = 0; k < rows.length; k++)
    selected.set(values.subarray(rows[k] * width, (rows[k] + 1) * width), k * width);
  return selected;
}

function squaredDistance(positions: Float32Array, i: number, j: number): number {
  let sum = 0;
  for (let k = 0; k < DIMENSIONS; k++)
    sum += (positions[i * DIMENSIONS + k] - positions[j * DIMENSIONS + k]) ** 2;
  return sum;
}
