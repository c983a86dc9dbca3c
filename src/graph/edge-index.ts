/**
 * Reading an edge index as users have it: nested rows, a tensor-like `{ data, shape: [2, E] }` or one flat
 * Int32Array, under either convention of which row sends. What comes out is two checked Int32Arrays.
 */

import { shown } from '../shown.ts';

/**
 * What the rows of an edge index mean.
 * `'source-to-target'`: row 0 sends, row 1 receives (PyG and most data files).
 * `'target-to-source'`: row 0 receives, row 1 sends (the EGNN authors' code).
 */
export type EdgeIndexConvention = 'source-to-target' | 'target-to-source';

/** Numbers, or the bigints that int64 files give. */
export type IndexValues = ArrayLike<number> | ArrayLike<bigint>;

/** An edge index [2, E]: two rows, or row-major data with its shape, or a flat Int32Array of length 2 E. */
export type EdgeIndexInput =
  | readonly IndexValues[]
  | { readonly data: IndexValues; readonly shape: ArrayLike<number> }
  | Int32Array;

/** Offsets and node numbers are stored as int32. */
export const MAX_INDEX = 2 ** 31 - 1;

/** Prefix sums of node counts: [graphCount + 1], starting at 0. */
export function offsetsOfCounts(nodeCounts: ArrayLike<number>, name: string): Int32Array {
  const offsets = new Int32Array(nodeCounts.length + 1);
  let total = 0;
  for (let g = 0; g < nodeCounts.length; g++) {
    const count = checkCount(nodeCounts[g]!, `${name}[${g}]`);
    total += count;
    if (total > MAX_INDEX) {
      throw new RangeError(`${name} sum to more than ${MAX_INDEX} nodes at position ${g}`);
    }
    offsets[g + 1] = total;
  }
  return offsets;
}

/** A whole number from 0 to 2^31 - 1, or a RangeError that names the argument. */
export function checkCount(value: number, name: string): number {
  if (!Number.isInteger(value) || value < 0 || value > MAX_INDEX) {
    throw new RangeError(`${name} is ${shown(value)}; allowed: integers from 0 to ${MAX_INDEX}`);
  }
  return value;
}

/**
 * The senders and receivers, each [E], of an edge index over `nodeCount` nodes.
 * @param name what errors call it
 */
export function readEdgeIndex(
  name: string,
  edgeIndex: EdgeIndexInput,
  nodeCount: number,
  convention: EdgeIndexConvention,
): { senders: Int32Array; receivers: Int32Array } {
  if (convention !== 'source-to-target' && convention !== 'target-to-source') {
    throw new RangeError(
      `convention is ${JSON.stringify(convention)}; allowed: 'source-to-target', 'target-to-source'`,
    );
  }
  const [first, second] = readRows(name, edgeIndex, nodeCount);
  return convention === 'source-to-target'
    ? { senders: first, receivers: second }
    : { senders: second, receivers: first };
}

function readRows(name: string, edgeIndex: EdgeIndexInput, nodeCount: number): [Int32Array, Int32Array] {
  if (typeof edgeIndex !== 'object' || edgeIndex === null)
    throw new TypeError(`${name} must be two rows of node numbers; got ${shown(edgeIndex)}`);
  if (edgeIndex instanceof Int32Array) {
    if (edgeIndex.length % 2 !== 0) {
      throw new RangeError(
        `${name} has ${edgeIndex.length} values; a flat edge index [2, E] has an even number`,
      );
    }
    return readHalves(name, edgeIndex, nodeCount);
  }
  if (Array.isArray(edgeIndex)) {
    if (edgeIndex.length !== 2) {
      throw new RangeError(
        `${name} has ${edgeIndex.length} rows; expected 2 (for no edges at all: [[], []])`,
      );
    }
    const [first, second] = edgeIndex as IndexValues[];
    if (first?.length === undefined || second?.length === undefined) {
      throw new RangeError(`${name} is not made of two rows; a flat edge index has to be an Int32Array`);
    }
    if (first.length !== second.length) {
      throw new RangeError(
        `${name} rows differ in length: row 0 has ${first.length} values, row 1 has ${second.length}`,
      );
    }
    return [
      readRow(`${name}[0]`, first, 0, first.length, nodeCount),
      readRow(`${name}[1]`, second, 0, second.length, nodeCount),
    ];
  }
  const { data, shape } = edgeIndex as { data: IndexValues; shape: ArrayLike<number> };
  if (shape?.length !== 2 || shape[0] !== 2 || data?.length !== 2 * shape[1]!) {
    const given = shape === undefined ? 'undefined' : `[${Array.from(shape).join(', ')}]`;
    throw new RangeError(
      `${name} has shape ${given} and ${data?.length} values; expected shape [2, E] and 2 E values`,
    );
  }
  return readHalves(name, data, nodeCount);
}

function readHalves(name: string, data: IndexValues, nodeCount: number): [Int32Array, Int32Array] {
  const edgeCount = data.length / 2;
  return [
    readRow(`${name}[0]`, data, 0, edgeCount, nodeCount),
    readRow(`${name}[1]`, data, edgeCount, edgeCount, nodeCount),
  ];
}

function readRow(
  name: string,
  data: IndexValues,
  start: number,
  length: number,
  nodeCount: number,
): Int32Array {
  const out = new Int32Array(length);
  for (let k = 0; k < length; k++) {
    const given = data[start + k];
    // Of null and of empty text, Number would make node 0.
    const node = typeof given === 'bigint' ? Number(given) : given;
    if (!(typeof node === 'number' && node >= 0 && node < nodeCount && Number.isInteger(node))) {
      const allowed = nodeCount === 0 ? 'nothing, there are no nodes' : `integers from 0 to ${nodeCount - 1}`;
      throw new RangeError(
        `${name}[${k}] is ${shown(given)}; allowed: ${allowed} (nodeCount is ${nodeCount})`,
      );
    }
    out[k] = node;
  }
  return out;
}
