/** @file Weights under the names that their checkpoint gives them, and what their shapes say. */

export interface WeightTensor {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** By name, in PyTorch's layout. */
export type Weights = ReadonlyMap<string, WeightTensor>;

/** The weights below `prefix`, under their names without it. */
export function below(weights: Weights, prefix: string): Map<string, WeightTensor> {
  return new Map(
    [...weights].flatMap(([name, tensor]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), tensor]] : [],
    ),
  );
}

/** The sizes of a weight [outputs, inputs]. @throws Error if it is missing or no matrix */
export function sizesOf(weights: Weights, name: string): { outputs: number; inputs: number } {
  const shape = weights.get(name)?.shape;
  if (shape?.length !== 2)
    throw new Error(
      `${name} should be a matrix [outputs, inputs]; ${shape ? `it is [${shape.join(', ')}]` : 'there is none'}`,
    );
  return { outputs: shape[0], inputs: shape[1] };
}

/** Layers are named within so many parts of a weight's name. */
const MOST_PARTS = 3;

/**
 * How many numbers k there are such that a weight's name starts with `name(k)`, from 0 without a gap. Each name is looked
 * at once: a file may have a million.
 * @param name one to three parts of a name with their dots, or nothing
 */
export function countOf(weights: Weights, name: (k: number) => string): number {
  const starts = new Set(['']);
  for (const known of weights.keys()) {
    let end = 0;
    for (let part = 0; part < MOST_PARTS; part++) {
      end = known.indexOf('.', end) + 1;
      if (end === 0) break;
      starts.add(known.slice(0, end));
    }
  }
  let k = 0;
  while (starts.has(name(k))) k++;
  return k;
}

export function has(weights: Weights, start: string): boolean {
  for (const name of weights.keys()) if (name.startsWith(start)) return true;
  return false;
}

/** A weight [outputs, inputs] with its columns in another order: column c of the result is column order[c]. */
export function reorderColumns({ shape, data }: WeightTensor, order: readonly number[]): WeightTensor {
  const [rows, columns] = shape;
  const moved = new Float64Array(rows * columns);
  // By numbers and not by rows, of which a weight without columns may claim any number.
  for (let k = 0; k < moved.length; k++) moved[k] = data[k - (k % columns) + order[k % columns]];
  return { shape, data: moved };
}
