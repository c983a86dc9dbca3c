/** @file The short way: plain or nested arrays in, typed arrays out, one step and no gradients. */
import type { GraphOptions, Numbers, Rows } from '../backends/backend.ts';
import { OutOfMemoryError } from '../backends/out-of-memory.ts';
import { Graph } from '../graph/graph.ts';
import type { Engine } from '../tensor/engine.ts';
import { describeNonFinite } from '../tensor/non-finite.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { LayerInput } from './egcl.ts';
import {
  type Flat,
  type PlainGraph,
  type PlainGraphWidths,
  type PreparedGraph,
  prepareGraph,
} from './plain-graph.ts';

/** Edges in one pass: enough to keep all threads busy, few enough for their rows to stay in a cache. */
export const EDGES_A_PASS = 40_000;

export interface Prediction {
  /** [N, outputFeatures], row-major; undefined if the model returns coordinates alone. */
  readonly h: Numbers | undefined;
  /** [N, n], row-major. */
  readonly x: Numbers;
  /** [N, n], row-major; with velocities only. */
  readonly v: Numbers | undefined;
  /** [G, outputs], row-major, the numbers of each graph; with a `readout` only. */
  readonly y: Numbers | undefined;
}

/** What `predict` needs of a model. */
interface Predictor {
  readonly engine: Engine;
  readonly config: PlainGraphWidths;
  forward(input: LayerInput): {
    readonly h: Tensor | undefined;
    readonly x: Tensor | undefined;
    readonly v: Tensor | undefined;
    readonly y: Tensor | undefined;
  };
}

/**
 * @throws RangeError or TypeError naming the argument, what was expected and what came; RangeError naming the layer from
 *   which numbers come that are not finite; OutOfMemoryError, before anything is computed, if the graph does not fit
 */
export async function predict(model: Predictor, input: PlainGraph): Promise<Prediction> {
  const [result] = await predictPrepared(model, [prepareGraph(model.config, input)], {});
  if (result instanceof Error) throw result;
  return result;
}

/**
 * Graphs in as few passes as their number of edges allows: small ones cost far less together. What is wrong with one of
 * them, as `predict` throws it, is its result. A graph's bits do not depend on those it is predicted with.
 */
export async function predictEach(
  model: Predictor,
  inputs: readonly PlainGraph[],
): Promise<(Prediction | Error)[]> {
  const results = new Array<Prediction | Error>(inputs.length);
  const passes = new Map<string, Pass>();
  const run = async ({ members, prepared }: Pass) => {
    const found = await predictTogether(model, prepared);
    for (const [k, member] of members.entries()) results[member] = found[k];
  };
  for (const [k, input] of inputs.entries()) {
    let prepared: PreparedGraph;
    try {
      prepared = prepareGraph(model.config, input);
    } catch (error) {
      results[k] = asResult(error);
      continue;
    }
    const { graph, onNodes } = prepared;
    // Listed edges and complete graphs are worked off differently.
    const key = `${graph.kind} ${onNodes.x.columns}`;
    const work = graph.edgeCount + graph.nodeCount;
    let pass = passes.get(key);
    if (pass && pass.work + work > EDGES_A_PASS) {
      await run(pass);
      pass = undefined;
    }
    pass ??= { members: [], prepared: [], work: 0 };
    passes.set(key, pass);
    pass.members.push(k);
    pass.prepared.push(prepared);
    pass.work += work;
  }
  for (const pass of passes.values()) await run(pass);
  return results;
}

/** Graphs that are predicted together. */
interface Pass {
  /** Their places in the input. */
  readonly members: number[];
  readonly prepared: PreparedGraph[];
  /** In edges; a node counts as one. */
  work: number;
}

/** Halves of what does not fit into the memory may. */
async function predictTogether(
  model: Predictor,
  prepared: readonly PreparedGraph[],
): Promise<(Prediction | Error)[]> {
  try {
    return await predictPrepared(model, prepared, { whole: prepared[0].graph.edgeCount <= EDGES_A_PASS });
  } catch (error) {
    if (prepared.length === 1) return [asResult(error)];
    if (!(error instanceof OutOfMemoryError)) throw error;
    const half = prepared.length >> 1;
    const first = await predictTogether(model, prepared.slice(0, half));
    return [...first, ...(await predictTogether(model, prepared.slice(half)))];
  }
}

/** What is wrong with an item is its result; anything else is thrown. */
export function asResult(error: unknown): Error {
  if (error instanceof RangeError || error instanceof TypeError) return error;
  throw error;
}

/**
 * One pass of the network over graphs of the same kind and dimension.
 * @param options how their nodes are split over threads
 * @returns for each graph its prediction, or a RangeError naming the layer from which numbers come that are not finite
 */
async function predictPrepared(
  model: Predictor,
  prepared: readonly PreparedGraph[],
  options: GraphOptions,
): Promise<(Prediction | Error)[]> {
  const { engine } = model;
  const forwardOn = (members: readonly PreparedGraph[]) => {
    const graph = members.length === 1 ? members[0].graph : Graph.batch(members.map((each) => each.graph));
    const h = joined(members.map(({ onNodes }) => onNodes.h))!;
    const x = joined(members.map(({ onNodes }) => onNodes.x))!;
    const velocity = joined(members.map(({ onNodes }) => onNodes.velocity));
    const nodeAttributes = joined(members.map(({ onNodes }) => onNodes.nodeAttributes));
    const edgeAttributes = joined(members.map((each) => each.edgeAttributes));
    const forward = () => {
      const handle = engine.graph(graph, options);
      const tensor = (matrix: Flat | undefined, rows: Rows) =>
        matrix && engine.tensor(matrix.values, rows, matrix.columns);
      return model.forward({
        graph,
        h: tensor(h, handle.nodes)!,
        x: tensor(x, handle.nodes)!,
        edgeAttributes: tensor(edgeAttributes, handle.edges),
        velocity: tensor(velocity, handle.nodes),
        nodeAttributes: tensor(nodeAttributes, handle.nodes),
      });
    };
    return { graph, forward };
  };
  const { graph, forward } = forwardOn(prepared);
  engine.expectToFit(model, graph, () => engine.withoutGradient(forward));
  const [h, x, v, y] = await engine.step(() => {
    const output = engine.withoutGradient(forward);
    return Promise.all([output.h?.read(), output.x!.read(), output.v?.read(), output.y?.read()]);
  });
  const results: (Prediction | Error)[] = [];
  const before = { nodes: 0, graphs: 0 };
  for (const each of prepared) {
    const { nodeCount, graphCount } = each.graph;
    const onNodes = (all: Numbers | undefined) =>
      all && rowsOf(all, graph.nodeCount, before.nodes, nodeCount);
    const result = {
      h: onNodes(h),
      x: onNodes(x)!,
      v: onNodes(v),
      y: y && rowsOf(y, graph.graphCount, before.graphs, graphCount),
    };
    before.nodes += nodeCount;
    before.graphs += graphCount;
    const problem = nonFiniteNumber(result);
    results.push(problem ? await explainNonFinite(engine, forwardOn([each]).forward, problem) : result);
  }
  return results;
}

/** The first number that is not finite, in words. */
function nonFiniteNumber(prediction: Prediction): string | undefined {
  for (const [name, values] of Object.entries(prediction)) {
    const bad = values ? values.findIndex((value: number) => !Number.isFinite(value)) : -1;
    if (bad >= 0) return `number ${bad} of ${name} is ${values[bad]}`;
  }
  return undefined;
}

/** Repeats a prediction with its operations remembered, to say where it went wrong. */
async function explainNonFinite(engine: Engine, forward: () => unknown, what: string): Promise<RangeError> {
  const found = await engine.step(() => {
    forward();
    return engine.findNonFinite();
  });
  return new RangeError(
    `the prediction is not finite: ${what}${describeNonFinite(found)}. Graphs much larger than those of the training, or coordinates of another scale, do this; see \`normalize\`, \`tanh\` and mean aggregation`,
  );
}

/** Matrices of the same width below each other; undefined if they are. */
function joined(matrices: readonly (Flat | undefined)[]): Flat | undefined {
  const [first] = matrices;
  if (first === undefined || matrices.length === 1) return first;
  return { values: concatenated(matrices.map((matrix) => matrix!.values)), columns: first.columns };
}

export function concatenated(parts: readonly ArrayLike<number>[]): Float64Array {
  const values = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    values.set(part, at);
    at += part.length;
  }
  return values;
}

/** @param rows of all values @returns a copy of the rows from `first` on */
function rowsOf(values: Numbers, rows: number, first: number, count: number): Numbers {
  const columns = rows === 0 ? 0 : values.length / rows;
  return values.slice(first * columns, (first + count) * columns);
}
