/**
 * An order of the nodes in which neighbours in space are mostly neighbours in memory. A large graph whose nodes come
 * in random order fetches almost every sender from far memory; in this order most are still in a cache. Simulations'
 * files are often ordered like that already.
 *
 * The order is that of a Z-order curve (G. M. Morton 1966) over the first three dimensions: each axis is cut into
 * 2^b cells of one width, and the bits of the cell numbers are interleaved.
 */
import type { PlainMatrix } from './plain-matrix.ts';
import { type Points, readPoints } from './points.ts';

const AXES = 3;
/** A sort key is a cell's number times the number of nodes plus the node: exact in float64 up to 2^53. */
const KEY_BITS = 53;
const MOST_BITS_PER_AXIS = 10;

export interface SpatialOrderOptions {
  /** n, the number of coordinates of a node. */
  dimensions: number;
  /** [graphCount], the sizes of the graphs in a batch, whose nodes stay together; left out for one graph. */
  nodeCounts?: ArrayLike<number>;
}

/**
 * The nodes in spatial order: `order[k]` is the node that comes k-th. Put everything that belongs to nodes into this
 * order with `takeRows` before building the graph, and results back with `takeRows(result, inverseOrder(order), columns)`.
 * @param coordinates [N, dimensions], nested rows or flat and row-major.
 * @throws RangeError for coordinates that are not finite, sizes that do not fit.
 */
export function spatialOrder(coordinates: PlainMatrix, options: SpatialOrderOptions): Int32Array {
  const points = readPoints(coordinates, options.dimensions, options.nodeCounts);
  const order = new Int32Array(points.nodeCount);
  for (let g = 0; g + 1 < points.nodeOffsets.length; g++)
    sortRange(points, points.nodeOffsets[g]!, points.nodeOffsets[g + 1]!, order);
  return order;
}

/** `inverse[order[k]] = k`. */
export function inverseOrder(order: Int32Array): Int32Array {
  const inverse = new Int32Array(order.length);
  for (let k = 0; k < order.length; k++) inverse[order[k]!] = k;
  return inverse;
}

/**
 * Row k of the result is row `order[k]` of `values`.
 * @param values [rows, columns], row-major
 * @throws RangeError if `values` is not made of whole rows, or `order` names one that it has not
 */
export function takeRows(values: ArrayLike<number>, order: Int32Array, columns: number): Float64Array {
  const rows = values.length / columns;
  if (!Number.isInteger(rows))
    throw new RangeError(`values has ${values.length} numbers, which do not make rows of ${columns}`);
  const taken = new Float64Array(order.length * columns);
  for (let k = 0; k < order.length; k++) {
    const row = order[k]!;
    if (row < 0 || row >= rows) throw new RangeError(`order[${k}] is ${row}; values has ${rows} rows`);
    for (let c = 0; c < columns; c++) taken[k * columns + c] = values[row * columns + c]!;
  }
  return taken;
}

function sortRange({ values, stride }: Points, start: number, end: number, order: Int32Array): void {
  const count = end - start;
  const low = new Float64Array(AXES).fill(Number.POSITIVE_INFINITY);
  let extent = 0;
  for (let axis = 0; axis < AXES; axis++) {
    let high = Number.NEGATIVE_INFINITY;
    for (let i = start; i < end; i++) {
      const value = values[i * stride + axis]!;
      low[axis] = Math.min(low[axis]!, value);
      high = Math.max(high, value);
    }
    extent = Math.max(extent, high - low[axis]!);
  }
  const bits = Math.min(MOST_BITS_PER_AXIS, Math.floor((KEY_BITS - Math.ceil(Math.log2(count + 1))) / AXES));
  const cells = 2 ** bits;
  const keys = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let cell = 0;
    for (let axis = 0; axis < AXES; axis++) {
      // An extent beyond float64 gives 0 everywhere: any order is right.
      const share = extent > 0 ? (values[(start + i) * stride + axis]! - low[axis]!) / extent : 0;
      cell |= spread(Math.min(cells - 1, Math.floor(share * cells))) << axis;
    }
    keys[i] = cell * count + i;
  }
  keys.sort();
  for (let k = 0; k < count; k++) order[start + k] = start + (keys[k]! % count);
}

/** The ten lowest bits, two zeros apart. */
function spread(cell: number): number {
  let bits = cell;
  bits = (bits | (bits << 16)) & 0x030000ff;
  bits = (bits | (bits << 8)) & 0x0300f00f;
  bits = (bits | (bits << 4)) & 0x030c30c3;
  return (bits | (bits << 2)) & 0x09249249;
}
