/** @file The paper's N-body training, for some seconds: the same program in Node and in a browser's worker. */
import { MersenneTwister, startEngine } from 'egnn';
import { generateOnOneThread, NBodyTask, runTask, shortRecipes, sliceSplit } from 'egnn/nbody';

const SAMPLES = 300;
const EVALUATED = 10;
/** Steps until everything is compiled and planned. */
const WARM_UP = 100;

/**
 * Steps a second of the paper's batch of 100 systems, once for each of `rounds`.
 * @param {{ threads: number, seconds: number, rounds: number }} options
 */
export async function measureTraining({ threads, seconds, rounds }) {
  const engine = await startEngine({ threads });
  const settings = {
    ...shortRecipes.egnn,
    samples: SAMPLES,
    batchSize: 100,
    epochs: 1e6,
    validateEvery: 1e6,
    patience: 0,
  };
  const all = await generateOnOneThread(SAMPLES + 2 * EVALUATED, new MersenneTwister(1), {
    turn: async () => {},
  });
  const task = new NBodyTask(engine, settings, {
    train: sliceSplit(all, 0, SAMPLES),
    valid: sliceSplit(all, SAMPLES, SAMPLES + EVALUATED),
    test: sliceSplit(all, SAMPLES + EVALUATED, SAMPLES + 2 * EVALUATED),
  });
  const stop = new AbortController();
  const speeds = [];
  let began;
  const onStep = ({ step }) => {
    const now = performance.now();
    if (step < WARM_UP) return;
    began ??= { now, step };
    if (now - began.now < 1000 * seconds) return;
    speeds.push((1000 * (step - began.step)) / (now - began.now));
    began = { now, step };
    if (speeds.length === rounds) stop.abort();
  };
  await runTask(task, settings, {}, { signal: stop.signal, events: { onStep } });
  const { description } = engine.backend;
  engine.close();
  return { description, speeds };
}
