/** @file The options of a random network that fits a graph. */
import type { EGNNConfig } from 'egnn';
import type { RandomOptions } from './compute.ts';
import type { GraphData } from './graph-data.ts';

/** Widths follow from the matrices, the rest was chosen. */
export function networkOptions({ X, A, V, B }: GraphData, options: RandomOptions): EGNNConfig {
  return {
    inputFeatures: X[0]?.length ?? 1,
    ...(A && { edgeFeatures: A[0]?.length ?? 0 }),
    ...(B && { nodeAttributes: B[0]?.length ?? 0 }),
    ...(V && { velocity: true }),
    ...options,
  };
}
