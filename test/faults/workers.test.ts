// Worker threads that die: an error instead of an endless wait, and the next engine starts clean. Worker scripts are built.
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Fallback } from '../../src/backends/wasm/fallback.ts';
import { EGNN, startEngine } from '../../src/index.ts';
import { workerUrl } from '../../src/workers.ts';

const script = workerUrl('./worker.js', new URL('../../src/backends/wasm/threads.ts', import.meta.url).href);
const nodes = 400;
const input = {
  X: Array.from({ length: nodes }, () => [1]),
  C: Array.from({ length: nodes }, (_, k) => [Math.sin(k), Math.cos(k), k / nodes]),
};
const options = { inputFeatures: 1, hiddenFeatures: 16, seed: 1 };
/** From the death to the error; it is noticed within a tenth of a second, and other tests may have the processor. */
const MOST_MILLISECONDS = 1_000;

describe.skipIf(!existsSync(script))('a worker that dies (skipped when dist/ is not built)', () => {
  afterEach(() => vi.restoreAllMocks());

  /** The main thread always waits for the others, even where another process has their cores. */
  const neverGoAlone = () => vi.spyOn(Fallback.prototype, 'alone', 'get').mockReturnValue(false);

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

  /** What a model says with an engine of its own. */
  async function predictAnew() {
    const engine = await startEngine({ threads: 3 });
    const prediction = await new EGNN(engine, options).predict(input);
    engine.close();
    return prediction;
  }

  it.each([0, 1])(
    'while the main thread is blocked is noticed within a second, worker %i',
    { timeout: 30_000 },
    async (which) => {
      const { engine, workers } = await startWithWorkers();
      neverGoAlone();
      const model = new EGNN(engine, options);
      const before = await model.predict(input);
      // Nothing of the event loop runs from here to the error.
      const start = performance.now();
      void workers[which].terminate();
      expect(() => {
        for (;;) engine.step(() => void model.predict(input).catch(() => {}));
      }).toThrow(/^a worker thread failed: thread \d has ended in the middle of its work/);
      expect(performance.now() - start).toBeLessThan(MOST_MILLISECONDS);
      engine.close();
      expect(await predictAnew()).toEqual(before);
    },
  );

  it.each([0, 1])(
    'between predictions that are waited for is noticed within a second, worker %i',
    { timeout: 30_000 },
    async (which) => {
      const { engine, workers } = await startWithWorkers();
      neverGoAlone();
      const model = new EGNN(engine, options);
      const before = await model.predict(input);
      let death = Number.POSITIVE_INFINITY;
      setTimeout(() => {
        death = performance.now();
        void workers[which].terminate();
      }, 30);
      await expect(
        (async () => {
          for (;;) {
            await model.predict(input);
            await new Promise((resolve) => setImmediate(resolve));
          }
        })(),
      ).rejects.toThrow(/worker thread/);
      expect(performance.now() - death).toBeLessThan(MOST_MILLISECONDS);
      // And from then on always.
      await expect(model.predict(input)).rejects.toThrow(/worker thread/);
      engine.close();
      expect(await predictAnew()).toEqual(before);
    },
  );

  it('while nobody asks for anything is what the next call says', { timeout: 30_000 }, async () => {
    const { engine, workers } = await startWithWorkers();
    const model = new EGNN(engine, options);
    const before = await model.predict(input);
    await workers[1].terminate();
    // A main thread that does all work itself, for a moment, is not disturbed.
    vi.spyOn(Fallback.prototype, 'alone', 'get').mockReturnValue(true);
    expect(await model.predict(input)).toEqual(before);
    neverGoAlone();
    const start = performance.now();
    await expect(model.predict(input)).rejects.toThrow(/worker thread/);
    expect(performance.now() - start).toBeLessThan(MOST_MILLISECONDS);
    engine.close();
    expect(await predictAnew()).toEqual(before);
  });
});
