/** @file Putting tensors side by side, and taking columns out of one. */
import type { Tensor } from '../tensor.ts';
import { engineOf, expectShape, expectTensor } from './check.ts';

/**
 * @param tensors each [rows, columns_k]
 * @returns [rows, sum of columns_k]
 */
export function concatenate(tensors: readonly Tensor[]): Tensor {
  const engine = engineOf('concatenate', 'tensor', tensors[0], 0);
  const { backend } = engine;
  const { rows } = tensors[0];
  for (const [k, tensor] of tensors.entries()) {
    expectTensor('concatenate', 'tensor', tensor, engine, k);
    expectShape('concatenate', 'tensor', tensor, rows.count, undefined, k);
  }
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
  const engine = engineOf('slice', 'x', x);
  if (first < 0 || count < 0 || first + count > x.columns)
    throw new RangeError(`slice: columns ${first}..${first + count} are not in [0, ${x.columns}]`);
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
