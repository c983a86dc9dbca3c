/**
 * @file A tensor: a matrix in the backend's memory, with a gradient once a backward pass has reached it.
 * All tensors are [rows, columns]; a bias is [1, columns], a loss is [1, 1].
 */
import type { Matrix, Numbers, Rows } from '../backends/backend.ts';
import type { Engine } from './engine.ts';

export type Shape = readonly [rows: number, columns: number];

/** How long the memory of a step or a plan is its own. */
export interface Lifetime {
  alive: boolean;
}

export interface TensorOptions {
  readonly requiresGradient: boolean;
  /** Lives as long as the engine, not as long as the step it was made in. */
  readonly persistent?: boolean;
  /** The result of an operation, whose gradient memory is reused on the way back. */
  readonly computed?: boolean;
  /** How long it lives, if not as long as the step or plan it is made in. */
  readonly lifetime?: Lifetime;
  /** Gradients of all its uses are collected here, and kept between steps. */
  readonly gradient?: Matrix;
}

export class Tensor {
  readonly engine: Engine;
  readonly matrix: Matrix;
  readonly requiresGradient: boolean;
  /** dLoss/dThis, [rows, columns]; undefined until a backward pass has reached this tensor. */
  gradient: Matrix | undefined;
  /** Whether any row of an operation may add to any row of `gradient` (see `Backend.accumulator`). */
  gradientIsAccumulator: boolean;
  readonly #lifetime: Lifetime | undefined;
  readonly #computed: boolean;

  constructor(engine: Engine, matrix: Matrix, options: TensorOptions) {
    this.engine = engine;
    this.matrix = matrix;
    this.requiresGradient = options.requiresGradient;
    this.gradient = options.gradient;
    this.gradientIsAccumulator = options.gradient !== undefined;
    this.#computed = options.computed ?? false;
    this.#lifetime = options.persistent ? undefined : (options.lifetime ?? engine.lifetime);
  }

  get rows(): Rows {
    return this.matrix.rows;
  }

  get columns(): number {
    return this.matrix.columns;
  }

  get shape(): Shape {
    return [this.matrix.rows.count, this.matrix.columns];
  }

  /**
   * Replaces the numbers, row-major: the inputs of a plan before it runs again.
   * @throws RangeError if there are not rows x columns of them
   */
  write(values: ArrayLike<number>): void {
    this.assertAlive();
    expectCount(values, this.shape);
    this.engine.backend.write(this.matrix, values);
  }

  /** The numbers, row-major, as they are after all operations so far. */
  read(): Promise<Numbers> {
    this.assertAlive();
    return this.engine.backend.read(this.matrix);
  }

  /**
   * dLoss/dThis, row-major; zeros where the loss does not depend on this tensor.
   * @throws Error for the result of an operation: only inputs and parameters keep their gradients
   */
  async readGradient(): Promise<Numbers> {
    this.assertAlive();
    if (this.#computed) throw new Error('only inputs and parameters keep their gradients; this is a result');
    const { backend } = this.engine;
    if (!this.gradient) return backend.read(backend.scratch(this.rows, this.columns, true));
    if (this.gradientIsAccumulator) backend.combine(this.gradient);
    return backend.read(this.gradient);
  }

  /** Throws if the step that made this tensor is over and its memory is reused. */
  assertAlive(): void {
    if (this.#lifetime?.alive === false)
      throw new Error(
        `this tensor [${this.shape.join(', ')}] belongs to a step that is over; read results inside engine.step, or create the tensor anew in each step (of a layer's tensors, a prediction keeps those that the layer returns)`,
      );
  }
}

export function expectCount(values: ArrayLike<number>, [rows, columns]: Shape): void {
  if (values.length !== rows * columns)
    throw new RangeError(
      `a [${rows}, ${columns}] tensor takes ${rows * columns} numbers; got ${values.length}`,
    );
}
