/** @file Moving rows along an index, and sums of rows. */
import { defineProgram } from '../program.ts';

const FLOAT = 4;
/** Rows whose scale is gathered at a time. */
const TILE_ROWS = 256;

/** target[r] (+)= share source[index[r]] for the rows r of this thread; shares [to] 0 = 1 */
export const gather = defineProgram(
  ['source', 'index', 'shares', 'target', 'columns', 'accumulate'],
  (thread, { source, index, shares, target, columns, accumulate }) => {
    const { kernels, begin, end } = thread;
    const scale = shares && thread.scratch(TILE_ROWS);
    for (let row = begin; row < end; row += TILE_ROWS) {
      const rows = Math.min(TILE_ROWS, end - row);
      const at = index + row * FLOAT;
      const to = target + row * columns * FLOAT;
      if (scale) kernels.gatherRows(shares, at, scale, rows, 1);
      if (!accumulate && !scale) kernels.gatherRows(source, at, to, rows, columns);
      else {
        if (!accumulate) kernels.fill(to, 0, rows * columns);
        kernels.gatherAddRows(source, at, scale, to, rows, columns);
      }
    }
  },
  () => TILE_ROWS * FLOAT,
);

/** target[index[r]] += share source[r] for the rows r of this thread; target may be an accumulator */
export const scatterAdd = defineProgram(
  ['source', 'index', 'shares', 'target', 'targetStride', 'columns'],
  (thread, { source, index, shares, target, targetStride, columns }) => {
    const { kernels, begin, end } = thread;
    const scale = shares && thread.scratch(TILE_ROWS);
    for (let row = begin; row < end; row += TILE_ROWS) {
      const rows = Math.min(TILE_ROWS, end - row);
      const at = index + row * FLOAT;
      if (scale) kernels.gatherRows(shares, at, scale, rows, 1);
      kernels.scatterAddRows(
        source + row * columns * FLOAT,
        scale,
        at,
        target + thread.index * targetStride,
        rows,
        columns,
      );
    }
  },
  () => TILE_ROWS * FLOAT,
);

export const rowSums = defineProgram(
  ['x', 'y', 'columns', 'accumulate'],
  ({ kernels, begin, end }, { x, y, columns, accumulate }) =>
    kernels.rowSums(x + begin * columns * FLOAT, y + begin * FLOAT, end - begin, columns, accumulate),
);
