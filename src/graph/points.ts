/**
 * Points as the neighbour searches want them: checked, in float64, and with at least three coordinates each, so
 * that the same inner loop (three fixed dimensions, then the rest) serves every dimension. The padding is zero
 * and adds nothing to a distance.
 */

import { shown } from '../shown.ts';
import { checkCount, offsetsOfCounts } from './edge-index.ts';
import { expectMatrix, flatten, isNested, type PlainMatrix } from './plain-matrix.ts';

export interface Points {
  /** [nodeCount, stride]; coordinates beyond the given dimensions are 0. */
  readonly values: Float64Array;
  /** max(dimensions, 3). */
  readonly stride: number;
  readonly nodeCount: number;
  /** [graphCount + 1]. */
  readonly nodeOffsets: Int32Array;
}

/** Reads coordinates [N, dimensions]; a RangeError names the first that is not finite. */
export function readPoints(
  given: PlainMatrix,
  dimensions: number,
  nodeCounts: ArrayLike<number> | undefined,
): Points {
  if (!Number.isInteger(dimensions) || dimensions < 1) {
    throw new RangeError(`dimensions is ${shown(dimensions)}; allowed: integers from 1`);
  }
  expectMatrix('coordinates', given);
  const coordinates = isNested(given) ? flatten('coordinates', given, dimensions) : given;
  if (coordinates.length % dimensions !== 0) {
    throw new RangeError(
      `coordinates has ${coordinates.length} values, which is not a multiple of dimensions (${dimensions})`,
    );
  }
  const nodeCount = checkCount(coordinates.length / dimensions, 'the number of nodes in coordinates');
  const nodeOffsets = offsetsOfCounts(nodeCounts ?? [nodeCount], 'nodeCounts');
  if (nodeOffsets.at(-1) !== nodeCount) {
    throw new RangeError(`nodeCounts sum to ${nodeOffsets.at(-1)}; coordinates hold ${nodeCount} nodes`);
  }
  const stride = Math.max(dimensions, 3);
  const values = new Float64Array(nodeCount * stride);
  for (let i = 0; i < nodeCount; i++) {
    for (let c = 0; c < dimensions; c++) {
      const value = coordinates[i * dimensions + c]!;
      if (!Number.isFinite(value)) {
        throw new RangeError(
          `coordinates of node ${i}, dimension ${c}: ${shown(value)}; allowed: finite numbers`,
        );
      }
      values[i * stride + c] = value;
    }
  }
  return { values, stride, nodeCount, nodeOffsets };
}

/** |x_a - x_b|^2, where a and b are offsets into two arrays of points with the same stride. */
export function squaredDistance(
  first: Float64Array,
  a: number,
  second: Float64Array,
  b: number,
  stride: number,
): number {
  const dx = first[a]! - second[b]!;
  const dy = first[a + 1]! - second[b + 1]!;
  const dz = first[a + 2]! - second[b + 2]!;
  let sum = dx * dx + dy * dy + dz * dz;
  for (let c = 3; c < stride; c++) {
    const d = first[a + c]! - second[b + c]!;
    sum += d * d;
  }
  return sum;
}
