/**
 * @file The rows without a peer: what else a user waits for, and whether the engine keeps its promises. Each probe is a
 * script of its own in `probes/`, run in a fresh process, that prints one JSON object.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { caseNamed } from './cases.ts';
import { type Timing, timeInTurn } from './compare.ts';
import { LEARNING_RATE } from './model.ts';
import { writeProblem } from './problem.ts';
import type { Machine, Row } from './rows.ts';
import { Side } from './side.ts';
import { summarise } from './statistics.ts';
import { withFolder } from './temporary.ts';

export type Probe = (timing: Timing, machine: Machine) => Promise<Row>;

const STARTS = 9;

export const probes: Readonly<Record<string, Probe>> = {
  async 'edges-100k'() {
    const { milliseconds, first, edges, peakMB } = await run('edges');
    const { median, quartiles } = summarise(milliseconds as number[]);
    return {
      case: 'edges-100k',
      ours: { ms: median, quartiles, peakMB: peakMB as number },
      peers: {},
      goals: [{ wanted: '< 1 s', met: median < 1000 }],
      note: `${(edges as number).toLocaleString('en')} edges; the first time ${(first as number).toFixed(0)} ms`,
    };
  },

  async 'nbody-data'() {
    const { ms, peakMB } = (await run('nbody-data')) as { ms: number; peakMB: number };
    return {
      case: 'nbody-data',
      ours: { ms, peakMB },
      peers: {},
      goals: [{ wanted: '< 10 s', met: ms < 10_000 }],
      note: '14,000 trajectories on two threads, no cache',
    };
  },

  async start() {
    const times: number[] = [];
    for (let k = 0; k < STARTS; k++) times.push((await run('start')).ms as number);
    const { median, quartiles } = summarise(times);
    return {
      case: 'start',
      ours: { ms: median, quartiles },
      peers: {},
      goals: [{ wanted: '< 150 ms', met: median < 150 }],
      note: 'import and engine start in a fresh process',
    };
  },

  'scaling-nbody': (timing) => threadScaling('scaling-nbody', 'nbody-train', timing),
  'scaling-wide': (timing) => threadScaling('scaling-wide', 'wide-train', timing),

  'overhead-nbody': () => overhead('overhead-nbody', 'nbody-train'),
  'overhead-wide': () => overhead('overhead-wide', 'wide-train'),
  'overhead-qm9': () => overhead('overhead-qm9', 'qm9-train'),

  async 'memory-growth'() {
    const { wasmBytes, heapBytes, garbageBytes, steps } = (await run('memory-growth')) as Record<
      string,
      number
    >;
    return {
      case: 'memory-growth',
      ours: { value: (wasmBytes + heapBytes) / 1e6, unit: 'MB' },
      peers: {},
      goals: [{ wanted: 'no growth', met: wasmBytes === 0 && heapBytes < 0.2e6 }],
      note: `${steps.toLocaleString('en')} tiny steps: WebAssembly memory + ${wasmBytes} bytes, JavaScript heap + ${heapBytes} bytes; a step leaves ${(garbageBytes / 1000).toFixed(0)} kB of small objects`,
    };
  },

  async peak(_, machine) {
    return {
      case: 'peak',
      ours: { gflops: machine.peakGflops },
      peers: {},
      goals: [],
      note: `the bench's own matrix product on ${machine.threads} threads; shares of peak refer to it`,
    };
  },
};

/** GFLOP/s of the matrix product of our kernels, on all threads at once. */
export async function measurePeak(threads: number): Promise<number> {
  return (await run('peak', String(threads))).gflops as number;
}

/** How many times faster two threads are than one. */
async function threadScaling(name: string, caseName: string, timing: Timing): Promise<Row> {
  return withFolder(async (folder) => {
    const theCase = caseNamed(caseName);
    await writeProblem(theCase, folder);
    const sides = [Side.ours(1), Side.ours(2)];
    for (const side of sides)
      await side.ask({ op: 'open', case: theCase, folder, learningRate: LEARNING_RATE });
    const summaries = await timeInTurn(sides, timing);
    const [one, two] = sides.map((side) => summaries.get(side)!.median);
    for (const side of sides) await side.close();
    return {
      case: name,
      ours: { value: one / two, unit: 'times' },
      peers: {},
      goals: [{ wanted: '> 1.7 times', met: one / two > 1.7 }],
      note: `${caseName} on one thread ${one.toFixed(2)} ms, on two ${two.toFixed(2)} ms`,
    };
  });
}

/** The share of a step that the main thread spends outside WebAssembly, from a CPU profile on one thread. */
async function overhead(name: string, caseName: string): Promise<Row> {
  return withFolder(async (folder) => {
    await writeProblem(caseNamed(caseName), folder);
    const { outside, largest } = await run('overhead', caseName, folder);
    return {
      case: name,
      ours: { value: 100 * (outside as number), unit: '%' },
      peers: {},
      goals: [{ wanted: '< 10 %', met: (outside as number) < 0.1 }],
      note: `of ${caseName} outside kernels, one thread; most of it: ${(largest as string[]).join(', ')}`,
    };
  });
}

async function run(script: string, ...args: string[]): Promise<Record<string, unknown>> {
  const path = fileURLToPath(new URL(`probes/${script}.ts`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', path, ...args]);
  return JSON.parse(stdout);
}
