/** @file Elementwise functions and arithmetic, forward and backward. */
import { activations, type Backend, binaryOperations, type Matrix } from '../../backend.ts';
import { wasm } from '../matrix.ts';
import { defineProgram } from '../program.ts';
import type { Workspace } from '../workspace.ts';

const FLOAT = 4;

/** How the second operand of `binary` is shared: the kernels' numbers. */
const Broadcast = { none: 0, column: 1, row: 2, scalar: 3 } as const;

/** y = f(z) */
const activate = defineProgram(
  ['kind', 'z', 'y', 'columns'],
  ({ kernels, begin, end }, { kind, z, y, columns }) => {
    const offset = begin * columns * FLOAT;
    kernels.activate(kind, z + offset, y + offset, (end - begin) * columns);
  },
);

/** dz (+)= dy f'(z) */
const activationGradient = defineProgram(
  ['kind', 'z', 'dy', 'dz', 'columns', 'accumulate'],
  ({ kernels, begin, end }, { kind, z, dy, dz, columns, accumulate }) => {
    const offset = begin * columns * FLOAT;
    const run = accumulate ? kernels.activationGradientAccumulate : kernels.activationGradient;
    run(kind, z + offset, dy + offset, dz + offset, (end - begin) * columns);
  },
);

/** y = a (op) b */
const binary = defineProgram(
  ['operation', 'a', 'b', 'y', 'columns', 'broadcast'],
  ({ kernels, begin, end }, { operation, a, b, y, columns, broadcast }) => {
    const offset = begin * columns * FLOAT;
    const second = b + begin * rowStep(broadcast, columns);
    kernels.binary(operation, a + offset, second, y + offset, end - begin, columns, broadcast);
  },
);

/** da += dy d/da, db += dy d/db */
const binaryGradient = defineProgram(
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

/** y (+)= scale x + shift */
const affine = defineProgram(
  ['x', 'y', 'yStride', 'scale', 'shift', 'columns', 'accumulate'],
  ({ kernels, index, begin, end }, { x, y, yStride, scale, shift, columns, accumulate }) => {
    const offset = begin * columns * FLOAT;
    const target = y + index * yStride + offset;
    kernels.affine(x + offset, target, scale, shift, (end - begin) * columns, accumulate);
  },
);

const copyColumns = defineProgram(
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
    const { source, sourceColumns, sourceOffset, target, targetColumns, targetOffset } = args;
    kernels.copyColumns(
      source + begin * sourceColumns * FLOAT,
      sourceColumns,
      sourceOffset,
      target + begin * targetColumns * FLOAT,
      targetColumns,
      targetOffset,
      end - begin,
      args.width,
      args.accumulate,
    );
  },
);

type Elementwise = Pick<
  Backend,
  'activate' | 'activationGradient' | 'binary' | 'binaryGradient' | 'affine' | 'fill' | 'copyColumns'
>;

export function elementwiseMethods(workspace: Workspace): Elementwise {
  return {
    activate(activation, z, y) {
      const numbers = { kind: activations.indexOf(activation), columns: z.columns };
      workspace.run(activate, wasm(z).rows, { z: wasm(z) }, { y: wasm(y) }, numbers);
    },
    activationGradient(activation, z, dy, { matrix: dz, accumulate }) {
      const reads = { z: wasm(z), dy: wasm(dy) };
      workspace.run(
        activationGradient,
        wasm(z).rows,
        reads,
        { dz: wasm(dz) },
        {
          kind: activations.indexOf(activation),
          columns: z.columns,
          accumulate: accumulate ? 1 : 0,
        },
      );
    },
    binary(operation, a, b, y) {
      workspace.run(
        binary,
        wasm(a).rows,
        { a: wasm(a), b: wasm(b) },
        { y: wasm(y) },
        {
          operation: binaryOperations.indexOf(operation),
          columns: a.columns,
          broadcast: broadcastOf(a, b),
        },
      );
    },
    binaryGradient(operation, a, b, dy, da, db) {
      const reads = { a: wasm(a), b: wasm(b), dy: wasm(dy) };
      const writes = { da: da && wasm(da), db: db && wasm(db) };
      workspace.run(binaryGradient, wasm(a).rows, reads, writes, {
        operation: binaryOperations.indexOf(operation),
        columns: a.columns,
        broadcast: broadcastOf(a, b),
      });
    },
    affine(x, y, scale, shift, accumulate) {
      const numbers = { scale, shift, columns: x.columns, accumulate: accumulate ? 1 : 0 };
      workspace.run(affine, wasm(x).rows, { x: wasm(x) }, { y: wasm(y) }, numbers);
    },
    fill: (matrix, value) => workspace.fill(wasm(matrix), value),
    copyColumns(source, sourceOffset, target, targetOffset, width, accumulate) {
      const reads = { source: wasm(source) };
      workspace.run(
        copyColumns,
        wasm(source).rows,
        reads,
        { target: wasm(target) },
        {
          sourceColumns: source.columns,
          sourceOffset,
          targetColumns: target.columns,
          targetOffset,
          width,
          accumulate: accumulate ? 1 : 0,
        },
      );
    },
  };
}

/** How `b` is shared by the elements of `a`. */
function broadcastOf(a: Matrix, b: Matrix): number {
  const { none, column, row, scalar } = Broadcast;
  const oneRow = b.rows.count === 1 && a.rows.count !== 1;
  const oneColumn = b.columns === 1 && a.columns !== 1;
  if (oneRow) return oneColumn || a.columns === 1 ? scalar : row;
  return oneColumn ? column : none;
}

/** Bytes from one row of the second operand to the next. */
function rowStep(broadcast: number, columns: number): number {
  if (broadcast === Broadcast.none) return columns * FLOAT;
  return broadcast === Broadcast.column ? FLOAT : 0;
}
