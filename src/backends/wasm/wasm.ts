/** @file The wasm backend: float32 kernels in WebAssembly SIMD on one or more threads. */
import type { Backend } from '../backend.ts';
import { checkArguments } from '../check-arguments.ts';
import { createRingMemory } from './command-ring.ts';
import { Executor } from './executor.ts';
import { WasmGraph } from './graph.ts';
import { instantiate } from './kernels.ts';
import { type WasmRows, wasm } from './matrix.ts';
import { SharedHeap } from './memory.ts';
import * as operations from './operations/index.ts';
import { assertThreads, spawnWorkers, type ThreadLimit, threadLimit } from './threads.ts';
import { chooseVariant, type Variant } from './variant.ts';
import { Workspace } from './workspace.ts';

const FLOAT = 4;

interface WasmOptions {
  /** All cores if left out. */
  readonly threads?: number;
  /** A build of the kernels to insist on. */
  readonly variant?: Variant;
  /** Of all memory, in bytes; 4 GiB, which WebAssembly can hold, if left out. */
  readonly memoryLimit?: number;
}

/** @throws Error if no kernels run here; ThreadsError if as many threads as asked for do not */
export async function createWasmBackend(options: WasmOptions = {}): Promise<Backend> {
  if (options.threads !== undefined) assertThreads(options.threads);
  const limit: ThreadLimit = options.threads === undefined ? threadLimit() : { threads: options.threads };
  const heap = new SharedHeap(options.memoryLimit);
  const ring = createRingMemory();
  const workers = spawnWorkers(limit.threads);
  const { variant, module, reason } = await chooseVariant(options.variant).catch((error: Error) => {
    workers.end();
    throw error;
  });
  const revectorized = variant === 'revectorized';
  const kernels = instantiate(module, heap.memory, revectorized);
  const { threads, reason: whyOne } = await workers
    .start({ memory: heap.memory, ring, module, revectorized })
    .then(
      () => limit,
      (error: Error) => {
        workers.end();
        if (options.threads !== undefined) throw error;
        return { threads: 1, reason: error.message };
      },
    );
  const executor = new Executor(heap, kernels, ring, threads, workers.hasEnded);
  if (threads > 1) workers.onDeath((message) => executor.fail(message));
  const workspace = new Workspace(heap, executor);
  const elementwise = operations.elementwiseMethods(workspace);
  const addCombined = operations.combinedAdder(workspace, elementwise.affine);

  return checkArguments({
    name: 'wasm',
    precision: 'float32',
    threads,
    description: `WebAssembly SIMD, ${variant} build (${reason}), ${threads} thread${threads === 1 ? '' : 's'}${whyOne ? ` (${whyOne})` : ''}`,

    rows: (count) => workspace.rows(count),
    persistent: (rows, columns) => workspace.zeros(rows as WasmRows, columns, 'persistent'),
    scratch: (rows, columns, zero) =>
      zero
        ? workspace.zeros(rows as WasmRows, columns, 'scratch')
        : workspace.scratch(rows as WasmRows, columns),
    accumulator: (rows, columns, lifetime) => workspace.accumulator(rows as WasmRows, columns, lifetime),
    free: (matrix) => workspace.free(wasm(matrix)),
    combine: (accumulator) => workspace.combine(wasm(accumulator)),
    view(matrix, first, count) {
      const { pointer, columns } = wasm(matrix);
      return { ...wasm(matrix), rows: workspace.rows(count), pointer: pointer + first * columns * FLOAT };
    },
    reshape(matrix, offset, rows, columns) {
      const pointer = wasm(matrix).pointer + offset * FLOAT;
      return { ...wasm(matrix), rows: rows as WasmRows, columns, pointer };
    },
    reset: () => workspace.rewind(),
    capture: (work) => workspace.capture(work),
    measure: (work) => workspace.measure(work),
    write(matrix, values) {
      if (executor.isMeasuring) return;
      const { pointer, block, rows, columns } = wasm(matrix);
      // Nothing can be at work on memory that no operation has touched yet, such as a new tensor's.
      if (executor.mayBeInUse(block)) executor.meet();
      // Of this matrix alone: values whose length is not what they say are a RangeError.
      const start = pointer / FLOAT;
      heap.floats.subarray(start, start + rows.count * columns).set(values);
    },
    async read(matrix) {
      executor.meet();
      const { pointer, columns } = wasm(matrix);
      const start = pointer / FLOAT;
      return heap.floats.slice(start, start + matrix.rows.count * columns);
    },
    graph: (graph, options) => new WasmGraph(graph, workspace, options),
    close() {
      executor.close();
      workers.end();
    },

    ...operations.productMethods(workspace),
    ...elementwise,
    ...operations.rowMethods(workspace, addCombined),
    ...operations.reductionMethods(workspace),
    ...operations.edgeBlockMethods(workspace, addCombined),
    ...operations.optimiserMethods(workspace),
  });
}
