/**
 * @file Whose tensors, rows and indices are, and for how long. They say where something lies in the memory of one engine;
 * another one would read whatever lies there in its own.
 */
import type { RowIndex, Rows } from '../backends/backend.ts';
import type { Engine } from './engine.ts';
import type { Lifetime, Tensor } from './tensor.ts';

interface Origin {
  readonly engine: Engine;
  /** Of the step or plan that it was made in. */
  readonly lifetime: Lifetime;
}

const origins = new WeakMap<RowIndex | Rows, Origin>();

/** Called by the engine that has made them. */
export function rememberOrigin(engine: Engine, ...made: readonly (RowIndex | Rows)[]): void {
  const origin = { engine, lifetime: engine.lifetime };
  for (const each of made) origins.set(each, origin);
}

/** @throws Error if another engine has made the tensor */
export function expectTensorOf(engine: Engine, tensor: Tensor): void {
  if (tensor.engine !== engine)
    throw new Error(
      `this tensor [${tensor.shape.join(', ')}] belongs to another engine; make tensors with the engine that computes`,
    );
}

/** @throws Error if another engine has made the graph of these rows */
export function expectRowsOf(engine: Engine, rows: Rows): void {
  const origin = origins.get(rows);
  if (origin && origin.engine !== engine)
    throw new Error(
      'these rows belong to a graph of another engine; ask engine.graph of the one that computes',
    );
}

/** @throws Error if another engine has made the index, or the step that made it is over and its memory is reused */
export function expectIndexOf(engine: Engine, index: RowIndex): void {
  for (const part of [index, index.from, index.to]) {
    const origin = origins.get(part);
    if (!origin) continue;
    if (origin.engine !== engine)
      throw new Error(
        'this index belongs to another engine; ask engine.graph or engine.rowIndex of the one that computes',
      );
    if (!origin.lifetime.alive)
      throw new Error(
        'this index belongs to a step that is over; ask engine.graph or engine.rowIndex in each step',
      );
  }
}
