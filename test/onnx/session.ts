/** @file Exported models run by ONNX Runtime, and what they have to agree with: the reference backend. */
import * as ort from 'onnxruntime-web';
import { EGNN, GNN, type Model } from '../../src/index.ts';
import { graphOf, type Matrix, type ModelInput, runModel } from '../support/equivariance.ts';

// No worker threads: the models of the tests are small.
ort.env.wasm.numThreads = 1;

/** Row-major numbers under the names that the exported model gives its outputs. */
export type Outputs = Record<string, ArrayLike<number>>;

export function startSession(bytes: Uint8Array): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(bytes);
}

/** Feeds the model's session what it asks for. */
export async function runSession(
  session: ort.InferenceSession,
  model: Model,
  input: ModelInput,
): Promise<Outputs> {
  const width = edgeFeaturesOf(model);
  const feeds = Object.fromEntries(session.inputNames.map((name) => [name, tensorOf(name, input, width)]));
  const outputs = await session.run(feeds);
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data as Float32Array]));
}

/** The same from the model itself. */
export async function expectedOutputs(model: Model, input: ModelInput): Promise<Outputs> {
  const { h, x, v } = await runModel(model, input);
  // What `runModel` calls x is all that the plain GNN gives.
  const named = model instanceof GNN ? { h_out: x } : { h_out: h, x_out: x, v_out: v };
  const outputs: Outputs = {};
  for (const [name, rows] of Object.entries(named)) if (rows) outputs[name] = rows.flat();
  if (model instanceof EGNN && model.config.readout) outputs.y_out = await readoutOf(model, input);
  return outputs;
}

/** Weights that float32 holds exactly, which is all that an exported model can. */
export async function roundWeights<M extends Model>(model: M): Promise<M> {
  const state = await model.stateDict();
  for (const entry of Object.values(state)) entry.data = entry.data.map(Math.fround) as typeof entry.data;
  model.loadStateDict(state);
  return model;
}

/** The largest difference, relative to the largest number of each output. */
export function worstDifference(ours: Outputs, expected: Outputs): number {
  if (Object.keys(ours).sort().join() !== Object.keys(expected).sort().join())
    return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (const [name, values] of Object.entries(expected)) {
    if (ours[name].length !== values.length) return Number.POSITIVE_INFINITY;
    const scale = Array.from(values).reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) || 1;
    for (let k = 0; k < values.length; k++) {
      const error = Math.abs(ours[name][k] - values[k]) / scale;
      worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
    }
  }
  return worst;
}

function edgeFeaturesOf(model: Model): number {
  return (model as Model & { config: { edgeFeatures?: number } }).config.edgeFeatures ?? 0;
}

function tensorOf(name: string, input: ModelInput, edgeFeatures: number): ort.Tensor {
  const { nodeCounts, edges = [] } = input;
  switch (name) {
    case 'h':
      return floats(input.h);
    case 'x':
      return floats(input.x);
    case 'velocity':
      return floats(input.velocity!);
    case 'node_attr':
      return floats(input.nodeAttributes!);
    case 'edge_attr':
      return floats(input.edgeAttributes!, edgeFeatures);
    case 'edge_index':
      return integers(
        [...edges.map(([sender]) => sender), ...edges.map(([, receiver]) => receiver)],
        [2, edges.length],
      );
    case 'graph': {
      const graph = nodeCounts.flatMap((nodes, g) => new Array<number>(nodes).fill(g));
      return integers(graph, [graph.length]);
    }
    default:
      throw new Error(`no test feeds ${name}`);
  }
}

function floats(rows: Matrix, columns = rows[0].length): ort.Tensor {
  return new ort.Tensor('float32', Float32Array.from(rows.flat()), [rows.length, columns]);
}

function integers(values: readonly number[], shape: readonly number[]): ort.Tensor {
  return new ort.Tensor('int64', BigInt64Array.from(values, BigInt), shape);
}

/** For models that take features, coordinates and edge attributes alone. */
function readoutOf(model: EGNN, input: ModelInput): Promise<ArrayLike<number>> {
  const { engine } = model;
  const width = model.config.edgeFeatures;
  const graph = graphOf(input);
  return engine.step(() => {
    const { nodes, edges } = engine.graph(graph);
    const [h, x] = [input.h, input.x].map((rows) => engine.tensor(rows.flat(), nodes, rows[0].length));
    const attributes = Float64Array.from(input.edgeAttributes?.flat() ?? []);
    const edgeAttributes =
      width > 0 ? engine.tensor(graph.sortEdgeRows(attributes, width), edges, width) : undefined;
    return model.forward({ graph, h, x, edgeAttributes }).y!.read();
  });
}
