/** @file Moving rows along an index: from nodes to edges (gather), from edges to nodes or nodes to graphs (segments). */
import type { RowIndex } from '../../backends/backend.ts';
import type { Tensor } from '../tensor.ts';
import { engineOf, expectIndex, expectShape } from './check.ts';

/**
 * y[r] = x[index[r]]
 * @param x [index.to.count, columns]
 * @returns [index.from.count, columns]
 */
export function gather(x: Tensor, index: RowIndex): Tensor {
  const engine = engineOf('gather', 'x', x);
  expectIndex('gather', index, engine);
  expectShape('gather', 'x', x, index.to.count, undefined);
  const y = engine.backend.scratch(index.from, x.columns);
  engine.backend.gather(x.matrix, index, y, false, false);
  return engine.record(y, [x], (dy) => engine.backend.scatterAdd(dy, index, engine.gradientOf(x)!, false));
}

/**
 * y[s] = sum of the rows r with index[r] = s; zero where there are none.
 * @param x [index.from.count, columns]
 * @returns [index.to.count, columns]
 */
export function segmentSum(x: Tensor, index: RowIndex): Tensor {
  return segment(x, index, false);
}

/** As `segmentSum`, divided by the number of rows; zero where there are none. */
export function segmentMean(x: Tensor, index: RowIndex): Tensor {
  return segment(x, index, true);
}

function segment(x: Tensor, index: RowIndex, mean: boolean): Tensor {
  const operation = mean ? 'segmentMean' : 'segmentSum';
  const engine = engineOf(operation, 'x', x);
  expectIndex(operation, index, engine);
  expectShape(operation, 'x', x, index.from.count, undefined);
  const y = engine.backend.scratch(index.to, x.columns, true);
  engine.backend.scatterAdd(x.matrix, index, y, mean);
  return engine.record(y, [x], (dy) => {
    const dx = engine.gradientTarget(x)!;
    engine.backend.gather(dy, index, dx.matrix, dx.accumulate, mean);
  });
}
