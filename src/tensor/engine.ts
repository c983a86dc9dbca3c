/**
 * @file The engine: a backend, and the tape that remembers which operations made which tensors so that `backward`
 * can walk it in reverse. A step (one prediction, or one forward and backward pass) owns all memory that is
 * allocated in it; `engine.step` frees it all at once when the next step begins.
 */
import type {
  Backend,
  GradientTarget,
  GraphHandle,
  GraphOptions,
  Matrix,
  RowIndex,
  Rows,
} from '../backends/backend.ts';
import { closedBackend, refuse } from '../backends/closed-backend.ts';
import type { Graph } from '../graph/graph.ts';
import { shown } from '../shown.ts';
import { Fitting } from './fitting.ts';
import { findNonFinite, type NonFinite } from './non-finite.ts';
import { expectRowsOf, expectTensorOf, rememberOrigin } from './origins.ts';
import { type TapeEntry, walkBack } from './tape.ts';
import { expectCount, type Lifetime, Tensor } from './tensor.ts';

/** The tensors of a layer whose memory is free at its end. */
interface Scope {
  readonly lifetime: Lifetime;
  readonly made: Set<Tensor>;
}

/** Work that can be repeated on new numbers; see `Engine.plan`. */
export interface Plan<T> {
  /** What the work returned: its tensors, to be written before and read after a run. */
  readonly result: T;
  run(): void;
  /** Frees its memory; its tensors are dead then. */
  release(): void;
}

export class Engine {
  #backend: Backend;
  #isClosed = false;
  /** Of the tensors made now. */
  lifetime: Lifetime = { alive: true };
  #tape: TapeEntry[] = [];
  #recording = true;
  #scope: Scope | undefined;
  #layer = '';
  #graphs = new Map<Graph, GraphHandle>();
  readonly #fitting = new Fitting();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  get backend(): Backend {
    return this.#backend;
  }

  /**
   * Runs `work` as one step. All tensors made in it live until the next step begins; start their `read` inside.
   * Returns what `work` returns.
   */
  step<T>(work: () => T): T {
    this.lifetime.alive = false;
    this.lifetime = { alive: true };
    this.#tape = [];
    this.#graphs.clear();
    this.backend.reset();
    return work();
  }

  /**
   * Runs `work` once, like a step, and remembers its operations with their memory: `run` repeats them on whatever
   * numbers its tensors hold then, at a fraction of the cost of a step, which is what small graphs spend most of their
   * time on. Shapes and graphs stay as they were. Gradients of parameters add up with every run, the first included.
   */
  plan<T>(work: () => T): Plan<T> {
    return this.#aside((lifetime) => {
      const { result, replay, release } = this.backend.capture(work);
      return {
        result,
        run: () => {
          if (this.#isClosed) refuse();
          replay();
        },
        release: () => {
          lifetime.alive = false;
          if (!this.#isClosed) release();
        },
      };
    });
  }

  /**
   * Holds the memory that `work` needs on a graph against what there is, before it is run. Nothing is computed. Where
   * `owner` has run with as many nodes and edges before, nothing is done.
   * @param owner whose memory depends on nothing but the numbers of nodes and edges
   * @throws OutOfMemoryError saying how much it needs
   */
  expectToFit(owner: object, graph: Graph, work: () => unknown): void {
    this.#fitting.expect(owner, graph, () =>
      this.#aside((lifetime) => {
        const found = this.backend.measure(work);
        lifetime.alive = false;
        return found;
      }),
    );
  }

  /** Runs `work` with tensors, a tape and graphs of its own, beside those of the step at hand. */
  #aside<T>(work: (lifetime: Lifetime) => T): T {
    const before = { lifetime: this.lifetime, tape: this.#tape, graphs: this.#graphs };
    this.lifetime = { alive: true };
    this.#tape = [];
    this.#graphs = new Map();
    try {
      return work(this.lifetime);
    } finally {
      this.lifetime = before.lifetime;
      this.#tape = before.tape;
      this.#graphs = before.graphs;
    }
  }

  /** Runs `work` without remembering operations, as predictions do. */
  withoutGradient<T>(work: () => T): T {
    const before = this.#recording;
    this.#recording = false;
    try {
      return work();
    } finally {
      this.#recording = before;
    }
  }

  /**
   * Operations inside `work` are remembered under this name, so that an error can say where a number went wrong. Where
   * nothing is remembered, the memory of their results is free again afterwards, except of the tensors that `work`
   * returns: a prediction needs room for one layer and not for all.
   */
  inLayer<T extends Tensor | object>(name: string, work: () => T): T {
    const before = this.#layer;
    this.#layer = before === '' ? name : `${before}.${name}`;
    try {
      return this.#recording ? work() : this.#tidy(work);
    } finally {
      this.#layer = before;
    }
  }

  #tidy<T extends Tensor | object>(work: () => T): T {
    const outer = this.#scope;
    const inner: Scope = { lifetime: { alive: true }, made: new Set() };
    this.#scope = inner;
    let result: T;
    try {
      result = work();
    } finally {
      this.#scope = outer;
    }
    inner.lifetime.alive = false;
    const keep = (value: unknown) =>
      inner.made.delete(value as Tensor) ? this.#computed((value as Tensor).matrix, false) : value;
    const kept =
      result instanceof Tensor
        ? keep(result)
        : Object.fromEntries(Object.entries(result).map(([name, value]) => [name, keep(value)]));
    for (const { matrix } of inner.made) this.backend.free(matrix);
    return kept as T;
  }

  /** Whether operations are remembered at the moment. */
  get recording(): boolean {
    return this.#recording;
  }

  /**
   * A tensor of this step from plain numbers, row-major.
   * @param rows how many rows, or the set of rows (such as `engine.graph(g).nodes`) that they belong to
   * @throws RangeError if there are not rows x columns numbers
   */
  tensor(
    values: ArrayLike<number>,
    rows: number | Rows,
    columns: number,
    options: { requiresGradient?: boolean } = {},
  ): Tensor {
    if (typeof rows !== 'number') expectRowsOf(this, rows);
    const rowSet = typeof rows === 'number' ? this.backend.rows(rows) : rows;
    expectCount(values, [rowSet.count, columns]);
    const matrix = this.backend.scratch(rowSet, columns);
    this.backend.write(matrix, values);
    return new Tensor(this, matrix, { requiresGradient: options.requiresGradient ?? false });
  }

  /** The graph as the backend holds it, for this step; the first call of a step decides about the options. */
  graph(graph: Graph, options?: GraphOptions): GraphHandle {
    let handle = this.#graphs.get(graph);
    if (!handle) {
      handle = this.backend.graph(graph, options);
      rememberOrigin(this, handle.nodes, handle.edges, handle.graphs);
      this.#graphs.set(graph, handle);
    }
    return handle;
  }

  /** An index for `gather` and `segmentSum`: row r of `from` belongs to row values[r] of `to`. */
  rowIndex(values: Int32Array, from: Rows, to: Rows): RowIndex {
    if (!(values instanceof Int32Array))
      throw new TypeError(`an index is an Int32Array of row numbers; got ${shown(values)}`);
    for (const rows of [from, to]) expectRowsOf(this, rows);
    const index = this.backend.rowIndex(values, from, to);
    rememberOrigin(this, index);
    return index;
  }

  /**
   * Puts an operation on the tape. Called by operations: `output` is computed already, and `backward` adds to the
   * gradients of `inputs` when the loss depends on the output.
   */
  record(output: Matrix, inputs: readonly Tensor[], backward: (dOutput: Matrix) => void): Tensor {
    return this.recordAll([output], inputs, ([dOutput]) => backward(dOutput!))[0];
  }

  /** `record` for operations with several outputs, some of whose gradients may be absent. */
  recordAll(
    outputs: readonly Matrix[],
    inputs: readonly Tensor[],
    backward: (dOutputs: readonly (Matrix | undefined)[]) => void,
  ): Tensor[] {
    for (const input of inputs) {
      expectTensorOf(this, input);
      input.assertAlive();
    }
    const requiresGradient = this.#recording && inputs.some((input) => input.requiresGradient);
    const tensors = outputs.map((matrix) => this.#computed(matrix, requiresGradient));
    if (requiresGradient) this.#tape.push({ layer: this.#layer, outputs: tensors, backward });
    return tensors;
  }

  #computed(matrix: Matrix, requiresGradient: boolean): Tensor {
    const tensor = new Tensor(this, matrix, {
      requiresGradient,
      computed: true,
      lifetime: this.#scope?.lifetime,
    });
    this.#scope?.made.add(tensor);
    return tensor;
  }

  /** Whether an operation on these inputs will need its backward pass. */
  needsGradient(inputs: readonly (Tensor | undefined)[]): boolean {
    return this.#recording && inputs.some((input) => input?.requiresGradient);
  }

  /**
   * Fills the gradients of everything the loss depends on. Gradients of parameters add up until they are cleared.
   * @param loss [1, 1]
   */
  backward(loss: Tensor): void {
    if (loss.rows.count !== 1 || loss.columns !== 1)
      throw new RangeError(`backward starts from a loss of shape [1, 1]; got [${loss.shape.join(', ')}]`);
    if (!loss.requiresGradient)
      throw new Error('the loss does not depend on anything that requires a gradient');
    expectTensorOf(this, loss);
    loss.assertAlive();
    loss.gradient = this.backend.scratch(loss.rows, 1);
    this.backend.fill(loss.gradient, 1);
    walkBack(this.#tape, this.backend);
  }

  /** Where a row-wise operation writes its share of a tensor's gradient; undefined if nobody asks for it. */
  gradientTarget(tensor: Tensor): GradientTarget | undefined {
    if (!tensor.requiresGradient) return undefined;
    if (tensor.gradient) return { matrix: tensor.gradient, accumulate: true };
    tensor.gradient = this.backend.scratch(tensor.rows, tensor.columns);
    return { matrix: tensor.gradient, accumulate: false };
  }

  /** A tensor's gradient as something that a row-wise operation adds to; zeros at first. */
  gradientOf(tensor: Tensor): Matrix | undefined {
    if (!tensor.requiresGradient) return undefined;
    tensor.gradient ??= this.backend.scratch(tensor.rows, tensor.columns, true);
    return tensor.gradient;
  }

  /** A tensor's gradient as something that all rows of an operation add to (gradients of weights). */
  gradientSum(tensor: Tensor): Matrix | undefined {
    if (!tensor.requiresGradient) return undefined;
    if (!tensor.gradient || !tensor.gradientIsAccumulator) {
      const sum = this.backend.accumulator(tensor.rows, tensor.columns, 'scratch');
      if (tensor.gradient) this.backend.affine(tensor.gradient, sum, 1, 0, true);
      tensor.gradient = sum;
      tensor.gradientIsAccumulator = true;
    }
    return tensor.gradient;
  }

  /** Where the first number of this step that is not finite comes from, and the largest finite one of each layer up to there. */
  findNonFinite(): Promise<NonFinite> {
    return findNonFinite(this.#tape);
  }

  /** Ends worker threads and frees the memory. Whatever the engine is asked to compute afterwards is an error. */
  close(): void {
    this.#isClosed = true;
    this.#backend.close();
    this.#backend = closedBackend(this.#backend);
  }
}
