/**
 * @file The boundary of a backend: what operations are called with is held against itself before a kernel sees it, so
 * that no kernel reads or writes beyond its matrices. Sizes are compared for each operation; indices are looked at once,
 * when a graph or an index is brought in. Operations that a plan repeats have been checked when it was made.
 */
import type { Graph } from '../graph/graph.ts';
import type {
  Backend,
  EdgeBlockOptions,
  EdgeBlockOutputs,
  EdgeBlockParts,
  GraphHandle,
  Matrix,
  RowIndex,
} from './backend.ts';

const MOST_ROWS = 2 ** 31 - 1;

/** The same backend, whose methods throw a RangeError where arguments do not go together. */
export function checkArguments(backend: Backend): Backend {
  return {
    ...backend,
    rows(count) {
      expectCount('rows', count, MOST_ROWS);
      return backend.rows(count);
    },
    persistent(rows, columns) {
      expectCount('columns', columns, MOST_ROWS);
      return backend.persistent(rows, columns);
    },
    scratch(rows, columns, zero) {
      expectCount('columns', columns, MOST_ROWS);
      return backend.scratch(rows, columns, zero);
    },
    accumulator(rows, columns, lifetime) {
      expectCount('columns', columns, MOST_ROWS);
      return backend.accumulator(rows, columns, lifetime);
    },
    view(matrix, first, count) {
      expectCount('first', first, matrix.rows.count);
      expectCount('count', count, matrix.rows.count - first);
      return backend.view(matrix, first, count);
    },
    reshape(matrix, offset, rows, columns) {
      expectCount('offset', offset, sizeOf(matrix));
      expectCount('columns', columns, MOST_ROWS);
      expectCount('the number of values', rows.count * columns, sizeOf(matrix) - offset);
      return backend.reshape(matrix, offset, rows, columns);
    },
    write(matrix, values) {
      if (values.length !== sizeOf(matrix))
        throw new RangeError(`write: expected ${sizeOf(matrix)} values; got ${values.length}`);
      backend.write(matrix, values);
    },
    graph(graph, options) {
      expectGraph(graph);
      return backend.graph(graph, options);
    },
    rowIndex(values, from, to) {
      // A copy of its own: whatever the values are, they do not change between this look and the kernels'.
      const own = new Int32Array(values);
      expectIndices('index', own, from.count, to.count);
      return backend.rowIndex(own, from, to);
    },

    multiply(x, weight, bias, y, accumulate) {
      expectProduct('multiply', x, weight, y);
      if (bias) expectShape('multiply', 'bias', bias, 1, weight.columns);
      backend.multiply(x, weight, bias, y, accumulate);
    },
    multiplyInputGradient(dy, weight, dx) {
      expectProduct('multiplyInputGradient', dx.matrix, weight, dy);
      backend.multiplyInputGradient(dy, weight, dx);
    },
    multiplyWeightGradient(x, dy, dWeight) {
      expectProduct('multiplyWeightGradient', x, dWeight, dy);
      backend.multiplyWeightGradient(x, dy, dWeight);
    },
    columnSums(x, sums) {
      expectShape('columnSums', 'sums', sums, 1, x.columns);
      backend.columnSums(x, sums);
    },

    activate(activation, z, y) {
      expectSame('activate', 'y', y, z);
      backend.activate(activation, z, y);
    },
    activationGradient(activation, z, dy, dz) {
      expectSame('activationGradient', 'dy', dy, z);
      expectSame('activationGradient', 'dz', dz.matrix, z);
      backend.activationGradient(activation, z, dy, dz);
    },
    binary(operation, a, b, y) {
      expectBroadcast('binary', b, a);
      expectSame('binary', 'y', y, a);
      backend.binary(operation, a, b, y);
    },
    binaryGradient(operation, a, b, dy, da, db) {
      expectBroadcast('binaryGradient', b, a);
      expectSame('binaryGradient', 'dy', dy, a);
      if (da) expectSame('binaryGradient', 'da', da, a);
      if (db) expectSame('binaryGradient', 'db', db, b);
      backend.binaryGradient(operation, a, b, dy, da, db);
    },
    affine(x, y, scale, shift, accumulate) {
      expectSame('affine', 'y', y, x);
      backend.affine(x, y, scale, shift, accumulate);
    },
    copyColumns(source, sourceOffset, target, targetOffset, width, accumulate) {
      expectCount('copyColumns: width', width, source.columns);
      expectCount('copyColumns: sourceOffset', sourceOffset, source.columns - width);
      expectCount('copyColumns: targetOffset', targetOffset, target.columns - width);
      expectShape('copyColumns', 'target', target, source.rows.count, undefined);
      backend.copyColumns(source, sourceOffset, target, targetOffset, width, accumulate);
    },

    gather(source, index, target, accumulate, mean) {
      expectIndexed('gather', index, target, source);
      backend.gather(source, index, target, accumulate, mean);
    },
    scatterAdd(source, index, target, mean) {
      expectIndexed('scatterAdd', index, source, target);
      backend.scatterAdd(source, index, target, mean);
    },
    rowSums(x, y, accumulate) {
      expectShape('rowSums', 'y', y, x.rows.count, 1);
      backend.rowSums(x, y, accumulate);
    },

    sum(x, y, scale) {
      expectShape('sum', 'y', y, 1, 1);
      backend.sum(x, y, scale);
    },
    sumGradient(dy, dx, scale) {
      expectShape('sumGradient', 'dy', dy, 1, 1);
      backend.sumGradient(dy, dx, scale);
    },
    loss(loss, prediction, target, y, scale) {
      expectSame('loss', 'target', target, prediction);
      expectShape('loss', 'y', y, 1, 1);
      backend.loss(loss, prediction, target, y, scale);
    },
    lossGradient(loss, prediction, target, dy, dPrediction, scale) {
      expectSame('lossGradient', 'target', target, prediction);
      expectShape('lossGradient', 'dy', dy, 1, 1);
      expectSame('lossGradient', 'dPrediction', dPrediction, prediction);
      backend.lossGradient(loss, prediction, target, dy, dPrediction, scale);
    },

    edgeBlock(graph, inputs, options, outputs, keep) {
      expectEdgeBlock('edgeBlock', graph, inputs, options, outputs);
      return backend.edgeBlock(graph, inputs, options, outputs, keep);
    },
    edgeBlockGradient(graph, inputs, options, outputGradients, gradients, saved) {
      expectEdgeBlock('edgeBlockGradient', graph, inputs, options, outputGradients);
      for (const name in gradients) {
        const part = name as keyof EdgeBlockParts<Matrix>;
        const [gradient, input] = [gradients[part], inputs[part]];
        if (!gradient) continue;
        if (!input) throw new RangeError(`edgeBlockGradient: there is no ${name} for its gradient`);
        expectSame('edgeBlockGradient', name, gradient, input);
      }
      backend.edgeBlockGradient(graph, inputs, options, outputGradients, gradients, saved);
    },

    adam(parameters, gradients, firstMoment, secondMoment, settings) {
      expectSame('adam', 'gradients', gradients, parameters);
      expectSame('adam', 'firstMoment', firstMoment, parameters);
      expectSame('adam', 'secondMoment', secondMoment, parameters);
      backend.adam(parameters, gradients, firstMoment, secondMoment, settings);
    },
    averageWeights(average, parameters, decay) {
      expectSame('averageWeights', 'average', average, parameters);
      backend.averageWeights(average, parameters, decay);
    },
    sumOfSquares(x, y) {
      expectShape('sumOfSquares', 'y', y, 1, 1);
      backend.sumOfSquares(x, y);
    },
  };
}

function sizeOf({ rows, columns }: Matrix): number {
  return rows.count * columns;
}

function expectCount(what: string, count: number, most: number): void {
  if (!(Number.isInteger(count) && count >= 0 && count <= most))
    throw new RangeError(`${what} must be a whole number from 0 to ${most}; got ${count}`);
}

function expectShape(
  operation: string,
  name: string,
  matrix: Matrix,
  rows: number,
  columns: number | undefined,
): void {
  if (matrix.rows.count === rows && (columns === undefined || matrix.columns === columns)) return;
  throw new RangeError(
    `${operation}: ${name} must be [${rows}, ${columns ?? 'any'}]; got [${matrix.rows.count}, ${matrix.columns}]`,
  );
}

function expectSame(operation: string, name: string, matrix: Matrix, like: Matrix): void {
  expectShape(operation, name, matrix, like.rows.count, like.columns);
}

/** y = x weight */
function expectProduct(operation: string, x: Matrix, weight: Matrix, y: Matrix): void {
  expectShape(operation, 'the weight', weight, x.columns, undefined);
  expectShape(operation, 'the product', y, x.rows.count, weight.columns);
}

function expectBroadcast(operation: string, b: Matrix, a: Matrix): void {
  const rows = b.rows.count === 1 ? 1 : a.rows.count;
  expectShape(operation, 'b', b, rows, b.columns === 1 ? 1 : a.columns);
}

/** `long` has a row for each entry of the index, `short` for each that an entry can name. */
function expectIndexed(operation: string, { from, to }: RowIndex, long: Matrix, short: Matrix): void {
  expectShape(operation, 'the rows of the index', long, from.count, short.columns);
  expectShape(operation, 'the rows that it names', short, to.count, undefined);
}

function expectEdgeBlock(
  operation: string,
  { nodes, edges }: GraphHandle,
  inputs: EdgeBlockParts<Matrix>,
  { squaredDistance }: EdgeBlockOptions,
  outputs: EdgeBlockOutputs<Matrix>,
): void {
  const { x, edgeAttributes, pairWeight, messageWeight, gateWeight, gateBias } = inputs;
  const { coordinateWeight, coordinateBias, coordinateHead, coordinateHeadBias } = inputs;
  const [first, message] = [messageWeight.rows.count, messageWeight.columns];
  const expect = (name: string, matrix: Matrix | undefined, rows: number, columns: number | undefined) =>
    matrix && expectShape(operation, name, matrix, rows, columns);
  expect('receiverPart', inputs.receiverPart, nodes.count, first);
  expect('senderPart', inputs.senderPart, nodes.count, first);
  expect('messageBias', inputs.messageBias, 1, message);
  expect('x', x, nodes.count, undefined);
  expect('edgeAttributes', edgeAttributes, edges.count, undefined);
  const pairs = (squaredDistance ? 1 : 0) + (edgeAttributes?.columns ?? 0);
  expect('pairWeight', pairWeight, pairs, first);
  if (pairs > 0 && !pairWeight) throw new RangeError(`${operation}: pairWeight is missing`);
  if (!x && (squaredDistance || coordinateHead || outputs.shift))
    throw new RangeError(`${operation}: x is missing`);
  if (outputs.shift && !coordinateHead) throw new RangeError(`${operation}: coordinateHead is missing`);
  expect('gateWeight', gateWeight, message, 1);
  expect('gateBias', gateBias, 1, 1);
  expect('coordinateWeight', coordinateWeight, message, undefined);
  expect('coordinateBias', coordinateBias, 1, coordinateWeight?.columns ?? 0);
  expect('coordinateHead', coordinateHead, coordinateWeight?.columns ?? message, 1);
  expect('coordinateHeadBias', coordinateHeadBias, 1, 1);
  expect('messages', outputs.messages, nodes.count, message);
  expect('shift', outputs.shift, nodes.count, x?.columns);
}

/** @throws RangeError where a graph's arrays do not go together; those of `Graph.fromCsr` come unseen */
function expectGraph(graph: Graph): void {
  const { kind, nodeCount, edgeCount, graphCount, nodeOffsets } = graph;
  expectOffsets('nodeOffsets', nodeOffsets, graphCount, nodeCount);
  expectOffsets('edgeOffsets', graph.edgeOffsets, nodeCount, edgeCount);
  if (kind === 'complete') return;
  expectIndices('graph: senders', graph.senders, edgeCount, nodeCount);
}

function expectOffsets(name: string, offsets: Int32Array, rows: number, total: number): void {
  let ascends = offsets.length === rows + 1 && offsets[0] === 0 && offsets[rows] === total;
  for (let row = 0; ascends && row < rows; row++) ascends = offsets[row] <= offsets[row + 1];
  if (!ascends)
    throw new RangeError(`graph: ${name} must be ${rows + 1} numbers that ascend from 0 to ${total}`);
}

/**
 * Called again where a backend copies a graph's arrays, which it does when they are first needed: a program may have written
 * to them since.
 * @throws RangeError if there are not so many entries, or one is no number from 0 below `count`
 */
export function expectIndices(what: string, values: Int32Array, entries: number, count: number): void {
  if (values.length !== entries)
    throw new RangeError(`${what} must have ${entries} entries; got ${values.length}`);
  for (let k = 0; k < values.length; k++)
    // Unsigned, a negative one is out of range too.
    if (values[k] >>> 0 >= count)
      throw new RangeError(`${what}[${k}] = ${values[k]} is not in [0, ${count})`);
}
