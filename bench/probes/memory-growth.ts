/**
 * @file Whether memory grows over 10,000 training steps on one tiny graph, and how many bytes of JavaScript objects a
 * step leaves to the garbage collector. Run with `--expose-gc`.
 */
import { Session } from 'node:inspector/promises';
import { startEngine } from '../../dist/index.js';
import { caseNamed } from '../cases.ts';
import { Ours } from '../model.ts';
import { writeProblem } from '../problem.ts';
import { withFolder } from '../temporary.ts';

const WARM_UP_STEPS = 2000;
const STEPS = 10_000;

// The engine's memory is its own: watch which memories are made.
const memories: WebAssembly.Memory[] = [];
WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
  construct(Memory, args: ConstructorParameters<typeof WebAssembly.Memory>) {
    const memory = new Memory(...args);
    memories.push(memory);
    return memory;
  },
});

await withFolder(async (folder) => {
  const tiny = caseNamed('tiny-train');
  await writeProblem(tiny, folder);
  const engine = await startEngine();
  const ours = new Ours(engine, tiny, folder);
  const used = () => {
    globalThis.gc!();
    return {
      wasm: memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
      heap: process.memoryUsage().heapUsed,
    };
  };
  for (let step = 0; step < WARM_UP_STEPS; step++) await ours.train();
  const before = used();
  for (let step = 0; step < STEPS; step++) await ours.train();
  const after = used();
  const garbageBytes = (await allocated(ours)) / STEPS;
  engine.close();
  const growth = { wasmBytes: after.wasm - before.wasm, heapBytes: after.heap - before.heap };
  console.log(JSON.stringify({ ...growth, garbageBytes, steps: STEPS }));
});

/** Bytes of JavaScript objects that so many steps allocate, from V8's sampling heap profiler. */
async function allocated(ours: Ours): Promise<number> {
  const session = new Session();
  session.connect();
  const options = { includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true };
  await session.post('HeapProfiler.startSampling', { samplingInterval: 1024, ...options });
  for (let step = 0; step < STEPS; step++) await ours.train();
  const { profile } = await session.post('HeapProfiler.stopSampling');
  const sizeOf = ({ selfSize, children }: typeof profile.head): number =>
    children.reduce((sum, child) => sum + sizeOf(child), selfSize);
  return sizeOf(profile.head);
}
