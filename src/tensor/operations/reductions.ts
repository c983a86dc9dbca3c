/** @file Sums over rows, columns and everything. */
import type { Tensor } from '../tensor.ts';
import { engineOf } from './check.ts';
import { square } from './elementwise.ts';

/** The sum of all elements, [1, 1]. */
export function sum(x: Tensor): Tensor {
  return scaledSum('sum', x, false);
}

/** The mean of all elements, [1, 1]. */
export function mean(x: Tensor): Tensor {
  return scaledSum('mean', x, true);
}

/** The sum of the squares of all elements, [1, 1]. */
export function sumOfSquares(x: Tensor): Tensor {
  return sum(square(x));
}

/** The sum of each row, [rows, 1]. */
export function rowSums(x: Tensor): Tensor {
  const engine = engineOf('rowSums', 'x', x);
  const y = engine.backend.scratch(x.rows, 1);
  engine.backend.rowSums(x.matrix, y, false);
  return engine.record(y, [x], (dy) => {
    const dx = engine.gradientOf(x)!;
    engine.backend.binary('add', dx, dy, dx);
  });
}

function scaledSum(operation: string, x: Tensor, isMean: boolean): Tensor {
  const engine = engineOf(operation, 'x', x);
  const scale = isMean ? 1 / (x.rows.count * x.columns) : 1;
  const y = engine.backend.scratch(engine.backend.rows(1), 1);
  engine.backend.sum(x.matrix, y, scale);
  return engine.record(y, [x], (dy) => engine.backend.sumGradient(dy, engine.gradientOf(x)!, scale));
}
