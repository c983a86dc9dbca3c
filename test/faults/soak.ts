/**
 * @file `npm run test:soak`: many training steps and many predictions in one process, whose memory and handles must not grow.
 *
 *     node --expose-gc test/faults/soak.ts [--steps N] [--predictions N] [--threads N]
 */
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { EGNN, Graph, MersenneTwister, meanSquaredError, startEngine } from '../../src/index.ts';
import { LoadedModel } from '../../src/models/index.ts';
import { type Task, type TrainingOptions, train } from '../../src/train/index.ts';

const { values } = parseArgs({
  options: { steps: { type: 'string' }, predictions: { type: 'string' }, threads: { type: 'string' } },
});
const steps = Number(values.steps ?? 100_000);
const predictions = Number(values.predictions ?? 1_000_000);
const threads = Number(values.threads ?? 1);
/** How often memory is looked at. */
const SAMPLES = 20;
/** Growth from the first quarter to the end that counts as growth. */
const MOST_BYTES = 8 * 2 ** 20;

interface Usage {
  /** All memory of the process: JavaScript's heap, kernels' memory, buffers, code. */
  readonly resident: number;
  /** What JavaScript uses of its heap and of buffers. */
  readonly heap: number;
  readonly handles: number;
  readonly descriptors: number;
}

function usage(): Usage {
  // A usual collection keeps pages that are free for later (`--trace-gc` calls them pooled), more the larger the heap has
  // once been: they are resident, but neither V8's statistics nor Node's have them. This one gives them back.
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  const { rss, heapUsed, external } = process.memoryUsage();
  let descriptors = 0;
  try {
    descriptors = readdirSync('/proc/self/fd').length;
  } catch {
    // Only Linux has it.
  }
  return {
    resident: rss,
    heap: heapUsed + external,
    handles: process.getActiveResourcesInfo().filter((name) => name !== 'Timeout').length,
    descriptors,
  };
}

/** @throws Error if what is used at the end is more than after the first quarter */
function expectFlat(what: string, samples: readonly Usage[], start: number): void {
  const mebibytes = (name: 'resident' | 'heap') =>
    samples.map((sample) => (sample[name] / 2 ** 20).toFixed(1)).join(' ');
  const seconds = (performance.now() - start) / 1000;
  const quarter = samples[samples.length / 4 - 1];
  const end = samples.at(-1)!;
  console.log(
    `${what}: ${seconds.toFixed(0)} s; MiB at ${samples.length} moments\n  resident ${mebibytes('resident')}\n  ` +
      `JavaScript ${mebibytes('heap')}\n  after a quarter and at the end: handles ${quarter.handles} and ${end.handles}, ` +
      `descriptors ${quarter.descriptors} and ${end.descriptors}`,
  );
  if (end.resident - quarter.resident > MOST_BYTES || end.heap - quarter.heap > MOST_BYTES)
    throw new Error(`${what}: the memory grows`);
  if (end.handles > quarter.handles || end.descriptors > quarter.descriptors)
    throw new Error(`${what}: handles are not given back`);
}

const engine = await startEngine({ threads });
console.log(engine.backend.description);
const random = new MersenneTwister(1);
const molecule = (atoms: number) => ({
  numbers: Array.from({ length: atoms }, () => [1, 6, 7, 8, 9][random.interval(4)]),
  positions: Array.from({ length: 3 * atoms }, () => 3 * random.randn()),
});
const options = {
  inputFeatures: 5,
  hiddenFeatures: 16,
  layers: 2,
  readout: { outputs: 1 },
  seed: 1,
} as const;

/** Batches of ever new graphs, as those of molecules. */
class SoakTask implements Task<'h' | 'x' | 'target'> {
  readonly model = new EGNN(engine, options);
  readonly sampleCount = (steps / SAMPLES) * 4;
  batch(samples: Int32Array) {
    const graph = Graph.complete(Array.from(samples, (sample) => 3 + (sample % 11)));
    const numbers = (count: number) => Float64Array.from({ length: count }, () => random.randn());
    return {
      graph,
      inputs: {
        h: { rows: 'nodes', columns: 5, values: numbers(5 * graph.nodeCount) },
        x: { rows: 'nodes', columns: 3, values: numbers(3 * graph.nodeCount) },
        target: { rows: 'graphs', columns: 1, values: numbers(graph.graphCount) },
      },
    } as const;
  }
  loss({ graph, inputs: { h, x, target } }: Parameters<Task<'h' | 'x' | 'target'>['loss']>[0]) {
    return meanSquaredError(this.model.forward({ graph, h, x }).y!, target);
  }
  async validate() {
    return 1;
  }
}

const training: TrainingOptions = {
  epochs: SAMPLES,
  batchSize: 4,
  learningRate: 1e-3,
  schedule: () => 1,
  seed: 1,
  weightDecay: 0,
  decoupledWeightDecay: false,
  clip: 1,
  averageDecay: 0.99,
  validateEvery: 1,
  patience: 0,
};

let start = performance.now();
let samples: Usage[] = [];
await train(new SoakTask(), training, { events: { onEpoch: () => samples.push(usage()) } });
expectFlat(`${steps.toLocaleString('en')} training steps`, samples, start);

const { readout, ...rest } = options;
const model = new LoadedModel(engine, {
  config: {
    format: 'egnn-model',
    version: 1,
    network: { kind: 'egnn', ...rest, readout },
    edges: 'complete',
    atoms: { elements: ['H', 'C', 'N', 'O', 'F'], chargePowers: [0], maximumCharge: 9 },
    outputs: [{ name: 'energy', mean: 0, scale: 1 }],
  },
  state: await new EGNN(engine, options).stateDict(),
});
const molecules = Array.from({ length: 500 }, (_, k) => molecule(3 + (k % 16)));
start = performance.now();
samples = [];
const rounds = Math.ceil(predictions / molecules.length / SAMPLES);
for (let sample = 0; sample < SAMPLES; sample++) {
  for (let round = 0; round < rounds; round++) await model.predictMolecules(molecules);
  samples.push(usage());
}
const count = SAMPLES * rounds * molecules.length;
expectFlat(`${count.toLocaleString('en')} predictions`, samples, start);
engine.close();
