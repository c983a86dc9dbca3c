/** @file What every command that runs a model needs: an engine, the data, and Ctrl-C turned into an error. */
import { availableParallelism } from 'node:os';
import { loadNBodyData, type NBodyData } from '../data/nbody/index.ts';
import { type EngineOptions, startEngine } from '../start-engine.ts';
import type { Engine } from '../tensor/engine.ts';
import { InterruptedError } from './errors.ts';
import type { Reporter } from './reporter.ts';

/** Runs `work` with an engine that is closed afterwards. Settings of a training have its options among others. */
export async function withEngine<T>(
  { backend, threads }: EngineOptions,
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const options = { backend, threads };
  const engine = await startEngine(options);
  warnIfSlow(options, engine);
  try {
    return await work(engine);
  } finally {
    engine.close();
  }
}

/** An engine that is slower than this machine needs it to be works, and would go unnoticed. */
function warnIfSlow({ backend, threads }: EngineOptions, engine: Engine): void {
  const { name, description } = engine.backend;
  const isReference = backend === undefined && name === 'reference';
  const isAlone = threads === undefined && engine.backend.threads === 1 && availableParallelism() > 1;
  if (isReference || (isAlone && backend !== 'reference'))
    process.stderr.write(`egnn: warning: running slowly: ${description}\n`);
}

/** The data set with parts of these sizes, from the cache or generated with progress. */
export async function loadData(
  [trainCount, validCount, testCount]: readonly [number, number, number],
  reporter: Reporter,
  signal?: AbortSignal,
  threads?: number,
): Promise<NBodyData> {
  try {
    return await loadNBodyData({
      trainCount,
      validCount,
      testCount,
      threads,
      signal,
      onProgress: (done, total) => reporter.generating(done, total),
      onNotice: (line) => reporter.say(line),
    });
  } catch (error) {
    if (signal?.aborted) throw new InterruptedError('interrupted while the data set was made or read');
    throw error;
  }
}
