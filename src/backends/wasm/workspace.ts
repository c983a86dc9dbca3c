/**
 * @file The wasm backend's memory and the way operations run on it: an operation names the matrices it reads and
 * writes and its numbers, and every thread runs the program with their addresses.
 */
import type { Capture, MemoryMeasurement } from '../backend.ts';
import type { Executor } from './executor.ts';
import { evenBounds, newBlock, type WasmMatrix, type WasmRows } from './matrix.ts';
import { ALIGNMENT, Arena, align, type Heap, type SharedHeap } from './memory.ts';
import { defineProgram, type Program } from './program.ts';

const FLOAT = 4;
const PERSISTENT_CHUNK = 1 << 20;
const SCRATCH_CHUNK = 1 << 24;
/** Fewer rows than this, or fewer numbers of a flat array, are not worth a second thread's attention. */
const FEWEST_ROWS = 48;
const FEWEST_NUMBERS = 1 << 14;
/** The same where the other threads would have to be woken for it: the optimiser's step on a small graph. */
const FEWEST_NUMBERS_TO_WAKE = 1 << 20;

type Lifetime = 'persistent' | 'scratch';
type Operands<Name extends string> = Partial<Readonly<Record<Name, WasmMatrix | undefined>>>;
/** The numbers that operands do not supply; an operand supplies NAME and, for accumulators, NAMEStride. */
type Numbers<Name extends string, Reads, Writes> = Readonly<
  Record<Exclude<Name, keyof Reads | keyof Writes | `${Extract<keyof Writes, string>}Stride`>, number>
>;

const fill = defineProgram(['y', 'value', 'columns'], ({ kernels, begin, end }, { y, value, columns }) =>
  kernels.fill(y + begin * columns * FLOAT, value, (end - begin) * columns),
);

/** The total of an accumulator becomes `value`: the first thread's copy holds it, the others' hold zeros. */
const fillCopies = defineProgram(
  ['y', 'yStride', 'value', 'count'],
  ({ kernels, index }, { y, yStride, value, count }) =>
    kernels.fill(y + index * yStride, index === 0 ? value : 0, count),
);

/** Adds the threads' copies of an accumulator into the first one and clears the others. */
const combine = defineProgram(
  ['matrix', 'stride', 'copies'],
  ({ kernels, begin, end }, { matrix, stride, copies }) => {
    const offset = begin * FLOAT;
    kernels.sumOver(matrix + offset, stride, copies, end - begin);
    for (let copy = 1; copy < copies; copy++) kernels.fill(matrix + copy * stride + offset, 0, end - begin);
  },
);

export class Workspace {
  readonly heap: SharedHeap;
  readonly executor: Executor;
  readonly #persistent: Arena;
  /** Where scratch memory comes from at the moment. */
  #scratch: Arena;
  /** Matrices of the scratch memory that nobody uses any more, by their rows. */
  #free = new Map<WasmRows, WasmMatrix[]>();
  readonly #releasedArenas: Arena[] = [];
  readonly #evenRows = new Map<number, WasmRows>();
  readonly #flatRows = new Map<number, WasmRows>();
  readonly #flatRowsAlone = new Map<number, WasmRows>();

  constructor(heap: SharedHeap, executor: Executor) {
    this.heap = heap;
    this.executor = executor;
    this.#persistent = new Arena(heap, PERSISTENT_CHUNK);
    this.#scratch = new Arena(heap, SCRATCH_CHUNK);
  }

  get threads(): number {
    return this.executor.threads;
  }

  /** `count` rows, split evenly. */
  rows(count: number): WasmRows {
    return this.#split(this.#evenRows, count, count < FEWEST_ROWS);
  }

  /** All numbers of a matrix as rows of one, for what does not care about its shape. */
  flat(matrix: WasmMatrix): WasmRows {
    const count = matrix.rows.count * matrix.columns;
    return this.executor.isShared
      ? this.#split(this.#flatRows, count, count < FEWEST_NUMBERS)
      : this.#split(this.#flatRowsAlone, count, count < FEWEST_NUMBERS_TO_WAKE);
  }

  /** Holds anything at first. */
  scratch(rows: WasmRows, columns: number): WasmMatrix {
    return this.#place(rows, columns, 'scratch', 1);
  }

  zeros(rows: WasmRows, columns: number, lifetime: Lifetime): WasmMatrix {
    const matrix = this.#place(rows, columns, lifetime, 1);
    this.fill(matrix, 0);
    return matrix;
  }

  /** Zeros, one copy a thread. */
  accumulator(rows: WasmRows, columns: number, lifetime: Lifetime): WasmMatrix {
    const matrix = this.#place(rows, columns, lifetime, this.threads);
    this.fill(matrix, 0);
    return matrix;
  }

  fill(matrix: WasmMatrix, value: number): void {
    if (this.executor.isMeasuring) return;
    const { rows, columns } = matrix;
    const { block, copyStride } = matrix;
    if (copyStride === 0) this.run(fill, rows, {}, { y: matrix }, { value, columns });
    else if (!block.spread)
      this.run(fill, this.flat(matrix), {}, { y: firstCopy(matrix) }, { value, columns: 1 });
    else {
      this.runEverywhere(fillCopies, { y: matrix }, { value, count: rows.count * columns });
      if (isWhole(matrix)) block.spread = false;
    }
  }

  /** Makes an accumulator's first copy the total, and clears the others. */
  combine(matrix: WasmMatrix): void {
    if (matrix.copyStride === 0 || !matrix.block.spread || this.executor.isMeasuring) return;
    const numbers = { stride: matrix.copyStride, copies: this.threads };
    this.run(combine, this.flat(matrix), {}, { matrix: firstCopy(matrix) }, numbers);
    if (isWhole(matrix)) matrix.block.spread = false;
  }

  /** The address of integers that live until the next rewind. */
  integers(values: Int32Array): number {
    const pointer = this.#scratch.take(values.byteLength);
    if (!this.executor.isMeasuring) this.heap.integers.set(values, pointer / FLOAT);
    return pointer;
  }

  floats(values: Float32Array): number {
    const pointer = this.#scratch.take(values.byteLength);
    if (!this.executor.isMeasuring) this.heap.floats.set(values, pointer / FLOAT);
    return pointer;
  }

  /** The next scratch matrix of the same rows and columns takes this one's memory. */
  free(matrix: WasmMatrix): void {
    const known = this.#free.get(matrix.rows);
    if (known) known.push(matrix);
    else this.#free.set(matrix.rows, [matrix]);
  }

  /** Frees all scratch memory of steps. */
  rewind(): void {
    this.executor.meet();
    this.executor.rest();
    this.#free.clear();
    this.#scratch.rewind();
  }

  /** Remembers the operations of `work` together with the scratch memory they work on. */
  capture<T>(work: () => T): Capture<T> {
    const arena = this.#releasedArenas.pop() ?? new Arena(this.heap, PERSISTENT_CHUNK);
    const ofSteps = { scratch: this.#scratch, free: this.#free };
    this.#scratch = arena;
    this.#free = new Map();
    let result!: T;
    try {
      const commands = this.executor.capture(() => {
        result = work();
      });
      return {
        result,
        replay: () => this.executor.replay(commands),
        release: () => {
          this.executor.meet();
          arena.rewind();
          this.#releasedArenas.push(arena);
        },
      };
    } finally {
      this.#scratch = ofSteps.scratch;
      this.#free = ofSteps.free;
    }
  }

  /** The bytes that `work` would take as a step of its own, and those that there are for it; nothing is run or taken. */
  measure(work: () => void): MemoryMeasurement {
    const ofSteps = { scratch: this.#scratch, free: this.#free };
    let top = ALIGNMENT;
    const nowhere: Heap = {
      take(bytes) {
        const start = top;
        top += align(bytes);
        return start;
      },
    };
    this.#scratch = new Arena(nowhere, SCRATCH_CHUNK);
    this.#free = new Map();
    try {
      const ofThreads = this.executor.measure(work);
      const others = this.heap.used - ofSteps.scratch.bytes;
      return { needed: top + ofThreads, available: this.heap.limit - others };
    } finally {
      this.#scratch = ofSteps.scratch;
      this.#free = ofSteps.free;
    }
  }

  /**
   * Every thread runs `program` on its share of `rows`.
   * @param reads matrices whose addresses the program takes, and does not change
   * @param writes matrices it changes, or adds to
   * @param split how the program touches its operands: along a split, or ACROSS threads
   */
  run<Name extends string, Reads extends Operands<Name>, Writes extends Operands<Name>>(
    program: Program<Name>,
    rows: WasmRows,
    reads: Reads,
    writes: Writes,
    numbers: Numbers<Name, Reads, Writes>,
    split = rows.split,
  ): void {
    this.executor.run(program, rows.bounds, split, reads, writes, numbers);
  }

  /** Every thread runs `program`, whose work is its own copy of what it writes. */
  runEverywhere<Name extends string, Writes extends Operands<Name>>(
    program: Program<Name>,
    writes: Writes,
    numbers: Numbers<Name, object, Writes>,
  ): void {
    this.executor.run(program, evenBounds(this.threads, this.threads), 0, {}, writes, numbers);
  }

  #place(rows: WasmRows, columns: number, lifetime: Lifetime, copies: number): WasmMatrix {
    const reused = lifetime === 'scratch' && this.#takeFree(rows, columns, copies > 1);
    if (reused) return reused;
    const bytes = Math.max(align(rows.count * columns * FLOAT), ALIGNMENT);
    const arena = lifetime === 'persistent' ? this.#persistent : this.#scratch;
    return {
      rows,
      columns,
      pointer: arena.take(bytes * copies),
      copyStride: copies > 1 ? bytes : 0,
      block: newBlock(rows.count * columns),
    };
  }

  #takeFree(rows: WasmRows, columns: number, copied: boolean): WasmMatrix | undefined {
    const free = this.#free.get(rows);
    if (!free) return undefined;
    // Most recently used first: that one may still be in a cache.
    const at = free.findLastIndex((matrix) => matrix.columns === columns && matrix.copyStride > 0 === copied);
    return at < 0 ? undefined : free.splice(at, 1)[0];
  }

  #split(known: Map<number, WasmRows>, count: number, small: boolean): WasmRows {
    let rows = known.get(count);
    if (!rows) {
      const threads = small ? 1 : this.threads;
      const bounds = new Int32Array(this.threads + 1).fill(count);
      bounds.set(evenBounds(count, threads));
      rows = { count, bounds, split: count };
      known.set(count, rows);
    }
    return rows;
  }
}

/** Whether a matrix is all of its memory, not a part of it. */
function isWhole({ rows, columns, block }: WasmMatrix): boolean {
  return rows.count * columns === block.size;
}

/** An accumulator after `combine`, as an ordinary matrix. */
export function firstCopy(matrix: WasmMatrix): WasmMatrix {
  return { ...matrix, copyStride: 0 };
}
