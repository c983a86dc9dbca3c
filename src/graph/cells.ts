/**
 * All pairs within a radius, by cell lists: space is cut into cells a radius wide, so that every neighbour of a
 * point lies in its own cell or one of those around it, and the search is linear in the number of points for a
 * given density. Cells cover the first three dimensions at most (27 cells to look at; more dimensions would
 * make 3^n) and live in a hash table of the occupied ones, so one far outlier costs nothing.
 *
 * A periodic box would enter in two places: `CellTable.find` wraps its arguments, and the displacement in
 * `squaredDistance` takes its minimum image.
 */

import { IntList } from './int-list.ts';
import { type Points, squaredDistance } from './points.ts';

/** Below this many points all pairs are quicker than a table. */
const BRUTE_FORCE_NODES = 64;

/** Cell numbers stay below 2^30: int32, and exact to 4e-7 of a cell in float64 (see `SLACK`). */
const MAX_CELLS_PER_AXIS = 2 ** 30;

/** Cells are this much wider than the radius, so that rounding cannot push a neighbour two cells away. */
const SLACK = 1 + 1e-6;

/**
 * Appends to `senders`, for the nodes start .. end in turn, all nodes of that range within the radius, ascending,
 * and writes `edgeOffsets[i + 1]`.
 */
export function appendWithinRadius(
  points: Points,
  start: number,
  end: number,
  radius: number,
  selfLoops: boolean,
  senders: IntList,
  edgeOffsets: Int32Array,
): void {
  const grid = end - start > BRUTE_FORCE_NODES ? gridOf(points, start, end, radius) : undefined;
  if (grid === undefined) appendAllPairs(points, start, end, radius, selfLoops, senders, edgeOffsets);
  else appendByCells(points, start, end, radius, selfLoops, grid, senders, edgeOffsets);
}

function appendAllPairs(
  points: Points,
  start: number,
  end: number,
  radius: number,
  selfLoops: boolean,
  senders: IntList,
  edgeOffsets: Int32Array,
): void {
  const { values, stride } = points;
  const limit = radius * radius;
  for (let i = start; i < end; i++) {
    senders.reserve(end - start);
    const list = senders.values;
    let length = senders.length;
    for (let j = start; j < end; j++) {
      if (j === i && !selfLoops) continue;
      if (squaredDistance(values, i * stride, values, j * stride, stride) <= limit) list[length++] = j;
    }
    senders.length = length;
    edgeOffsets[i + 1] = length;
  }
}

/**
 * Rows are found cell by cell, which keeps the points at hand in cache, but not in the order of the nodes.
 * Being within a radius is symmetric, so writing each sender j, ascending, into the rows of its neighbours
 * gives every row complete and in order, without a sort.
 */
function appendByCells(
  points: Points,
  start: number,
  end: number,
  radius: number,
  selfLoops: boolean,
  grid: Grid,
  senders: IntList,
  edgeOffsets: Int32Array,
): void {
  const table = new CellTable(points, start, end, grid);
  const found = new IntList();
  const rowStart = new Int32Array(end - start);
  const rowEnd = new Int32Array(end - start);
  findRows(points, table, start, radius, selfLoops, found, rowStart, rowEnd);

  const first = senders.length;
  senders.reserve(found.length);
  const next = new Int32Array(end - start);
  let edge = first;
  for (let i = 0; i < end - start; i++) {
    next[i] = edge;
    edge += rowEnd[i]! - rowStart[i]!;
    edgeOffsets[start + i + 1] = edge;
  }
  const list = senders.values;
  for (let j = 0; j < end - start; j++) {
    for (let k = rowStart[j]!; k < rowEnd[j]!; k++) list[next[found.values[k]! - start]!++] = start + j;
  }
  senders.length = edge;
}

/** The neighbours of node start + i: `found.values[rowStart[i] .. rowEnd[i]]`, in no order. */
function findRows(
  points: Points,
  table: CellTable,
  start: number,
  radius: number,
  selfLoops: boolean,
  found: IntList,
  rowStart: Int32Array,
  rowEnd: Int32Array,
): void {
  const { stride } = points;
  const { members, starts } = table;
  const limit = radius * radius;
  const sorted = gatherPoints(points, members);
  const around = new Int32Array(27);
  for (let cell = 0; cell < table.cellCount; cell++) {
    const aroundCount = table.findAround(cell, around);
    let candidates = 0;
    for (let s = 0; s < aroundCount; s++) candidates += starts[around[s]! + 1]! - starts[around[s]!]!;
    for (let a = starts[cell]!; a < starts[cell + 1]!; a++) {
      found.reserve(candidates);
      const list = found.values;
      let length = found.length;
      const i = members[a]! - start;
      rowStart[i] = length;
      for (let s = 0; s < aroundCount; s++) {
        const last = starts[around[s]! + 1]!;
        for (let b = starts[around[s]!]!; b < last; b++) {
          if (squaredDistance(sorted, a * stride, sorted, b * stride, stride) > limit) continue;
          if (a !== b || selfLoops) list[length++] = members[b]!;
        }
      }
      rowEnd[i] = length;
      found.length = length;
    }
  }
}

function gatherPoints(points: Points, members: Int32Array): Float64Array {
  const { values, stride } = points;
  const gathered = new Float64Array(members.length * stride);
  for (let a = 0; a < members.length; a++) {
    const from = members[a]! * stride;
    for (let c = 0; c < stride; c++) gathered[a * stride + c] = values[from + c]!;
  }
  return gathered;
}

interface Grid {
  /** [3], the lowest corner. */
  origin: Float64Array;
  /** [3], the width of a cell along each axis. */
  side: Float64Array;
}

/** The grid over the points, or undefined where cells would exclude next to nothing. */
function gridOf(points: Points, start: number, end: number, radius: number): Grid | undefined {
  const { values, stride } = points;
  const origin = new Float64Array(3);
  const side = new Float64Array(3);
  let worthwhile = false;
  for (let c = 0; c < 3; c++) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = start; i < end; i++) {
      const value = values[i * stride + c]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const extent = high - low;
    if (extent === Number.POSITIVE_INFINITY) return undefined;
    origin[c] = low;
    side[c] = Math.max(radius * SLACK, extent / MAX_CELLS_PER_AXIS) || 1;
    if (extent >= 2 * side[c]!) worthwhile = true;
  }
  return worthwhile ? { origin, side } : undefined;
}

/** The occupied cells: members in compressed rows, and an open-addressing table from coordinates to cell. */
class CellTable {
  cellCount = 0;
  /** [cellCount + 1], first member of each cell. */
  readonly starts: Int32Array;
  /** [n], node numbers by cell, ascending within a cell. */
  readonly members: Int32Array;
  readonly #coordinates: Int32Array;
  readonly #slots: Int32Array;

  constructor(points: Points, start: number, end: number, { origin, side }: Grid) {
    const { values, stride } = points;
    const count = end - start;
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * count))).fill(-1);
    this.#coordinates = new Int32Array(3 * count);
    const cellOf = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      const at = (start + i) * stride;
      const x = Math.floor((values[at]! - origin[0]!) / side[0]!);
      const y = Math.floor((values[at + 1]! - origin[1]!) / side[1]!);
      const z = Math.floor((values[at + 2]! - origin[2]!) / side[2]!);
      cellOf[i] = this.#findOrAdd(x, y, z);
    }
    this.starts = new Int32Array(this.cellCount + 1);
    for (let i = 0; i < count; i++) this.starts[cellOf[i]! + 1]!++;
    for (let cell = 0; cell < this.cellCount; cell++) this.starts[cell + 1]! += this.starts[cell]!;
    this.members = new Int32Array(count);
    const next = this.starts.slice();
    for (let i = 0; i < count; i++) this.members[next[cellOf[i]!]!++] = start + i;
  }

  /** Writes the occupied cells among the 27 around and including `cell`, and returns how many there are. */
  findAround(cell: number, around: Int32Array): number {
    const x = this.#coordinates[3 * cell]!;
    const y = this.#coordinates[3 * cell + 1]!;
    const z = this.#coordinates[3 * cell + 2]!;
    let count = 0;
    for (let dx = -1; dx <= 1; dx++) {
      for (let dy = -1; dy <= 1; dy++) {
        for (let dz = -1; dz <= 1; dz++) {
          const found = this.find(x + dx, y + dy, z + dz);
          if (found >= 0) around[count++] = found;
        }
      }
    }
    return count;
  }

  /** The occupied cell at these cell coordinates, or -1. */
  find(x: number, y: number, z: number): number {
    return this.#slots[this.#slot(x, y, z)]!;
  }

  #findOrAdd(x: number, y: number, z: number): number {
    const slot = this.#slot(x, y, z);
    if (this.#slots[slot]! < 0) {
      this.#coordinates[3 * this.cellCount] = x;
      this.#coordinates[3 * this.cellCount + 1] = y;
      this.#coordinates[3 * this.cellCount + 2] = z;
      this.#slots[slot] = this.cellCount++;
    }
    return this.#slots[slot]!;
  }

  /** The slot that holds these coordinates, or the empty one where they belong; the table is half empty. */
  #slot(x: number, y: number, z: number): number {
    const slots = this.#slots;
    const coordinates = this.#coordinates;
    const mask = slots.length - 1;
    let hash = Math.imul(x, 0x9e3779b1) ^ Math.imul(y, 0x85ebca6b) ^ Math.imul(z, 0xc2b2ae35);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    let slot = (hash ^ (hash >>> 13)) & mask;
    while (slots[slot]! >= 0) {
      const at = 3 * slots[slot]!;
      if (coordinates[at] === x && coordinates[at + 1] === y && coordinates[at + 2] === z) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }
}
