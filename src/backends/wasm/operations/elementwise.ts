/** @file Elementwise functions and arithmetic, forward and backward. */
import { defineProgram } from '../program.ts';

const FLOAT = 4;

/** How the second operand of `binary` is shared: the kernels' numbers. */
export const Broadcast = { none: 0, column: 1, row: 2, scalar: 3 } as const;

/** y = f(z) */
export const activate = defineProgram(
  ['kind', 'z', 'y', 'columns'],
  ({ kernels, begin, end }, { kind, z, y, columns }) => {
    const offset = begin * columns * FLOAT;
    kernels.activate(kind, z + offset, y + offset, (end - begin) * columns);
  },
);

/** dz (+)= dy f'(z) */
export const activationGradient = defineProgram(
  ['kind', 'z', 'dy', 'dz', 'columns', 'accumulate'],
  ({ kernels, begin, end }, { kind, z, dy, dz, columns, accumulate }) => {
    const offset = begin * columns * FLOAT;
    const run = accumulate ? kernels.activationGradientAccumulate : kernels.activationGradient;
    run(kind, z + offset, dy + offset, dz + offset, (end - begin) * columns);
  },
);

/** y = a (op) b */
export const binary = defineProgram(
  ['operation', 'a', 'b', 'y', 'columns', 'broadcast'],
  ({ kernels, begin, end }, { operation, a, b, y, columns, broadcast }) => {
    const offset = begin * columns * FLOAT;
    const second = b + begin * rowStep(broadcast, columns);
    kernels.binary(operation, a + offset, second, y + offset, end - begin, columns, broadcast);
  },
);

/** da += dy d/da, db += dy d/db; an accumulator has a stride between the threads' copies */
export const binaryGradient = defineProgram(
  ['operation', 'a', 'b', 'dy', 'da', 'daStride', 'db', 'dbStride', 'columns', 'broadcast'],
  ({ kernels, index, begin, end }, args) => {
    const { operation, a, b, dy, da, daStride, db, dbStride, columns, broadcast } = args;
    const offset = begin * columns * FLOAT;
    const second = begin * rowStep(broadcast, columns);
    kernels.binaryGradient(
      operation,
      a + offset,
      b + second,
      dy + offset,
      da && da + index * daStride + offset,
      db && db + index * dbStride + second,
      end - begin,
      columns,
      broadcast,
    );
  },
);

/** y (+)= scale x + shift; y may be an accumulator */
export const affine = defineProgram(
  ['x', 'y', 'yStride', 'scale', 'shift', 'columns', 'accumulate'],
  ({ kernels, index, begin, end }, { x, y, yStride, scale, shift, columns, accumulate }) => {
    const offset = begin * columns * FLOAT;
    const target = y + index * yStride + offset;
    kernels.affine(x + offset, target, scale, shift, (end - begin) * columns, accumulate);
  },
);

export const fill = defineProgram(
  ['y', 'value', 'columns'],
  ({ kernels, begin, end }, { y, value, columns }) =>
    kernels.fill(y + begin * columns * FLOAT, value, (end - begin) * columns),
);

/** Every thread fills its own copy of an accumulator. */
export const fillCopies = defineProgram(
  ['y', 'yStride', 'value', 'count'],
  ({ kernels, index }, { y, yStride, value, count }) => kernels.fill(y + index * yStride, value, count),
);

export const copyColumns = defineProgram(
  [
    'source',
    'sourceColumns',
    'sourceOffset',
    'target',
    'targetColumns',
    'targetOffset',
    'width',
    'accumulate',
  ],
  ({ kernels, begin, end }, args) => {
    const { sourceColumns, targetColumns } = args;
    kernels.copyColumns(
      args.source + begin * sourceColumns * FLOAT,
      sourceColumns,
      args.sourceOffset,
      args.target + begin * targetColumns * FLOAT,
      targetColumns,
      args.targetOffset,
      end - begin,
      args.width,
      args.accumulate,
    );
  },
);

/** Bytes from one row of the second operand to the next. */
function rowStep(broadcast: number, columns: number): number {
  if (broadcast === Broadcast.none) return columns * FLOAT;
  return broadcast === Broadcast.column ? FLOAT : 0;
}
