/**
 * @file The errors of operations: which argument, what it should be, what came. One of several arguments has a
 * `position`, and its name is put together where it is wrong: strings would cost a small step more than the rest of this.
 */
import type { RowIndex } from '../../backends/backend.ts';
import { shown } from '../../shown.ts';
import type { Engine } from '../engine.ts';
import { expectIndexOf } from '../origins.ts';
import type { Tensor } from '../tensor.ts';

/** The engine of an operation's first tensor. @throws TypeError if it is no tensor */
export function engineOf(operation: string, argument: string, tensor: Tensor, position?: number): Engine {
  // Only tensors have one; asking for the class costs a small step a few hundredths of its time.
  if (tensor?.matrix) return tensor.engine;
  throw new TypeError(`${operation}: ${nameOf(argument, position)} must be a tensor; got ${shown(tensor)}`);
}

/** @throws TypeError if it is no tensor; Error if it belongs to another engine */
export function expectTensor(
  operation: string,
  argument: string,
  tensor: Tensor,
  engine: Engine,
  position?: number,
): void {
  if (engineOf(operation, argument, tensor, position) !== engine)
    throw new Error(
      `${operation}: ${nameOf(argument, position)} belongs to another engine; make tensors with the engine of the model that takes them`,
    );
}

export function expectShape(
  operation: string,
  argument: string,
  tensor: Tensor,
  rows: number | undefined,
  columns: number | undefined,
  position?: number,
): void {
  const wrongRows = rows !== undefined && tensor.rows.count !== rows;
  const wrongColumns = columns !== undefined && tensor.columns !== columns;
  if (wrongRows || wrongColumns)
    throw new RangeError(
      `${operation}: ${nameOf(argument, position)} must be [${rows ?? 'any'}, ${columns ?? 'any'}]; got [${tensor.shape.join(', ')}]`,
    );
}

/** @throws TypeError if it is no index; Error if it belongs to another engine, or to a step that is over */
export function expectIndex(operation: string, index: RowIndex, engine: Engine): void {
  if (!index?.from || !index.to)
    throw new TypeError(
      `${operation}: the index must come from engine.graph or engine.rowIndex; got ${shown(index)}`,
    );
  expectIndexOf(engine, index);
}

function nameOf(argument: string, position: number | undefined): string {
  return position === undefined ? argument : `${argument} ${position}`;
}
