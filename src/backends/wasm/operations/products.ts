/** @file Products with weights, forward and backward. */
import { align } from '../memory.ts';
import { defineProgram } from '../program.ts';

const FLOAT = 4;
/** Rows of a weight gradient's tile: x and dy stay in the nearest cache, which keeps its speed at any batch size. */
const TILE_ROWS = 96;

/** y = x weight + bias, or y += x weight */
export const multiply = defineProgram(
  ['x', 'weight', 'bias', 'y', 'inner', 'columns', 'accumulate'],
  ({ kernels, begin, end }, { x, weight, bias, y, inner, columns, accumulate }) => {
    const from = x + begin * inner * FLOAT;
    const to = y + begin * columns * FLOAT;
    if (accumulate) kernels.matmulAccumulate(from, weight, to, end - begin, inner, columns);
    else kernels.matmul(from, weight, bias, to, end - begin, inner, columns);
  },
);

/** dx (+)= dy weight^T */
export const multiplyInputGradient = defineProgram(
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
export const multiplyWeightGradient = defineProgram(
  ['x', 'dy', 'dWeight', 'dWeightStride', 'inner', 'columns'],
  ({ kernels, index, begin, end }, { x, dy, dWeight, dWeightStride, inner, columns }) => {
    const target = dWeight + index * dWeightStride;
    for (let row = begin; row < end; row += TILE_ROWS) {
      const rows = Math.min(TILE_ROWS, end - row);
      kernels.outerAccumulate(
        x + row * inner * FLOAT,
        dy + row * columns * FLOAT,
        target,
        rows,
        inner,
        columns,
      );
    }
  },
);

/** sums += column sums of x */
export const columnSums = defineProgram(
  ['x', 'sums', 'sumsStride', 'columns'],
  ({ kernels, index, begin, end }, { x, sums, sumsStride, columns }) =>
    kernels.columnSums(x + begin * columns * FLOAT, sums + index * sumsStride, end - begin, columns),
);
