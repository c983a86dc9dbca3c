/**
 * @file Sums and means of rows by segment: of edges by receiver, of nodes by graph.
 *
 * ONNX has two operators that add rows up by an index. On processors ONNX Runtime's `ScatterND` adds on several threads
 * without a lock and loses summands (seen in 1.30 and 1.32). Its `ScatterElements` adds one element at a time on one
 * thread, which takes longer than everything else in a layer. So rows in the order of their segments are added in two
 * steps:
 *
 * 1. Each segment's rows fill groups of K rows, the last one filled up with zeros; groups are summed in parallel.
 * 2. `ScatterElements` adds the groups' sums to their segments.
 *
 * With K the mean number of rows a segment, rounded up, there are at most twice as many groups as segments, and at most
 * K zeros a segment, however unequal segments are.
 */
import type { Aggregation } from '../backends/backend.ts';
import type { GraphBuilder, Value } from './builder.ts';
import { gather, rowCount } from './operations.ts';

export interface Segments {
  /** int64 [rows], the segment of each row. */
  readonly index: Value;
  /** int64 [1], how many segments there are. */
  readonly count: Value;
  /** Whether `index` never falls. */
  readonly ascending: boolean;
}

/** The sum or mean of each segment's rows [rows, columns], [segments, columns]; zero where there are none. */
export function aggregate(
  builder: GraphBuilder,
  rows: Value,
  segments: Segments,
  aggregation: Aggregation,
): Value {
  const { index, count, ascending } = segments;
  const sums = ascending ? groupedSums(builder, rows, segments) : scatterSums(builder, rows, index, count);
  if (aggregation === 'sum') return sums;
  const members = builder.node('Cast', [sizesOf(builder, segments)], { to: { integer: FLOAT } });
  const divisors = builder.node('Max', [members, builder.scalar(1)]);
  return builder.node('Div', [sums, builder.node('Unsqueeze', [divisors, builder.integers([1])])]);
}

/** TensorProto.DataType */
const FLOAT = 1;

/** How rows lie in groups; all int64. */
interface Groups {
  /** K, [1] */
  readonly size: Value;
  /** How many groups there are, [1]. */
  readonly count: Value;
  /** Each row's place among groups x K, [rows]. */
  readonly places: Value;
  /** Each group's segment, [groups]. */
  readonly segments: Value;
}

function groupedSums(builder: GraphBuilder, rows: Value, segments: Segments): Value {
  const { size, count, places, segments: segmentOfGroup } = groupsOf(builder, segments);
  const zeros = zeroRows(builder, builder.node('Mul', [count, size]), rows);
  const column = builder.node('Unsqueeze', [places, builder.integers([1])]);
  // No two rows have the same place, so that threads do not meet.
  const filled = builder.node('ScatterND', [zeros, column, rows]);
  const shape = concatenateShapes(builder, [count, size, columnsOf(builder, rows)]);
  const groups = builder.node('Reshape', [filled, shape], { allowzero: { integer: 1 } });
  const sums = builder.node('ReduceSum', [groups, builder.integers([1])], { keepdims: { integer: 0 } });
  return scatterSums(builder, sums, segmentOfGroup, segments.count);
}

function groupsOf(builder: GraphBuilder, segments: Segments): Groups {
  const one = builder.integers([1]);
  const rows = rowCount(builder, segments.index);
  const size = roundedUp(builder, rows, builder.node('Max', [segments.count, one]));
  const k = builder.node('Max', [size, one]);
  const sizes = sizesOf(builder, segments);
  const groups = roundedUp(builder, sizes, k);
  const before = (counts: Value) =>
    builder.node('CumSum', [counts, builder.integers(0)], { exclusive: { integer: 1 } });
  // A segment's first place, less the rows before it: what its rows are moved by.
  const moves = builder.node('Sub', [builder.node('Mul', [before(groups), k]), before(sizes)]);
  const places = builder.node('Add', [rangeOf(builder, rows), gather(builder, moves, segments.index)]);
  const count = builder.node('ReduceSum', [groups]);
  const unknown = builder.node('Expand', [builder.integers(0), count]);
  const groupOfRow = builder.node('Div', [places, k]);
  return {
    size: k,
    count,
    places,
    segments: scatter(builder, unknown, groupOfRow, segments.index, 'max'),
  };
}

/** Rows by an index in any order, one element after the other. */
function scatterSums(builder: GraphBuilder, rows: Value, index: Value, count: Value): Value {
  const column = builder.node('Unsqueeze', [index, builder.integers([1])]);
  const indices = builder.node('Expand', [column, builder.node('Shape', [rows])]);
  return scatter(builder, zeroRows(builder, count, rows), indices, rows, 'add');
}

/** How many rows each segment has, int64 [segments]. */
function sizesOf(builder: GraphBuilder, { index, count }: Segments): Value {
  const zeros = builder.node('Expand', [builder.integers(0), count]);
  const ones = builder.node('Expand', [builder.integers(1), rowCount(builder, index)]);
  return scatter(builder, zeros, index, ones, 'add');
}

function scatter(
  builder: GraphBuilder,
  onto: Value,
  index: Value,
  values: Value,
  reduction: 'add' | 'max',
): Value {
  return builder.node('ScatterElements', [onto, index, values], { reduction: { text: reduction } });
}

/** Zeros [count, columns] with the columns of `rows`. */
function zeroRows(builder: GraphBuilder, count: Value, rows: Value): Value {
  return builder.node('ConstantOfShape', [concatenateShapes(builder, [count, columnsOf(builder, rows)])]);
}

function columnsOf(builder: GraphBuilder, rows: Value): Value {
  return builder.node('Shape', [rows], { start: { integer: 1 } });
}

function concatenateShapes(builder: GraphBuilder, sizes: readonly Value[]): Value {
  return builder.node('Concat', sizes, { axis: { integer: 0 } });
}

/** 0, 1, ... up to a count that is [1]. */
export function rangeOf(builder: GraphBuilder, count: Value): Value {
  const end = builder.node('Squeeze', [count]);
  return builder.node('Range', [builder.integers(0), end, builder.integers(1)]);
}

/** ceil(a / b) of whole numbers from 0 */
function roundedUp(builder: GraphBuilder, a: Value, b: Value): Value {
  const last = builder.node('Sub', [b, builder.integers([1])]);
  return builder.node('Div', [builder.node('Add', [a, last]), b]);
}
