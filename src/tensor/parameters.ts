/**
 * @file The parameters of a model: named matrices that lie one after the other in one flat block, so that an
 * optimiser, a checkpoint or a gradient norm is one operation over all of them. Layers declare their parameters
 * first; `allocate` then places and initialises them.
 */
import type { Matrix, Numbers } from '../backends/backend.ts';
import type { MersenneTwister } from '../random/mersenne-twister.ts';
import type { Engine } from './engine.ts';
import { type Shape, Tensor } from './tensor.ts';

/** Fills a parameter's first values. */
export type Initialiser = (values: Float64Array, random: MersenneTwister) => void;

/** U(-bound, bound) for each element. */
export function uniform(bound: number): Initialiser {
  return (values, random) => {
    for (let i = 0; i < values.length; i++) values[i] = random.uniform(-bound, bound);
  };
}

export function constant(value: number): Initialiser {
  return (values) => values.fill(value);
}

interface Declaration {
  readonly name: string;
  readonly shape: Shape;
  readonly initialise: Initialiser;
}

/** A declared parameter; its tensor exists once the set is allocated. */
export class Parameter {
  readonly name: string;
  /** [inputs, outputs] for weights, [1, outputs] for biases. */
  readonly shape: Shape;
  #tensor: Tensor | undefined;
  readonly #parts = new Map<number, Tensor>();

  constructor(name: string, shape: Shape) {
    this.name = name;
    this.shape = shape;
  }

  get size(): number {
    return this.shape[0] * this.shape[1];
  }

  get tensor(): Tensor {
    if (!this.#tensor) throw new Error(`parameter ${this.name} is used before its set was allocated`);
    return this.#tensor;
  }

  /** Rows first..first+count as a tensor of their own: what meets one of several inputs side by side. */
  part(first: number, count: number): Tensor {
    const key = first * (this.shape[0] + 1) + count;
    let part = this.#parts.get(key);
    if (!part) {
      const { engine, matrix, gradient } = this.tensor;
      part = new Tensor(engine, engine.backend.view(matrix, first, count), {
        requiresGradient: true,
        persistent: true,
        gradient: engine.backend.view(gradient!, first, count),
      });
      this.#parts.set(key, part);
    }
    return part;
  }

  /** Called by `ParameterSet.allocate`. */
  place(tensor: Tensor): void {
    this.#tensor = tensor;
  }
}

export class ParameterSet {
  readonly engine: Engine;
  readonly #declarations: Declaration[] = [];
  readonly #parameters: Parameter[] = [];
  readonly #names = new Set<string>();
  #values: Matrix | undefined;
  #gradients: Matrix | undefined;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  declare(name: string, shape: Shape, initialise: Initialiser): Parameter {
    if (this.#names.has(name)) throw new Error(`two parameters are called ${name}`);
    this.#names.add(name);
    const parameter = new Parameter(name, shape);
    this.#declarations.push({ name, shape, initialise });
    this.#parameters.push(parameter);
    return parameter;
  }

  /** Places all declared parameters and draws their values in the order of declaration. */
  allocate(random: MersenneTwister): void {
    const { backend } = this.engine;
    const one = backend.rows(1);
    this.#values = backend.persistent(one, this.size);
    this.#gradients = backend.accumulator(one, this.size, 'persistent');
    let offset = 0;
    for (const [position, { shape, initialise }] of this.#declarations.entries()) {
      const parameter = this.#parameters[position];
      const rows = backend.rows(shape[0]);
      const matrix = backend.reshape(this.#values, offset, rows, shape[1]);
      const gradient = backend.reshape(this.#gradients, offset, rows, shape[1]);
      parameter.place(
        new Tensor(this.engine, matrix, { requiresGradient: true, persistent: true, gradient }),
      );
      const first = new Float64Array(parameter.size);
      initialise(first, random);
      backend.write(matrix, first);
      offset += parameter.size;
    }
  }

  /** How many numbers there are in all. */
  get size(): number {
    return this.#parameters.reduce((sum, parameter) => sum + parameter.size, 0);
  }

  /** All values, [1, size], in the order of declaration. */
  get values(): Matrix {
    return this.#values!;
  }

  /** All gradients, an accumulator [1, size]. */
  get gradients(): Matrix {
    return this.#gradients!;
  }

  [Symbol.iterator](): IterableIterator<Parameter> {
    return this.#parameters[Symbol.iterator]();
  }

  /** Sets all gradients to zero; `Adam.step` does it by itself. */
  clearGradients(): void {
    this.engine.backend.fill(this.gradients, 0);
  }

  /** The name of the parameter to which number `position` of all of them belongs. */
  nameAt(position: number): string | undefined {
    let end = 0;
    for (const { name, size } of this.#parameters) {
      end += size;
      if (position < end) return name;
    }
    return undefined;
  }

  /** A copy of all values in the order of declaration, [size]. */
  read(): Promise<Numbers> {
    return this.engine.backend.read(this.values);
  }

  write(values: ArrayLike<number>): void {
    if (values.length !== this.size)
      throw new RangeError(`the model has ${this.size} parameters; got ${values.length} numbers`);
    this.engine.backend.write(this.values, values);
  }
}
