/** @file The shape errors of operations: which argument, what it should be, what came. */
import type { Tensor } from '../tensor.ts';

export function expectShape(
  operation: string,
  argument: string,
  tensor: Tensor,
  rows: number | undefined,
  columns: number | undefined,
): void {
  const wrongRows = rows !== undefined && tensor.rows.count !== rows;
  const wrongColumns = columns !== undefined && tensor.columns !== columns;
  if (wrongRows || wrongColumns)
    throw new RangeError(
      `${operation}: ${argument} must be [${rows ?? 'any'}, ${columns ?? 'any'}]; got [${tensor.shape.join(', ')}]`,
    );
}
