/**
 * The k nearest points, by a k-d tree with tight bounding boxes: unlike cells of one width it adapts to points of
 * any density and to more than three dimensions. Ties in distance go to the lower node number.
 *
 * A box's distance is computed in the same order of operations as a point's, and rounding is monotonic, so the
 * distance to a box never exceeds that to a point inside: pruning is exact, down to the last bit.
 */

import type { IntList } from './int-list.ts';
import { type Points, squaredDistance } from './points.ts';

const LEAF_SIZE = 20;

export class KdTree {
  readonly #stride: number;
  readonly #start: number;
  /** [n], node numbers by leaf, ascending within a leaf. */
  readonly #members: Int32Array;
  /** [n, stride], the points in the order of `members`. */
  readonly #sorted: Float64Array;
  /** Tree nodes in preorder: the left child follows its parent, `right` is the other one, 0 for a leaf. */
  readonly #right: Int32Array;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  /** [treeNodes, 2, stride]: lowest and highest corner. */
  readonly #boxes: Float64Array;
  #treeNodes = 0;

  /** A max-heap of the best candidates so far, by (distance, node number). */
  #heapNodes = new Int32Array(0);
  #heapDistances = new Float64Array(0);
  #heapSize = 0;
  /** The squared distance that a candidate must not exceed. */
  #limit = 0;
  /** The position in `members` of the node whose neighbours are sought. */
  #query = 0;

  /** A tree over the nodes start .. end. */
  constructor(points: Points, start: number, end: number) {
    const { stride } = points;
    const count = end - start;
    this.#stride = stride;
    this.#start = start;
    this.#members = Int32Array.from({ length: count }, (_, i) => start + i);
    const treeNodes = 2 * 2 ** Math.ceil(Math.log2(Math.max(1, count / LEAF_SIZE)));
    this.#right = new Int32Array(treeNodes);
    this.#starts = new Int32Array(treeNodes);
    this.#ends = new Int32Array(treeNodes);
    this.#boxes = new Float64Array(treeNodes * 2 * stride);
    this.#build(points.values, 0, count);
    this.#sorted = new Float64Array(count * stride);
    for (let a = 0; a < count; a++) {
      const from = this.#members[a]! * stride;
      for (let c = 0; c < stride; c++) this.#sorted[a * stride + c] = points.values[from + c]!;
    }
  }

  /**
   * For every node of the tree, the k nearest of the others within the radius (fewer where there are fewer), in
   * ascending order: those of node start + i are `found.values[rowStart[i] .. rowEnd[i]]`. Works leaf by leaf, so
   * that one query finds in cache what the query before it touched.
   */
  findNearest(k: number, radius: number, found: IntList, rowStart: Int32Array, rowEnd: Int32Array): void {
    this.#heapNodes = new Int32Array(k);
    this.#heapDistances = new Float64Array(k);
    for (let a = 0; a < this.#members.length; a++) {
      const node = this.#members[a]!;
      this.#limit = Math.min(radius * radius, this.#boundFromPrevious(a));
      this.#heapSize = 0;
      this.#query = a;
      if (k > 0) this.#visit(0);
      found.reserve(this.#heapSize);
      rowStart[node - this.#start] = found.length;
      const nearest = this.#heapNodes.subarray(0, this.#heapSize).sort();
      found.values.set(nearest, found.length);
      found.length += nearest.length;
      rowEnd[node - this.#start] = found.length;
    }
  }

  /**
   * What the query before says about this one: its k nearest and itself lie no farther from here than its k-th
   * distance plus the step between the two (the triangle inequality, with room for rounding).
   */
  #boundFromPrevious(position: number): number {
    if (position === 0 || this.#heapSize < this.#heapNodes.length) return Number.POSITIVE_INFINITY;
    const stride = this.#stride;
    const step = squaredDistance(
      this.#sorted,
      position * stride,
      this.#sorted,
      (position - 1) * stride,
      stride,
    );
    return (Math.sqrt(this.#heapDistances[0]!) + Math.sqrt(step)) ** 2 * (1 + 1e-9) + 1e-300;
  }

  #build(values: Float64Array, start: number, end: number): void {
    const stride = this.#stride;
    const members = this.#members;
    const node = this.#treeNodes++;
    this.#starts[node] = start;
    this.#ends[node] = end;
    const low = node * 2 * stride;
    let widest = 0;
    let extent = 0;
    for (let c = 0; c < stride; c++) {
      let min = Number.POSITIVE_INFINITY;
      let max = Number.NEGATIVE_INFINITY;
      for (let a = start; a < end; a++) {
        const value = values[members[a]! * stride + c]!;
        if (value < min) min = value;
        if (value > max) max = value;
      }
      this.#boxes[low + c] = min;
      this.#boxes[low + stride + c] = max;
      if (max - min > extent) {
        extent = max - min;
        widest = c;
      }
    }
    // Coincident points, however many, make one leaf: no plane can part them.
    if (end - start <= LEAF_SIZE || extent === 0) {
      members.subarray(start, end).sort();
      return;
    }
    const middle = (start + end) >> 1;
    selectMedian(members, values, stride, widest, start, end - 1, middle);
    this.#build(values, start, middle);
    this.#right[node] = this.#treeNodes;
    this.#build(values, middle, end);
  }

  #visit(node: number): void {
    const right = this.#right[node]!;
    if (right === 0) {
      this.#scan(node);
      return;
    }
    const leftDistance = this.#boxDistance(node + 1);
    const rightDistance = this.#boxDistance(right);
    if (leftDistance <= rightDistance) {
      if (leftDistance <= this.#limit) this.#visit(node + 1);
      if (rightDistance <= this.#limit) this.#visit(right);
    } else {
      if (rightDistance <= this.#limit) this.#visit(right);
      if (leftDistance <= this.#limit) this.#visit(node + 1);
    }
  }

  #scan(node: number): void {
    const stride = this.#stride;
    const sorted = this.#sorted;
    const query = this.#query;
    const end = this.#ends[node]!;
    const coincident = end - this.#starts[node]! > LEAF_SIZE;
    let limit = this.#limit;
    for (let a = this.#starts[node]!; a < end; a++) {
      const distance = squaredDistance(sorted, query * stride, sorted, a * stride, stride);
      if (distance <= limit && a !== query) {
        // The rest of a leaf of coincident points is as far and has higher numbers.
        if (!this.#offer(this.#members[a]!, distance) && coincident) return;
        limit = this.#limit;
      }
    }
  }

  #boxDistance(node: number): number {
    const stride = this.#stride;
    const boxes = this.#boxes;
    const sorted = this.#sorted;
    const query = this.#query * stride;
    const low = node * 2 * stride;
    const high = low + stride;
    const dx = outside(sorted[query]!, boxes[low]!, boxes[high]!);
    const dy = outside(sorted[query + 1]!, boxes[low + 1]!, boxes[high + 1]!);
    const dz = outside(sorted[query + 2]!, boxes[low + 2]!, boxes[high + 2]!);
    let sum = dx * dx + dy * dy + dz * dz;
    for (let c = 3; c < stride; c++) {
      const d = outside(sorted[query + c]!, boxes[low + c]!, boxes[high + c]!);
      sum += d * d;
    }
    return sum;
  }

  /** Puts a candidate among the best k, and says whether it belongs there. */
  #offer(node: number, distance: number): boolean {
    const nodes = this.#heapNodes;
    const distances = this.#heapDistances;
    let at: number;
    if (this.#heapSize < nodes.length) {
      at = this.#heapSize++;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!isFarther(distance, node, distances[parent]!, nodes[parent]!)) break;
        distances[at] = distances[parent]!;
        nodes[at] = nodes[parent]!;
        at = parent;
      }
    } else {
      if (!isFarther(distances[0]!, nodes[0]!, distance, node)) return false;
      at = 0;
      for (let child = 1; child < nodes.length; child = 2 * at + 1) {
        const other = child + 1;
        if (
          other < nodes.length &&
          isFarther(distances[other]!, nodes[other]!, distances[child]!, nodes[child]!)
        ) {
          child = other;
        }
        if (!isFarther(distances[child]!, nodes[child]!, distance, node)) break;
        distances[at] = distances[child]!;
        nodes[at] = nodes[child]!;
        at = child;
      }
    }
    distances[at] = distance;
    nodes[at] = node;
    if (this.#heapSize === nodes.length) this.#limit = distances[0]!;
    return true;
  }
}

function isFarther(distance: number, node: number, thanDistance: number, thanNode: number): boolean {
  return distance > thanDistance || (distance === thanDistance && node > thanNode);
}

function outside(x: number, low: number, high: number): number {
  return x < low ? low - x : x > high ? x - high : 0;
}

/**
 * Rearranges `members[left .. right]` so that the one at `k` is where a sort by coordinate `axis` would put it, no
 * greater ones before it and no smaller ones after (Hoare's selection with Floyd and Rivest's sampling).
 */
function selectMedian(
  members: Int32Array,
  values: Float64Array,
  stride: number,
  axis: number,
  left: number,
  right: number,
  k: number,
): void {
  while (right > left) {
    if (right - left > 600) {
      const n = right - left + 1;
      const m = k - left + 1;
      const z = Math.log(n);
      const s = 0.5 * Math.exp((2 * z) / 3);
      const sd = 0.5 * Math.sqrt((z * s * (n - s)) / n) * (m < n / 2 ? -1 : 1);
      const newLeft = Math.max(left, Math.floor(k - (m * s) / n + sd));
      const newRight = Math.min(right, Math.floor(k + ((n - m) * s) / n + sd));
      selectMedian(members, values, stride, axis, newLeft, newRight, k);
    }
    const pivot = values[members[k]! * stride + axis]!;
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[members[i]! * stride + axis]! < pivot) i++;
      while (values[members[j]! * stride + axis]! > pivot) j--;
      if (i <= j) {
        const swapped = members[i]!;
        members[i++] = members[j]!;
        members[j--] = swapped;
      }
    }
    if (j < k) left = i;
    if (i > k) right = j;
  }
}
