// Threads without waiting: results do not depend on how late a thread is, nor on how many there are, and a thread
// that fails is an error.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend, Matrix } from '../../src/backends/backend.ts';
import { CommandRing, createRingMemory } from '../../src/backends/wasm/command-ring.ts';
import { createWasmBackend } from '../../src/backends/wasm/wasm.ts';
import { Graph } from '../../src/graph/graph.ts';
import { Engine } from '../../src/tensor/engine.ts';
import { edgeBlock, silu } from '../../src/tensor/operations/index.ts';

/** Keeps every thread but the first busy: all edges go to the second of two nodes. */
const lopsided = Graph.fromEdges([new Int32Array(200_000).fill(1), new Int32Array(200_000).fill(1)], {
  nodeCount: 2,
});

describe('with a second thread that is late', () => {
  let engine: Engine;
  let backend: Backend;
  beforeAll(async () => {
    backend = await createWasmBackend({ threads: 2 });
    engine = new Engine(backend);
  });
  afterAll(() => engine.close());

  function delayOtherThreads(): void {
    const { nodes } = engine.graph(lopsided);
    const zeros = (columns: number) => engine.tensor(new Float32Array(2 * columns), nodes, columns);
    engine.withoutGradient(() =>
      edgeBlock(
        lopsided,
        {
          receiverPart: zeros(8),
          senderPart: zeros(8),
          messageWeight: engine.tensor(new Float32Array(64), 8, 8),
          messageBias: engine.tensor(new Float32Array(8), 1, 8),
        },
        {
          activation: 'silu',
          squaredDistance: false,
          messageAggregation: 'sum',
          coordinateAggregation: 'sum',
        },
      ),
    );
  }

  const size = 20_000;
  const rows = 96;
  /** Adds 96 to every element, each thread its share. */
  function addFromAllThreads(gradients: Matrix): void {
    const ones = backend.scratch(backend.rows(rows), size);
    backend.fill(ones, 1);
    backend.columnSums(ones, gradients);
  }
  const one = () => backend.rows(1);

  test('gradients are cleared only after all threads have read them', async () => {
    const [parameters, first, second] = [0, 1, 2].map(() => backend.persistent(one(), size));
    const gradients = backend.accumulator(one(), size, 'persistent');
    await engine.step(() => {
      addFromAllThreads(gradients);
      backend.combine(gradients);
      delayOtherThreads();
      backend.adam(parameters, gradients, first, second, {
        stepSize: 1,
        secondMomentScale: 1,
        beta1: 0,
        beta2: 0,
        epsilon: 0,
        l2: 0,
        decay: 0,
        gradientScale: 1,
      });
      backend.fill(gradients, 0);
    });
    expect((await backend.read(parameters)).every((value) => Math.abs(value + 1) < 1e-6)).toBe(true);
    expect((await backend.read(first)).every((value) => value === rows)).toBe(true);
  });

  test('an accumulator takes no more before all threads have combined it', async () => {
    const gradients = backend.accumulator(one(), size, 'persistent');
    const values = await engine.step(() => {
      const ones = engine.tensor(new Float32Array(size).fill(1), 1, size);
      addFromAllThreads(gradients);
      backend.combine(gradients);
      delayOtherThreads();
      backend.combine(gradients);
      backend.affine(ones.matrix, gradients, 1, 0, true);
      backend.combine(gradients);
      return backend.read(gradients);
    });
    expect(values.every((value) => value === rows + 1)).toBe(true);
  });
});

test('a thread that fails is an error at the next meeting, not a deadlock', async () => {
  const backend = await createWasmBackend({ threads: 2 });
  const rows = backend.rows(4096);
  const bytes = 64 * 2 ** 20;
  // The last block of the memory, and a view that goes on behind its end: only the second thread's half is not there.
  const last = backend.scratch(backend.rows(1), bytes / 4);
  const reach = { ...backend.view(last, 0, 1), rows, columns: bytes / 4 / 2048 };
  backend.fill(reach, 1);
  await expect(backend.read(last)).rejects.toThrow(/a worker thread failed: .*memory access out of bounds/);
  expect(() => backend.reset()).toThrow('a worker thread failed');
  backend.close();
});

test('of several failures the first is told: threads that wait for one that failed fail with it', () => {
  const ring = new CommandRing(createRingMemory(), 2);
  ring.publish(0, false, Int32Array.of(0, 1, 2), [0, 0], [], {});
  ring.fail('the cause');
  ring.fail('a worker thread failed: the cause');
  expect(() => ring.join()).toThrow(/^a worker thread failed: the cause$/);
});

test('as many threads as allowed work and agree', async () => {
  const [one, many] = await Promise.all([1, 7].map((threads) => createWasmBackend({ threads })));
  const run = async (backend: Backend) => {
    const engine = new Engine(backend);
    const values = await engine.step(() => {
      const x = engine.tensor(
        Float32Array.from({ length: 600 }, (_, k) => k / 100),
        200,
        3,
      );
      return silu(x).read();
    });
    engine.close();
    return values;
  };
  expect(await run(many)).toEqual(await run(one));
});
