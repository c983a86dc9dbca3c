/** @file Moving rows along an index, and sums of rows. */
import type { Backend } from '../../backend.ts';
import { type WasmMatrix, type WasmRows, wasm } from '../matrix.ts';
import { defineProgram } from '../program.ts';
import { indexRows, splitOf, type WasmIndex } from '../row-index.ts';
import { firstCopy, type Workspace } from '../workspace.ts';

const FLOAT = 4;
/** Rows whose share is gathered at a time. */
const TILE_ROWS = 256;
const shareBytes = () => TILE_ROWS * FLOAT;

/** target[r] (+)= share source[index[r]] for the rows r of this thread; shares [to] 0 = 1 */
const gather = defineProgram(
  ['source', 'index', 'shares', 'target', 'columns', 'accumulate'],
  (thread, { source, index, shares, target, columns, accumulate }) => {
    const { kernels, begin, end } = thread;
    const share = shares && thread.scratch(TILE_ROWS);
    for (let row = begin; row < end; row += TILE_ROWS) {
      const rows = Math.min(TILE_ROWS, end - row);
      const at = index + row * FLOAT;
      const to = target + row * columns * FLOAT;
      if (share) kernels.gatherRows(shares, at, share, rows, 1);
      if (!accumulate && !share) kernels.gatherRows(source, at, to, rows, columns);
      else {
        if (!accumulate) kernels.fill(to, 0, rows * columns);
        kernels.gatherAddRows(source, at, share, to, rows, columns);
      }
    }
  },
  shareBytes,
);

/** target[index[r]] += share source[r] for the rows r of this thread */
const scatterAdd = defineProgram(
  ['source', 'index', 'shares', 'target', 'targetStride', 'columns'],
  (thread, { source, index, shares, target, targetStride, columns }) => {
    const { kernels, begin, end } = thread;
    const share = shares && thread.scratch(TILE_ROWS);
    const to = target + thread.index * targetStride;
    for (let row = begin; row < end; row += TILE_ROWS) {
      const rows = Math.min(TILE_ROWS, end - row);
      const at = index + row * FLOAT;
      if (share) kernels.gatherRows(shares, at, share, rows, 1);
      kernels.scatterAddRows(source + row * columns * FLOAT, share, at, to, rows, columns);
    }
  },
  shareBytes,
);

const rowSums = defineProgram(
  ['x', 'y', 'columns', 'accumulate'],
  ({ kernels, begin, end }, { x, y, columns, accumulate }) =>
    kernels.rowSums(x + begin * columns * FLOAT, y + begin * FLOAT, end - begin, columns, accumulate),
);

export function rowMethods(
  workspace: Workspace,
  addCombined: (from: WasmMatrix, to: WasmMatrix) => void,
): Pick<Backend, 'gather' | 'scatterAdd' | 'rowSums' | 'rowIndex'> {
  return {
    rowIndex: (values, from, to) => indexRows(workspace, values, from as WasmRows, to as WasmRows),
    gather(source, index, target, accumulate, mean) {
      const { from, pointer, shares } = index as WasmIndex;
      const reads = { source: wasm(source) };
      const numbers = {
        index: pointer,
        shares: mean ? shares : 0,
        columns: source.columns,
        accumulate: accumulate ? 1 : 0,
      };
      workspace.run(gather, from, reads, { target: wasm(target) }, numbers, splitOf(index));
    },
    scatterAdd(source, index, target, mean) {
      const { from, pointer, shares } = index as WasmIndex;
      const split = splitOf(index);
      // Where threads may reach the same row, each adds to a copy of its own first.
      const shared = Number.isNaN(split) && workspace.threads > 1 && wasm(target).copyStride === 0;
      const to = shared ? workspace.accumulator(wasm(target).rows, target.columns, 'scratch') : wasm(target);
      const numbers = { index: pointer, shares: mean ? shares : 0, columns: source.columns };
      workspace.run(scatterAdd, from, { source: wasm(source) }, { target: to }, numbers, split);
      if (shared) addCombined(to, wasm(target));
    },
    rowSums(x, y, accumulate) {
      const numbers = { columns: x.columns, accumulate: accumulate ? 1 : 0 };
      workspace.run(rowSums, wasm(x).rows, { x: wasm(x) }, { y: wasm(y) }, numbers);
    },
  };
}

/** Adds an accumulator's total to an ordinary matrix. */
export function combinedAdder(workspace: Workspace, affine: Backend['affine']) {
  return (from: WasmMatrix, to: WasmMatrix): void => {
    workspace.combine(from);
    affine(firstCopy(from), to, 1, 0, true);
  };
}
