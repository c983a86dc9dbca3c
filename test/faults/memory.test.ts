// Memory that does not suffice: said before anything is computed, or when it ends; never a crash, and the engine goes on.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OutOfMemoryError } from '../../src/backends/out-of-memory.ts';
import { SharedHeap } from '../../src/backends/wasm/memory.ts';
import { createWasmBackend } from '../../src/backends/wasm/wasm.ts';
import { EGNN, Engine, Graph, mean, square } from '../../src/index.ts';
import { type Task, type TrainingOptions, train } from '../../src/train/index.ts';

const LIMIT = 64 * 2 ** 20;
const points = (nodes: number, columns: number) =>
  Float64Array.from({ length: nodes * columns }, (_, k) => Math.sin(k));

describe.each([1, 2])('memory that does not suffice, %i threads', (threads) => {
  let engine: Engine;
  let model: EGNN;
  beforeAll(async () => {
    engine = new Engine(await createWasmBackend({ threads, memoryLimit: LIMIT }));
    model = new EGNN(engine, { inputFeatures: 2, hiddenFeatures: 64, layers: 3, seed: 1 });
  });
  afterAll(() => engine.close());
  const predictComplete = (nodes: number) =>
    model.predict({ X: points(nodes, 2), C: Array.from({ length: nodes }, (_, k) => [k, Math.sin(k), 0]) });

  it('a graph that does not fit is refused before it is computed, with what it would need', async () => {
    const small = await predictComplete(50);
    const error = await predictComplete(40_000).catch((caught: Error) => caught);
    expect(error).toBeInstanceOf(OutOfMemoryError);
    expect((error as Error).message).toMatch(
      /^out of memory: 1 graph with 40,000 nodes and 1,599,960,000 edges needs [\d,]+ MiB and there are at most \d+ MiB; use smaller/,
    );
    expect(await predictComplete(50)).toEqual(small);
  });

  it('what it says a step needs is what the step takes', async () => {
    const backend = engine.backend;
    for (const nodes of [3, 40, 333]) {
      const graph = Graph.complete(nodes);
      const step = () => {
        const handle = engine.graph(graph);
        const h = engine.tensor(points(nodes, 2), handle.nodes, 2);
        const x = engine.tensor(points(nodes, 3), handle.nodes, 3);
        engine.backward(mean(square(model.forward({ graph, h, x }).h!)));
      };
      let needed = 0;
      engine.step(() => {
        needed = backend.measure(step)!.needed;
      });
      const other = new Engine(await createWasmBackend({ threads, memoryLimit: 2 ** 30 }));
      const its = new EGNN(other, { inputFeatures: 2, hiddenFeatures: 64, layers: 3, seed: 1 });
      other.step(() => {});
      const before = other.backend.measure(() => {})!.available;
      other.step(() => {
        const handle = other.graph(graph);
        const h = other.tensor(points(nodes, 2), handle.nodes, 2);
        const x = other.tensor(points(nodes, 3), handle.nodes, 3);
        other.backward(mean(square(its.forward({ graph, h, x }).h!)));
      });
      await other.backend.read(its.parameters.values);
      // What is scratch memory stays available; only the threads' own is not.
      const after = other.backend.measure(() => {})!.available;
      expect(before - after).toBeLessThanOrEqual(needed);
      expect(needed).toBeGreaterThan(nodes * 64 * 4);
      other.close();
    }
  });

  it('a batch that does not fit ends a training before its first step', async () => {
    const graph = Graph.complete(30_000);
    const task: Task = {
      model,
      sampleCount: 1,
      batch: () => ({
        graph,
        inputs: {
          h: { rows: 'nodes', columns: 2, values: points(30_000, 2) },
          x: { rows: 'nodes', columns: 3, values: points(30_000, 3) },
        },
      }),
      loss: ({ inputs: { h, x } }) => mean(square(model.forward({ graph, h, x }).h!)),
      validate: async () => 0,
    };
    const options: TrainingOptions = {
      epochs: 1,
      batchSize: 1,
      learningRate: 1e-3,
      schedule: () => 1,
      seed: 1,
      weightDecay: 0,
      decoupledWeightDecay: false,
      clip: 0,
      averageDecay: 0,
      validateEvery: 1,
      patience: 0,
    };
    const before = await model.parameters.read();
    await expect(train(task, options)).rejects.toThrow(/^out of memory: 1 graph with 30,000 nodes/);
    expect(await model.parameters.read()).toEqual(before);
  });

  it('memory that ends in the middle of a step is an error, and the next step is clean', async () => {
    const small = await predictComplete(50);
    expect(() => engine.step(() => engine.tensor(new Float32Array(2 ** 25), 2 ** 25, 1))).toThrow(
      OutOfMemoryError,
    );
    expect(() =>
      engine.step(() => {
        for (;;) engine.tensor(new Float32Array(2 ** 20), 2 ** 20, 1);
      }),
    ).toThrow(/^out of memory: this needs \d+ MiB and there are at most 64 MiB/);
    expect(await predictComplete(50)).toEqual(small);
  });

  it('a model wider than the memory is refused', () => {
    expect(() => new EGNN(engine, { inputFeatures: 2, hiddenFeatures: 8192, seed: 1 })).toThrow(
      OutOfMemoryError,
    );
    expect(new EGNN(engine, { inputFeatures: 2, hiddenFeatures: 8, seed: 1 }).parameterCount).toBeGreaterThan(
      0,
    );
  });
});

describe('the heap', () => {
  it('grows to its limit and not beyond', () => {
    const heap = new SharedHeap(2 ** 21);
    heap.take(2 ** 20);
    expect(() => heap.take(2 ** 21)).toThrow(OutOfMemoryError);
    const { used } = heap;
    heap.take(2 ** 19);
    expect(heap.used).toBe(used + 2 ** 19);
  });
});
