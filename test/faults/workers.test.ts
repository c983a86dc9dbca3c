// Worker threads that die: an error instead of an endless wait, and the next engine starts clean. Worker scripts are built.
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EGNN, startEngine } from '../../src/index.ts';
import { workerUrl } from '../../src/workers.ts';

const script = workerUrl('./worker.js', new URL('../../src/backends/wasm/threads.ts', import.meta.url).href);
const nodes = 400;
const input = {
  X: Array.from({ length: nodes }, () => [1]),
  C: Array.from({ length: nodes }, (_, k) => [Math.sin(k), Math.cos(k), k / nodes]),
};

describe.skipIf(!existsSync(script))('a worker that dies (skipped when dist/ is not built)', () => {
  afterEach(() => vi.restoreAllMocks());

  /** An engine of three threads with its workers. */
  async function startWithWorkers() {
    const workers: Worker[] = [];
    const threads = process.getBuiltinModule('node:worker_threads');
    const getBuiltinModule = process.getBuiltinModule.bind(process);
    vi.spyOn(process, 'getBuiltinModule').mockImplementation(((name: string) =>
      name === 'node:worker_threads'
        ? {
            ...threads,
            Worker: class extends Worker {
              constructor(...args: ConstructorParameters<typeof Worker>) {
                super(...args);
                workers.push(this);
              }
            },
          }
        : getBuiltinModule(name)) as typeof process.getBuiltinModule);
    const engine = await startEngine({ threads: 3 });
    vi.restoreAllMocks();
    expect(workers).toHaveLength(2);
    return { engine, workers };
  }

  it.each([0, 1])('while the main thread is blocked, worker %i', { timeout: 30_000 }, async (which) => {
    const { engine, workers } = await startWithWorkers();
    const options = { inputFeatures: 1, hiddenFeatures: 16, seed: 1 };
    const model = new EGNN(engine, options);
    const before = await model.predict(input);
    // Nothing of the event loop runs from here to the error.
    void workers[which].terminate();
    expect(() => {
      for (let step = 0; step < 10_000; step++) engine.step(() => void model.predict(input).catch(() => {}));
    }).toThrow(/^a worker thread failed: thread \d has ended in the middle of its work/);
    engine.close();

    const next = await startEngine({ threads: 3 });
    expect(await new EGNN(next, options).predict(input)).toEqual(before);
    next.close();
  });

  it('between two steps', { timeout: 30_000 }, async () => {
    const { engine, workers } = await startWithWorkers();
    const model = new EGNN(engine, { inputFeatures: 1, hiddenFeatures: 16, seed: 1 });
    await model.predict(input);
    await workers[0].terminate();
    await expect(
      (async () => {
        for (let step = 0; step < 300; step++) await model.predict(input);
      })(),
    ).rejects.toThrow(/worker thread/);
    engine.close();
  });
});
