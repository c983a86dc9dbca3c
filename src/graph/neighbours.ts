/**
 * Graphs from positions: every node receives from the nodes within a radius, or from its k nearest ones. Both work
 * in any dimension, graph by graph through a batch, and give the same result on every run. Their cost is nearly
 * linear in the number of nodes; edges come out in compressed rows, senders ascending, with nothing left to sort.
 */

import { shown } from '../shown.ts';
import { appendWithinRadius } from './cells.ts';
import { checkCount } from './edge-index.ts';
import { Graph } from './graph.ts';
import { IntList } from './int-list.ts';
import { KdTree } from './kd-tree.ts';
import type { PlainMatrix } from './plain-matrix.ts';
import { type Points, readPoints } from './points.ts';

export interface RadiusGraphOptions {
  /** n, the number of coordinates of a node. */
  dimensions: number;
  /** In the unit of the coordinates; a node exactly at this distance is a neighbour. */
  radius: number;
  /** [graphCount], the sizes of the graphs in a batch; left out for one graph. */
  nodeCounts?: ArrayLike<number>;
  /** Keep this many nearest senders for a receiver, ties going to the lower number; a self loop does not count. */
  maxNeighbours?: number;
  /** Whether every node also receives from itself. Default false. */
  selfLoops?: boolean;
}

export interface NearestNeighbourGraphOptions {
  /** n, the number of coordinates of a node. */
  dimensions: number;
  /** Senders for a receiver; every other node of its graph where there are fewer. */
  k: number;
  /** [graphCount], the sizes of the graphs in a batch; left out for one graph. */
  nodeCounts?: ArrayLike<number>;
}

/**
 * Joins the nodes j -> i of a graph with |x_i - x_j| <= radius, compared as squares in float64.
 * @param coordinates [N, dimensions], nested rows or flat and row-major.
 * @throws RangeError for coordinates that are not finite, a negative radius, sizes that do not fit.
 */
export function radiusGraph(coordinates: PlainMatrix, options: RadiusGraphOptions): { graph: Graph } {
  const { radius, selfLoops = false } = options;
  if (!(typeof radius === 'number' && radius >= 0))
    throw new RangeError(`radius is ${shown(radius)}; allowed: numbers from 0`);
  const cap =
    options.maxNeighbours === undefined ? undefined : checkCount(options.maxNeighbours, 'maxNeighbours');
  const points = readPoints(coordinates, options.dimensions, options.nodeCounts);
  return buildRows(points, (start, end, senders, edgeOffsets) => {
    if (cap === undefined || cap >= end - start - 1) {
      appendWithinRadius(points, start, end, radius, selfLoops, senders, edgeOffsets);
    } else {
      appendNearest(points, start, end, cap, radius, selfLoops, senders, edgeOffsets);
    }
  });
}

/**
 * Lets every node receive from the k nearest other nodes of its graph, ties in distance going to the lower node
 * number. The relation is not symmetric: i may receive from j without j receiving from i.
 * @param coordinates [N, dimensions], nested rows or flat and row-major.
 * @throws RangeError for coordinates that are not finite, a k that is not a whole number, sizes that do not fit.
 */
export function nearestNeighbourGraph(
  coordinates: PlainMatrix,
  options: NearestNeighbourGraphOptions,
): { graph: Graph } {
  const k = checkCount(options.k, 'k');
  const points = readPoints(coordinates, options.dimensions, options.nodeCounts);
  return buildRows(points, (start, end, senders, edgeOffsets) => {
    appendNearest(points, start, end, k, Number.POSITIVE_INFINITY, false, senders, edgeOffsets);
  });
}

function buildRows(
  points: Points,
  appendRows: (start: number, end: number, senders: IntList, edgeOffsets: Int32Array) => void,
): { graph: Graph } {
  const { nodeOffsets } = points;
  const senders = new IntList();
  const edgeOffsets = new Int32Array(points.nodeCount + 1);
  for (let g = 0; g + 1 < nodeOffsets.length; g++) {
    appendRows(nodeOffsets[g]!, nodeOffsets[g + 1]!, senders, edgeOffsets);
  }
  const graph = Graph.fromCsr({ nodeOffsets, edgeOffsets, senders: senders.values.slice(0, senders.length) });
  return { graph };
}

function appendNearest(
  points: Points,
  start: number,
  end: number,
  k: number,
  radius: number,
  selfLoops: boolean,
  senders: IntList,
  edgeOffsets: Int32Array,
): void {
  const count = end - start;
  if (count === 0) return;
  const found = new IntList();
  const rowStart = new Int32Array(count);
  const rowEnd = new Int32Array(count);
  new KdTree(points, start, end).findNearest(Math.min(k, count - 1), radius, found, rowStart, rowEnd);
  senders.reserve(found.length + (selfLoops ? count : 0));
  for (let i = 0; i < count; i++) {
    const first = senders.length;
    for (let k = rowStart[i]!; k < rowEnd[i]!; k++) senders.values[senders.length++] = found.values[k]!;
    if (selfLoops) insertAscending(senders, first, start + i);
    edgeOffsets[start + i + 1] = senders.length;
  }
}

function insertAscending(list: IntList, first: number, value: number): void {
  let at = list.length++;
  while (at > first && list.values[at - 1]! > value) {
    list.values[at] = list.values[at - 1]!;
    at--;
  }
  list.values[at] = value;
}
