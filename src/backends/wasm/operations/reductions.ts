/**
 * @file From all rows to one number: every thread leaves a partial sum in float64, one cache line apart, and one
 * thread adds them up.
 */
import { type Backend, losses } from '../../backend.ts';
import { ACROSS, evenBounds, type WasmMatrix, type WasmRows, wasm } from '../matrix.ts';
import { ALIGNMENT } from '../memory.ts';
import { defineProgram } from '../program.ts';
import { firstCopy, type Workspace } from '../workspace.ts';

const FLOAT = 4;

const sum = defineProgram(
  ['x', 'columns', 'partials'],
  ({ kernels, index, begin, end }, { x, columns, partials }) =>
    kernels.storeDouble(
      partials + index * ALIGNMENT,
      kernels.sum(x + begin * columns * FLOAT, (end - begin) * columns),
    ),
);

const sumOfSquares = defineProgram(['x', 'partials'], ({ kernels, index, begin, end }, { x, partials }) =>
  kernels.storeDouble(partials + index * ALIGNMENT, kernels.sumOfSquares(x + begin * FLOAT, end - begin)),
);

const loss = defineProgram(
  ['kind', 'prediction', 'target', 'columns', 'partials'],
  ({ kernels, index, begin, end }, { kind, prediction, target, columns, partials }) => {
    const offset = begin * columns * FLOAT;
    const total = kernels.loss(kind, prediction + offset, target + offset, (end - begin) * columns);
    kernels.storeDouble(partials + index * ALIGNMENT, total);
  },
);

/** y = scale * the sum of the first `copies` partial sums */
const total = defineProgram(
  ['partials', 'copies', 'y', 'scale'],
  (thread, { partials, copies, y, scale }) => {
    if (thread.begin < thread.end) thread.kernels.sumPartials(partials, ALIGNMENT, copies, y, scale);
  },
);

/** dx += scale dy[0] */
const sumGradient = defineProgram(
  ['dy', 'dx', 'dxStride', 'scale', 'columns'],
  ({ kernels, index, begin, end }, { dy, dx, dxStride, scale, columns }) => {
    const target = dx + index * dxStride + begin * columns * FLOAT;
    kernels.sumGradient(dy, target, scale, (end - begin) * columns);
  },
);

const lossGradient = defineProgram(
  ['kind', 'prediction', 'target', 'dy', 'dPrediction', 'dPredictionStride', 'scale', 'columns'],
  ({ kernels, index, begin, end }, args) => {
    const { kind, prediction, target, dy, dPrediction, dPredictionStride, scale, columns } = args;
    const offset = begin * columns * FLOAT;
    kernels.lossGradient(
      kind,
      prediction + offset,
      target + offset,
      dy,
      dPrediction + index * dPredictionStride + offset,
      scale,
      (end - begin) * columns,
    );
  },
);

type Reductions = Pick<Backend, 'sum' | 'sumGradient' | 'loss' | 'lossGradient' | 'sumOfSquares'>;

export function reductionMethods(workspace: Workspace): Reductions {
  /** Runs `leave` on all shares of `rows`, then y = scale * total. */
  function reduce(rows: WasmRows, y: WasmMatrix, scale: number, leave: (partials: WasmMatrix) => void): void {
    const { threads } = workspace;
    const slots = { count: threads, bounds: evenBounds(threads, threads), split: threads };
    const partials = workspace.scratch(slots, ALIGNMENT / FLOAT);
    leave(partials);
    // Rows that the main thread has alone leave one partial sum, its own.
    const copies = rows.bounds[1] === rows.count ? 1 : threads;
    workspace.run(total, workspace.rows(1), { partials }, { y }, { copies, scale }, ACROSS);
  }

  return {
    sum(x, y, scale) {
      const { rows } = wasm(x);
      reduce(rows, wasm(y), scale, (partials) =>
        workspace.run(sum, rows, { x: wasm(x) }, { partials }, { columns: x.columns }),
      );
    },
    sumGradient(dy, dx, scale) {
      const numbers = { scale, columns: dx.columns };
      workspace.run(sumGradient, wasm(dx).rows, { dy: wasm(dy) }, { dx: wasm(dx) }, numbers);
    },
    loss(kind, prediction, target, y, scale) {
      const { rows } = wasm(prediction);
      const reads = { prediction: wasm(prediction), target: wasm(target) };
      const numbers = { kind: losses.indexOf(kind), columns: prediction.columns };
      reduce(rows, wasm(y), scale, (partials) => workspace.run(loss, rows, reads, { partials }, numbers));
    },
    lossGradient(kind, prediction, target, dy, dPrediction, scale) {
      const reads = { prediction: wasm(prediction), target: wasm(target), dy: wasm(dy) };
      const numbers = { kind: losses.indexOf(kind), scale, columns: prediction.columns };
      const writes = { dPrediction: wasm(dPrediction) };
      workspace.run(lossGradient, wasm(prediction).rows, reads, writes, numbers);
    },
    sumOfSquares(x, y) {
      workspace.combine(wasm(x));
      const rows = workspace.flat(wasm(x));
      reduce(rows, wasm(y), 1, (partials) =>
        workspace.run(sumOfSquares, rows, { x: firstCopy(wasm(x)) }, { partials }, {}),
      );
    },
  };
}
