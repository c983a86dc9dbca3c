/** @file Products with weights, forward and backward. */
import type { Backend } from '../../backend.ts';
import { wasm } from '../matrix.ts';
import { align } from '../memory.ts';
import { defineProgram } from '../program.ts';
import type { Workspace } from '../workspace.ts';

const FLOAT = 4;
/** Rows of a weight gradient's tile: x and dy stay in the nearest cache, which keeps its speed at any batch size. */
const TILE_ROWS = 96;

/** y = x weight + bias, or y += x weight */
const multiply = defineProgram(
  ['x', 'weight', 'bias', 'y', 'inner', 'columns', 'accumulate'],
  ({ kernels, begin, end }, { x, weight, bias, y, inner, columns, accumulate }) => {
    const from = x + begin * inner * FLOAT;
    const to = y + begin * columns * FLOAT;
    if (accumulate) kernels.matmulAccumulate(from, weight, to, end - begin, inner, columns);
    else kernels.matmul(from, weight, bias, to, end - begin, inner, columns);
  },
);

/** dx (+)= dy weight^T */
const inputGradient = defineProgram(
  ['dy', 'weight', 'dx', 'inner', 'columns', 'accumulate'],
  (thread, { dy, weight, dx, inner, columns, accumulate }) => {
    const { kernels, begin, end } = thread;
    if (begin === end) return;
    const transposed = thread.scratch(inner * columns);
    kernels.transpose(weight, transposed, inner, columns);
    const from = dy + begin * columns * FLOAT;
    const to = dx + begin * inner * FLOAT;
    if (accumulate) kernels.matmulAccumulate(from, transposed, to, end - begin, columns, inner);
    else kernels.matmul(from, transposed, 0, to, end - begin, columns, inner);
  },
  ({ inner, columns }) => align(inner * columns * FLOAT),
);

/** dWeight += x^T dy */
const weightGradient = defineProgram(
  ['x', 'dy', 'dWeight', 'dWeightStride', 'inner', 'columns'],
  ({ kernels, index, begin, end }, { x, dy, dWeight, dWeightStride, inner, columns }) => {
    const target = dWeight + index * dWeightStride;
    for (let row = begin; row < end; row += TILE_ROWS)
      kernels.outerAccumulate(
        x + row * inner * FLOAT,
        dy + row * columns * FLOAT,
        target,
        Math.min(TILE_ROWS, end - row),
        inner,
        columns,
      );
  },
);

/** sums += column sums of x */
const columnSums = defineProgram(
  ['x', 'sums', 'sumsStride', 'columns'],
  ({ kernels, index, begin, end }, { x, sums, sumsStride, columns }) =>
    kernels.columnSums(x + begin * columns * FLOAT, sums + index * sumsStride, end - begin, columns),
);

type Products = Pick<Backend, 'multiply' | 'multiplyInputGradient' | 'multiplyWeightGradient' | 'columnSums'>;

export function productMethods(workspace: Workspace): Products {
  return {
    multiply(x, weight, bias, y, accumulate) {
      const reads = { x: wasm(x), weight: wasm(weight), bias: bias && wasm(bias) };
      workspace.run(
        multiply,
        wasm(y).rows,
        reads,
        { y: wasm(y) },
        {
          inner: x.columns,
          columns: y.columns,
          accumulate: accumulate ? 1 : 0,
        },
      );
    },
    multiplyInputGradient(dy, weight, { matrix: dx, accumulate }) {
      const reads = { dy: wasm(dy), weight: wasm(weight) };
      workspace.run(
        inputGradient,
        wasm(dy).rows,
        reads,
        { dx: wasm(dx) },
        {
          inner: dx.columns,
          columns: dy.columns,
          accumulate: accumulate ? 1 : 0,
        },
      );
    },
    multiplyWeightGradient(x, dy, dWeight) {
      const reads = { x: wasm(x), dy: wasm(dy) };
      const numbers = { inner: x.columns, columns: dy.columns };
      workspace.run(weightGradient, wasm(dy).rows, reads, { dWeight: wasm(dWeight) }, numbers);
    },
    columnSums(x, sums) {
      const numbers = { columns: x.columns };
      workspace.run(columnSums, wasm(x).rows, { x: wasm(x) }, { sums: wasm(sums) }, numbers);
    },
  };
}
