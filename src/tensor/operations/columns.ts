/** @file Putting tensors side by side, and taking columns out of one. */
import type { Tensor } from '../tensor.ts';
import { expectShape } from './check.ts';

/**
 * @param tensors each [rows, columns_k]
 * @returns [rows, sum of columns_k]
 */
export function concatenate(tensors: readonly Tensor[]): Tensor {
  const { engine, rows } = tensors[0];
  const { backend } = engine;
  for (const [k, tensor] of tensors.entries())
    expectShape('concatenate', `tensor ${k}`, tensor, rows.count, undefined);
  const width = tensors.reduce((sum, tensor) => sum + tensor.columns, 0);
  const y = backend.scratch(rows, width);
  forEachOffset(tensors, (tensor, offset) =>
    backend.copyColumns(tensor.matrix, 0, y, offset, tensor.columns, false),
  );
  return engine.record(y, tensors, (dy) =>
    forEachOffset(tensors, (tensor, offset) => {
      const dx = engine.gradientTarget(tensor);
      if (dx) backend.copyColumns(dy, offset, dx.matrix, 0, tensor.columns, dx.accumulate);
    }),
  );
}

/**
 * Columns first..first+count.
 * @returns [rows, count]
 * @throws RangeError if x does not have them
 */
export function slice(x: Tensor, first: number, count: number): Tensor {
  if (first < 0 || count < 0 || first + count > x.columns)
    throw new RangeError(`slice: columns ${first}..${first + count} are not in [0, ${x.columns}]`);
  const { engine } = x;
  const y = engine.backend.scratch(x.rows, count);
  engine.backend.copyColumns(x.matrix, first, y, 0, count, false);
  return engine.record(y, [x], (dy) =>
    engine.backend.copyColumns(dy, 0, engine.gradientOf(x)!, first, count, true),
  );
}

function forEachOffset(tensors: readonly Tensor[], visit: (tensor: Tensor, offset: number) => void): void {
  let offset = 0;
  for (const tensor of tensors) {
    visit(tensor, offset);
    offset += tensor.columns;
  }
}
