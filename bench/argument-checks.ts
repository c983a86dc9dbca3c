/**
 * @file What the checks of arguments at the backend's boundary cost: the calls of a step are recorded, then repeated on a
 * backend that does nothing, with checks and without.
 *
 *     node bench/argument-checks.ts
 */
import type { Backend } from '../src/backends/backend.ts';
import { checkArguments } from '../src/backends/check-arguments.ts';
import { EGNN, Engine, Graph, meanSquaredError, startEngine } from '../src/index.ts';

type Call = readonly [method: keyof Backend, args: readonly unknown[]];

const REPEATS = 2000;
const engine = await startEngine({ threads: 1 });
const calls: Call[] = [];
const recording = new Engine(
  Object.fromEntries(
    Object.entries(engine.backend).map(([name, value]) => [
      name,
      typeof value !== 'function'
        ? value
        : (...args: unknown[]) => {
            calls.push([name as keyof Backend, args]);
            return (value as (...args: unknown[]) => unknown)(...args);
          },
    ]),
  ) as unknown as Backend,
);
const nothing = Object.fromEntries(
  Object.entries(engine.backend).map(([name, value]) => [
    name,
    typeof value === 'function' ? () => {} : value,
  ]),
) as unknown as Backend;
const checked = checkArguments(nothing);

const model = new EGNN(recording, {
  inputFeatures: 5,
  hiddenFeatures: 64,
  layers: 4,
  readout: { outputs: 1 },
  seed: 1,
});

function tensors(graph: Graph) {
  const handle = recording.graph(graph);
  const points = Float32Array.from({ length: 3 * graph.nodeCount }, (_, k) => Math.sin(k));
  return {
    graph,
    h: recording.tensor(new Float32Array(5 * graph.nodeCount).fill(0.3), handle.nodes, 5),
    x: recording.tensor(points, handle.nodes, 3),
    target: recording.tensor(new Float32Array(graph.graphCount), handle.graphs, 1),
  };
}

const works: Record<string, (graph: Graph) => void> = {
  'a molecule of 18 atoms, predicted': (graph) =>
    recording.withoutGradient(() => model.forward(tensors(graph))),
  '24 molecules of 18 atoms, a training step': (graph) => {
    const { target, ...input } = tensors(graph);
    recording.backward(meanSquaredError(model.forward(input).y!, target));
  },
};

/** Microseconds, the best of many. */
function best(work: () => void, repeats: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 20; round++) {
    const start = performance.now();
    for (let k = 0; k < repeats; k++) work();
    least = Math.min(least, ((performance.now() - start) * 1000) / repeats);
  }
  return least;
}

for (const [name, work] of Object.entries(works)) {
  const graph = Graph.complete(new Array(name.startsWith('24') ? 24 : 1).fill(18));
  const step = () => recording.step(() => work(graph));
  step();
  calls.length = 0;
  step();
  const recorded = [...calls];
  const repeat = (backend: Backend) => () => {
    for (const [method, args] of recorded)
      (backend[method] as (...args: readonly unknown[]) => unknown)(...args);
  };
  for (const backend of [nothing, checked]) best(repeat(backend), REPEATS / 10);
  const checks = best(repeat(checked), REPEATS) - best(repeat(nothing), REPEATS);
  const whole = best(step, 10);
  console.log(
    `${name}: ${recorded.length} calls, checks ${checks.toFixed(2)} us of ${whole.toFixed(0)} us, ${((100 * checks) / whole).toFixed(2)} %`,
  );
}
engine.close();
