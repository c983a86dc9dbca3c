/**
 * @file How many floating point operations a case needs, whoever computes it: two for each multiply-add of the matrix
 * products of the model, over real nodes and edges, with the first layer of phi_e split into a part a node and a part
 * an edge (it can be, so more are not needed). For N nodes, E edges, G graphs, width H, L layers, A edge attributes:
 *
 *   phi_e   4 N H^2 + 2 E (1 + A) H + 2 E H^2      W_i h_i and W_j h_j; distance and attributes; second layer
 *   phi_inf 2 E H                                  with attention
 *   phi_x   2 E H^2 + 2 E H                        where coordinates are updated
 *   phi_v   2 N H^2 + 2 N H                        with velocities
 *   phi_h   6 N H^2                                [h, m] to H to H; not in a last layer that gives coordinates alone
 *
 * and the embedding 2 N F H, and for QM9 the decoders 4 N H^2 + 2 G (H^2 + H). A training step needs three times as
 * much: each product once forward and twice backward, for its input and for its weight. Activations, sums over
 * neighbours and Adam are left out; so is what a side computes beside this (padding, an unsplit first layer, anything
 * twice), which therefore lowers its GFLOP/s.
 */
import type { Case } from './cases.ts';

export interface Counts {
  readonly nodes: number;
  readonly edges: number;
  readonly graphs: number;
}

export function operationsOf(theCase: Case, { nodes: N, edges: E, graphs: G }: Counts): number {
  const { hidden: H, layers: L, model, mode } = theCase;
  const velocity = model === 'velocity';
  const [features, attributes] = velocity ? [1, 2] : [15, 0];
  const phiE = 4 * N * H ** 2 + 2 * E * (1 + attributes) * H + 2 * E * H ** 2;
  const phiInf = velocity ? 0 : 2 * E * H;
  const phiX = velocity ? 2 * E * H ** 2 + 2 * E * H : 0;
  const phiV = velocity ? 2 * N * H ** 2 + 2 * N * H : 0;
  const phiH = 6 * N * H ** 2;
  const decoders = velocity ? 0 : 4 * N * H ** 2 + 2 * G * (H ** 2 + H);
  const nodeUpdates = velocity ? L - 1 : L;
  const forward = 2 * N * features * H + L * (phiE + phiInf + phiX + phiV) + nodeUpdates * phiH + decoders;
  return mode === 'train' ? 3 * forward : forward;
}
