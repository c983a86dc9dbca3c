/** @file A batch as plain numbers, and as the tensors of a step. */
import type { Graph } from '../graph/graph.ts';
import type { Engine } from '../tensor/engine.ts';
import type { Tensor } from '../tensor/tensor.ts';

export interface BatchInput {
  /** What each row belongs to. */
  readonly rows: 'nodes' | 'edges' | 'graphs';
  readonly columns: number;
  /** [rows, columns], row-major */
  readonly values: ArrayLike<number>;
}

export interface Batch<Name extends string = string> {
  /** Batches of equal structure should share one `Graph`: the loop repeats what it knows at less cost. */
  readonly graph: Graph;
  /** All numbers that the loss depends on, targets too. */
  readonly inputs: Readonly<Record<Name, BatchInput>>;
}

export interface BatchTensors<Name extends string = string> {
  readonly graph: Graph;
  readonly inputs: Readonly<Record<Name, Tensor>>;
}

/** Call it inside `engine.step`. @throws RangeError naming the input that does not have rows x columns numbers */
export function batchTensors<Name extends string>(
  engine: Engine,
  { graph, inputs }: Batch<Name>,
): BatchTensors<Name> {
  const handle = engine.graph(graph);
  const tensors = {} as Record<Name, Tensor>;
  for (const name of Object.keys(inputs) as Name[]) {
    const { rows, columns, values } = inputs[name];
    try {
      tensors[name] = engine.tensor(values, handle[rows], columns);
    } catch (error) {
      throw new RangeError(`input ${name}: ${(error as Error).message}`);
    }
  }
  return { graph, inputs: tensors };
}
