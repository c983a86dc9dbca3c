/**
 * @file From all rows to one number: every thread leaves a partial sum in float64, one cache line apart, and one
 * thread adds them up.
 */
import { ALIGNMENT } from '../memory.ts';
import { defineProgram } from '../program.ts';

const FLOAT = 4;

export const sum = defineProgram(
  ['x', 'columns', 'partials'],
  ({ kernels, index, begin, end }, { x, columns, partials }) =>
    kernels.storeDouble(
      partials + index * ALIGNMENT,
      kernels.sum(x + begin * columns * FLOAT, (end - begin) * columns),
    ),
);

export const sumOfSquares = defineProgram(
  ['x', 'columns', 'partials'],
  ({ kernels, index, begin, end }, { x, columns, partials }) =>
    kernels.storeDouble(
      partials + index * ALIGNMENT,
      kernels.sumOfSquares(x + begin * columns * FLOAT, (end - begin) * columns),
    ),
);

export const loss = defineProgram(
  ['kind', 'prediction', 'target', 'columns', 'partials'],
  ({ kernels, index, begin, end }, { kind, prediction, target, columns, partials }) => {
    const offset = begin * columns * FLOAT;
    const total = kernels.loss(kind, prediction + offset, target + offset, (end - begin) * columns);
    kernels.storeDouble(partials + index * ALIGNMENT, total);
  },
);

export const sumPartials = defineProgram(['partials', 'y', 'scale'], (thread, { partials, y, scale }) => {
  if (thread.begin < thread.end) thread.kernels.sumPartials(partials, ALIGNMENT, thread.count, y, scale);
});

/** dx += scale dy[0] */
export const sumGradient = defineProgram(
  ['dy', 'dx', 'scale', 'columns'],
  ({ kernels, begin, end }, { dy, dx, scale, columns }) =>
    kernels.sumGradient(dy, dx + begin * columns * FLOAT, scale, (end - begin) * columns),
);

export const lossGradient = defineProgram(
  ['kind', 'prediction', 'target', 'dy', 'dPrediction', 'scale', 'columns'],
  ({ kernels, begin, end }, { kind, prediction, target, dy, dPrediction, scale, columns }) => {
    const offset = begin * columns * FLOAT;
    kernels.lossGradient(
      kind,
      prediction + offset,
      target + offset,
      dy,
      dPrediction + offset,
      scale,
      (end - begin) * columns,
    );
  },
);

/** Adds the threads' copies of an accumulator into the first one and clears the others. */
export const combine = defineProgram(
  ['matrix', 'stride'],
  ({ kernels, count, begin, end }, { matrix, stride }) => {
    const offset = begin * FLOAT;
    kernels.sumOver(matrix + offset, stride, count, end - begin);
    for (let copy = 1; copy < count; copy++) kernels.fill(matrix + copy * stride + offset, 0, end - begin);
  },
);
