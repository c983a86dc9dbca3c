/**
 * @file The share of a case's step that is not spent in kernels: `overhead.ts CASE FOLDER`. A sampling CPU profile on
 * one thread; samples whose function lies in WebAssembly are kernels, everything else is ours to save,
 * but for the profiler itself.
 */
import { Session } from 'node:inspector/promises';
import { startEngine } from '../../dist/index.js';
import { caseNamed } from '../cases.ts';
import { Ours } from '../model.ts';

const SAMPLING_MICROSECONDS = 100;
const PROFILED_MS = 3000;

const [name, folder] = process.argv.slice(2);
const engine = await startEngine({ threads: 1 });
const ours = new Ours(engine, caseNamed(name), folder);
const runFor = async (milliseconds: number) => {
  for (const end = performance.now() + milliseconds; performance.now() < end; ) await ours.run();
};
await runFor(1500);

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_MICROSECONDS });
await session.post('Profiler.start');
await runFor(PROFILED_MS);
const { profile } = await session.post('Profiler.stop');
engine.close();

const functions = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
const times = new Map<string, number>();
let total = 0;
let kernels = 0;
for (const [k, id] of (profile.samples ?? []).entries()) {
  const { functionName, url, lineNumber } = functions.get(id)!;
  if (url.startsWith('node:inspector')) continue;
  const time = profile.timeDeltas![k];
  total += time;
  const label = functionName || `${url.split('/').at(-1)}:${lineNumber + 1}`;
  if (url.startsWith('wasm:')) kernels += time;
  else times.set(label, (times.get(label) ?? 0) + time);
}
const largest = [...times]
  .sort(([, a], [, b]) => b - a)
  .slice(0, 4)
  .map(([label, time]) => `${label} ${((100 * time) / total).toFixed(1)} %`);
console.log(JSON.stringify({ outside: 1 - kernels / total, largest }));
