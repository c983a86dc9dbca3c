/**
 * @file The wasm backend: float32 kernels in WebAssembly SIMD on one or more threads. Every method allocates what it
 * needs and hands one program to the executor, saying which matrices it reads and writes.
 */
import type { Graph } from '../../graph/graph.ts';
import {
  type Activation,
  activations,
  type Backend,
  type BinaryOperation,
  binaryOperations,
  type EdgeBlockOptions,
  type EdgeBlockOutputs,
  type EdgeBlockParts,
  type Loss,
  losses,
  type Matrix,
} from '../backend.ts';
import { edgeBlockMethods } from './edge-block.ts';
import { Executor } from './executor.ts';
import { WasmGraph } from './graph.ts';
import { instantiate } from './kernels.ts';
import {
  ACROSS,
  evenBounds,
  newBlock,
  type WasmIndex,
  type WasmMatrix,
  type WasmRows,
  wasm,
} from './matrix.ts';
import { ALIGNMENT, Arena, align, SharedHeap } from './memory.ts';
import * as program from './programs/index.ts';
import { availableThreads, startWorkers } from './threads.ts';
import { chooseVariant, type Variant } from './variant.ts';

const FLOAT = 4;
const PERSISTENT_CHUNK = 1 << 20;
const SCRATCH_CHUNK = 1 << 24;

export interface WasmOptions {
  /** All cores if left out. */
  readonly threads?: number;
  /** A build of the kernels to insist on. */
  readonly variant?: Variant;
}

/** The wasm backend's own operations beside `Backend`'s, for its parts. */
export interface WasmMemory {
  readonly executor: Executor;
  rows(count: number): WasmRows;
  scratch(rows: WasmRows, columns: number, zero?: boolean): WasmMatrix;
  accumulator(rows: WasmRows, columns: number, lifetime: 'persistent' | 'scratch'): WasmMatrix;
  /** Adds an accumulator's total to an ordinary matrix. */
  addCombined(accumulator: WasmMatrix, target: WasmMatrix): void;
  /** Integers that live until the next reset; their address. */
  integers(values: Int32Array): number;
  floats(values: Float32Array): number;
}

/** @throws Error if no kernels run here, or a worker cannot be started */
export async function createWasmBackend(options: WasmOptions = {}): Promise<Backend> {
  const threads = options.threads ?? (await availableThreads());
  const { variant, module, reason } = await chooseVariant(options.variant);
  const revectorized = variant === 'revectorized';
  const heap = new SharedHeap();
  const kernels = instantiate(module, heap.memory, revectorized);
  const executor = new Executor(heap, kernels, threads);
  const endWorkers = await startWorkers({
    module,
    memory: heap.memory,
    revectorized,
    ring: executor.ringMemory,
    threads,
  });

  const persistentArena = new Arena(heap, PERSISTENT_CHUNK);
  const scratchArena = new Arena(heap, SCRATCH_CHUNK);
  const evenRows = new Map<number, WasmRows>();
  const scalar = rows(1);

  function rows(count: number): WasmRows {
    let even = evenRows.get(count);
    if (!even) {
      even = { count, bounds: evenBounds(count, threads), split: count };
      evenRows.set(count, even);
    }
    return even;
  }

  function place(matrixRows: WasmRows, columns: number, persistent: boolean, copies: number): WasmMatrix {
    const bytes = align(matrixRows.count * columns * FLOAT);
    const pointer = (persistent ? persistentArena : scratchArena).take(Math.max(bytes, ALIGNMENT) * copies);
    return {
      rows: matrixRows,
      columns,
      pointer,
      copyStride: copies > 1 ? bytes : 0,
      block: newBlock(persistent),
    };
  }

  function scratch(matrixRows: WasmRows, columns: number, zero = false): WasmMatrix {
    const matrix = place(matrixRows, columns, false, 1);
    if (zero) fill(matrix, 0);
    return matrix;
  }

  function accumulator(
    matrixRows: WasmRows,
    columns: number,
    lifetime: 'persistent' | 'scratch',
  ): WasmMatrix {
    const matrix = place(matrixRows, columns, lifetime === 'persistent', threads);
    fill(matrix, 0);
    return matrix;
  }

  function fill(matrix: WasmMatrix, value: number): void {
    const { pointer: y, copyStride: yStride, columns } = matrix;
    if (yStride === 0)
      executor.run(program.fill, matrix.rows, matrix.rows.split, [], [matrix], { y, value, columns });
    else
      executor.run(program.fillCopies, scalar, ACROSS, [], [matrix], {
        y,
        yStride,
        value,
        count: matrix.rows.count * columns,
      });
  }

  /** All elements of a matrix as rows of one number, for what does not care about its shape. */
  function flat(matrix: WasmMatrix): WasmRows {
    return rows(matrix.rows.count * matrix.columns);
  }

  function combine(matrix: WasmMatrix): void {
    if (matrix.copyStride === 0) return;
    const ordinary = { ...matrix, copyStride: 0 };
    executor.run(program.combine, flat(matrix), flat(matrix).split, [matrix], [ordinary], {
      matrix: matrix.pointer,
      stride: matrix.copyStride,
    });
  }

  function affine(x: WasmMatrix, y: WasmMatrix, scale: number, shift: number, accumulate: boolean): void {
    executor.run(program.affine, x.rows, x.rows.split, accumulate ? [x, y] : [x], [y], {
      x: x.pointer,
      y: y.pointer,
      yStride: y.copyStride,
      scale,
      shift,
      columns: x.columns,
      accumulate: accumulate ? 1 : 0,
    });
  }

  /** From each thread's partial sum to y = scale * total. */
  function reduce(y: WasmMatrix, scale: number, run: (partials: WasmMatrix) => void): void {
    const partials = place(rows(threads), ALIGNMENT / FLOAT, false, 1);
    run(partials);
    executor.run(program.sumPartials, scalar, ACROSS, [partials], [y], {
      partials: partials.pointer,
      y: y.pointer,
      scale,
    });
  }

  const memory: WasmMemory = {
    executor,
    rows,
    scratch,
    accumulator,
    addCombined(from, target) {
      combine(from);
      affine({ ...from, rows: target.rows, copyStride: 0 }, target, 1, 0, true);
    },
    integers(values) {
      const pointer = scratchArena.take(values.byteLength);
      heap.integers.set(values, pointer / FLOAT);
      return pointer;
    },
    floats(values) {
      const pointer = scratchArena.take(values.byteLength);
      heap.floats.set(values, pointer / FLOAT);
      return pointer;
    },
  };

  const kindOf = (activation: Activation) => activations.indexOf(activation);
  const operationOf = (operation: BinaryOperation) => binaryOperations.indexOf(operation);
  const lossOf = (loss: Loss) => losses.indexOf(loss);

  return {
    name: 'wasm',
    precision: 'float32',
    threads,
    description: `WebAssembly SIMD, ${variant} build (${reason}), ${threads} thread${threads === 1 ? '' : 's'}`,

    rows,
    persistent(matrixRows, columns) {
      const matrix = place(matrixRows as WasmRows, columns, true, 1);
      fill(matrix, 0);
      return matrix;
    },
    scratch: (matrixRows, columns, zero) => scratch(matrixRows as WasmRows, columns, zero),
    accumulator: (matrixRows, columns, lifetime) => accumulator(matrixRows as WasmRows, columns, lifetime),
    combine: (matrix) => combine(wasm(matrix)),
    view(matrix, first, count) {
      const { pointer, columns } = wasm(matrix);
      return { ...wasm(matrix), rows: rows(count), pointer: pointer + first * columns * FLOAT };
    },
    reshape(matrix, offset, matrixRows, columns) {
      const pointer = wasm(matrix).pointer + offset * FLOAT;
      return { ...wasm(matrix), rows: matrixRows as WasmRows, columns, pointer };
    },
    reset() {
      executor.join();
      scratchArena.rewind();
    },
    write(matrix, values) {
      const { pointer, block } = wasm(matrix);
      if (block.persistent) executor.join();
      heap.floats.set(values, pointer / FLOAT);
    },
    async read(matrix) {
      executor.join();
      const { pointer, columns } = wasm(matrix);
      const start = pointer / FLOAT;
      return new Float32Array(heap.floats.subarray(start, start + matrix.rows.count * columns));
    },
    graph: (graph: Graph) => new WasmGraph(graph, memory),
    rowIndex: (values, from, to) => indexRows(memory, values, from as WasmRows, to as WasmRows),
    close() {
      executor.close();
      endWorkers();
    },

    multiply(x, weight, bias, y, accumulate) {
      const { rows: matrixRows } = wasm(y);
      const operands = [wasm(x), wasm(weight), bias && wasm(bias), accumulate ? wasm(y) : undefined];
      executor.run(program.multiply, matrixRows, matrixRows.split, operands, [wasm(y)], {
        x: wasm(x).pointer,
        weight: wasm(weight).pointer,
        bias: bias ? wasm(bias).pointer : 0,
        y: wasm(y).pointer,
        inner: x.columns,
        columns: y.columns,
        accumulate: accumulate ? 1 : 0,
      });
    },
    multiplyInputGradient(dy, weight, dx) {
      const target = wasm(dx.matrix);
      const { rows: matrixRows } = wasm(dy);
      const reads = [wasm(dy), wasm(weight), dx.accumulate ? target : undefined];
      executor.run(program.multiplyInputGradient, matrixRows, matrixRows.split, reads, [target], {
        dy: wasm(dy).pointer,
        weight: wasm(weight).pointer,
        dx: target.pointer,
        inner: dx.matrix.columns,
        columns: dy.columns,
        accumulate: dx.accumulate ? 1 : 0,
      });
    },
    multiplyWeightGradient(x, dy, dWeight) {
      const { rows: matrixRows } = wasm(dy);
      const target = wasm(dWeight);
      executor.run(
        program.multiplyWeightGradient,
        matrixRows,
        matrixRows.split,
        [wasm(x), wasm(dy)],
        [target],
        {
          x: wasm(x).pointer,
          dy: wasm(dy).pointer,
          dWeight: target.pointer,
          dWeightStride: target.copyStride,
          inner: x.columns,
          columns: dy.columns,
        },
      );
    },
    columnSums(x, sums) {
      const target = wasm(sums);
      executor.run(program.columnSums, wasm(x).rows, wasm(x).rows.split, [wasm(x)], [target], {
        x: wasm(x).pointer,
        sums: target.pointer,
        sumsStride: target.copyStride,
        columns: x.columns,
      });
    },

    activate(activation, z, y) {
      executor.run(program.activate, wasm(z).rows, wasm(z).rows.split, [wasm(z)], [wasm(y)], {
        kind: kindOf(activation),
        z: wasm(z).pointer,
        y: wasm(y).pointer,
        columns: z.columns,
      });
    },
    activationGradient(activation, z, dy, dz) {
      const target = wasm(dz.matrix);
      const reads = [wasm(z), wasm(dy), dz.accumulate ? target : undefined];
      executor.run(program.activationGradient, wasm(z).rows, wasm(z).rows.split, reads, [target], {
        kind: kindOf(activation),
        z: wasm(z).pointer,
        dy: wasm(dy).pointer,
        dz: target.pointer,
        columns: z.columns,
        accumulate: dz.accumulate ? 1 : 0,
      });
    },
    binary(operation, a, b, y) {
      executor.run(program.binary, wasm(a).rows, wasm(a).rows.split, [wasm(a), wasm(b)], [wasm(y)], {
        operation: operationOf(operation),
        a: wasm(a).pointer,
        b: wasm(b).pointer,
        y: wasm(y).pointer,
        columns: a.columns,
        broadcast: broadcastOf(a, b),
      });
    },
    binaryGradient(operation, a, b, dy, da, db) {
      const [first, second] = [da && wasm(da), db && wasm(db)];
      const reads = [wasm(a), wasm(b), wasm(dy), first, second];
      executor.run(program.binaryGradient, wasm(a).rows, wasm(a).rows.split, reads, [first, second], {
        operation: operationOf(operation),
        a: wasm(a).pointer,
        b: wasm(b).pointer,
        dy: wasm(dy).pointer,
        da: first?.pointer ?? 0,
        daStride: first?.copyStride ?? 0,
        db: second?.pointer ?? 0,
        dbStride: second?.copyStride ?? 0,
        columns: a.columns,
        broadcast: broadcastOf(a, b),
      });
    },
    affine: (x, y, scale, shift, accumulate) => affine(wasm(x), wasm(y), scale, shift, accumulate),
    fill: (matrix, value) => fill(wasm(matrix), value),
    copyColumns(source, sourceOffset, target, targetOffset, width, accumulate) {
      const [from, to] = [wasm(source), wasm(target)];
      executor.run(program.copyColumns, from.rows, from.rows.split, [from, to], [to], {
        source: from.pointer,
        sourceColumns: source.columns,
        sourceOffset,
        target: to.pointer,
        targetColumns: target.columns,
        targetOffset,
        width,
        accumulate: accumulate ? 1 : 0,
      });
    },

    gather(source, index, target, accumulate, mean) {
      const { from, pointer, shares } = index as WasmIndex;
      const reads = [wasm(source), accumulate ? wasm(target) : undefined];
      executor.run(program.gather, from, splitOf(index), reads, [wasm(target)], {
        source: wasm(source).pointer,
        index: pointer,
        shares: mean ? shares : 0,
        target: wasm(target).pointer,
        columns: source.columns,
        accumulate: accumulate ? 1 : 0,
      });
    },
    scatterAdd(source, index, target, mean) {
      const { from, pointer, shares } = index as WasmIndex;
      const split = splitOf(index);
      const together = Number.isNaN(split) && threads > 1;
      const to = together ? accumulator(wasm(target).rows, target.columns, 'scratch') : wasm(target);
      executor.run(program.scatterAdd, from, split, [wasm(source), to], [to], {
        source: wasm(source).pointer,
        index: pointer,
        shares: mean ? shares : 0,
        target: to.pointer,
        targetStride: to.copyStride,
        columns: source.columns,
      });
      if (together) memory.addCombined(to, wasm(target));
    },
    rowSums(x, y, accumulate) {
      const reads = accumulate ? [wasm(x), wasm(y)] : [wasm(x)];
      executor.run(program.rowSums, wasm(x).rows, wasm(x).rows.split, reads, [wasm(y)], {
        x: wasm(x).pointer,
        y: wasm(y).pointer,
        columns: x.columns,
        accumulate: accumulate ? 1 : 0,
      });
    },

    sum(x, y, scale) {
      reduce(wasm(y), scale, (partials) =>
        executor.run(program.sum, wasm(x).rows, wasm(x).rows.split, [wasm(x)], [partials], {
          x: wasm(x).pointer,
          columns: x.columns,
          partials: partials.pointer,
        }),
      );
    },
    sumGradient(dy, dx, scale) {
      executor.run(
        program.sumGradient,
        wasm(dx).rows,
        wasm(dx).rows.split,
        [wasm(dy), wasm(dx)],
        [wasm(dx)],
        {
          dy: wasm(dy).pointer,
          dx: wasm(dx).pointer,
          scale,
          columns: dx.columns,
        },
      );
    },
    loss(loss, prediction, target, y, scale) {
      const { rows: matrixRows } = wasm(prediction);
      reduce(wasm(y), scale, (partials) =>
        executor.run(
          program.loss,
          matrixRows,
          matrixRows.split,
          [wasm(prediction), wasm(target)],
          [partials],
          {
            kind: lossOf(loss),
            prediction: wasm(prediction).pointer,
            target: wasm(target).pointer,
            columns: prediction.columns,
            partials: partials.pointer,
          },
        ),
      );
    },
    lossGradient(loss, prediction, target, dy, dPrediction, scale) {
      const { rows: matrixRows } = wasm(prediction);
      const reads = [wasm(prediction), wasm(target), wasm(dy), wasm(dPrediction)];
      executor.run(program.lossGradient, matrixRows, matrixRows.split, reads, [wasm(dPrediction)], {
        kind: lossOf(loss),
        prediction: wasm(prediction).pointer,
        target: wasm(target).pointer,
        dy: wasm(dy).pointer,
        dPrediction: wasm(dPrediction).pointer,
        scale,
        columns: prediction.columns,
      });
    },

    ...edgeBlockMethods(memory),

    adam(parameters, gradients, firstMoment, secondMoment, settings) {
      combine(wasm(gradients));
      const operands = [parameters, firstMoment, secondMoment].map(wasm);
      const range = flat(wasm(parameters));
      executor.run(
        program.adam,
        range,
        range.split,
        [{ ...wasm(gradients), copyStride: 0 }, ...operands],
        operands,
        {
          parameters: wasm(parameters).pointer,
          gradients: wasm(gradients).pointer,
          firstMoment: wasm(firstMoment).pointer,
          secondMoment: wasm(secondMoment).pointer,
          ...settings,
        },
      );
    },
    averageWeights(average, parameters, decay) {
      const range = flat(wasm(average));
      executor.run(
        program.averageWeights,
        range,
        range.split,
        [wasm(average), wasm(parameters)],
        [wasm(average)],
        {
          average: wasm(average).pointer,
          parameters: wasm(parameters).pointer,
          decay,
        },
      );
    },
    sumOfSquares(x, y) {
      combine(wasm(x));
      const range = flat(wasm(x));
      const ordinary = { ...wasm(x), copyStride: 0 };
      reduce(wasm(y), 1, (partials) =>
        executor.run(program.sumOfSquares, range, range.split, [ordinary], [partials], {
          x: wasm(x).pointer,
          columns: 1,
          partials: partials.pointer,
        }),
      );
    },
  };
}

/** How `b` is shared by the elements of `a`: the kernels' numbers. */
function broadcastOf(a: Matrix, b: Matrix): number {
  const { none, column, row, scalar } = program.Broadcast;
  const oneRow = b.rows.count === 1 && a.rows.count !== 1;
  const oneColumn = b.columns === 1 && a.columns !== 1;
  if (oneRow) return oneColumn || a.columns === 1 ? scalar : row;
  return oneColumn ? column : none;
}

/** Along which split an index can be followed without leaving a thread's own rows. */
function splitOf(index: { from: unknown; to: unknown }): number {
  const { from, to } = index as WasmIndex;
  return from.split === to.split && from.split < 0 ? from.split : ACROSS;
}

/** An index in the backend's memory. */
export function indexRows(memory: WasmMemory, values: Int32Array, from: WasmRows, to: WasmRows): WasmIndex {
  const shares = new Float32Array(to.count);
  for (const row of values) shares[row]++;
  for (let row = 0; row < to.count; row++) if (shares[row] > 0) shares[row] = 1 / shares[row];
  return { from, to, pointer: memory.integers(values), shares: memory.floats(shares) };
}

export type EdgeBlockMethods = Pick<Backend, 'edgeBlock' | 'edgeBlockGradient'>;
export type { EdgeBlockOptions, EdgeBlockOutputs, EdgeBlockParts };
