/**
 * @file Parity with the authors' PyTorch code: reads a case (inputs, parameters, outputs and gradients in float64),
 * builds the same model from the case's configuration, and measures how far ours are from theirs. A difference is
 * the largest one of an array over that array's largest magnitude.
 *
 * In a case the loss is sum(out.h * g.h) + sum(out.x * g.x), and row 0 of the edge index receives.
 *
 * A float32 backend sees the case's float64 inputs rounded. Where large terms cancel (a bias gradient that is a
 * thousandth of its summands), that rounding alone moves the exact result by more than the tolerance. Such arrays are
 * found by letting the reference evaluate the rounded inputs; they are named, and held to a multiple of that instead.
 */
import { createReferenceBackend } from '../backends/reference/reference.ts';
import type { NpyArray } from '../formats/index.ts';
import { Graph } from '../graph/graph.ts';
import { EGNN } from '../nn/egnn.ts';
import { GNN } from '../nn/gnn.ts';
import type { Model } from '../nn/model.ts';
import { RadialField } from '../nn/radial-field.ts';
import { type StateDict, unflatten } from '../nn/state-dict.ts';
import { Engine } from '../tensor/engine.ts';
import { add, multiply, sum } from '../tensor/operations/index.ts';
import type { Tensor } from '../tensor/tensor.ts';

type ParityCase = Record<string, NpyArray>;

interface ParityResult {
  /** Array name (`out.x`, `grad.gcl_0.edge_mlp.0.weight`, ...) -> relative difference. */
  readonly differences: Record<string, number>;
  readonly outputs: number;
  readonly gradients: number;
}

/** Largest relative difference that passes. */
export const tolerances = { reference: 1e-9, wasm: 5e-5 };

/** How many times the effect of rounding its inputs an ill-conditioned array may be off. */
const ROUNDING_FACTOR = 10;

export interface ParityVerdict extends ParityResult {
  readonly passed: boolean;
  /** Arrays above the tolerance which no float32 evaluation can be held to, with what rounding the inputs does to them. */
  readonly illConditioned: Record<string, number>;
}

/** Runs a case and holds it to the tolerance of the engine's backend. */
export async function checkParityCase(engine: Engine, parityCase: ParityCase): Promise<ParityVerdict> {
  const result = await runParityCase(engine, parityCase);
  const tolerance = tolerances[engine.backend.name];
  const above = Object.keys(result.differences).filter((name) => !(result.differences[name] <= tolerance));
  const illConditioned: Record<string, number> = {};
  if (above.length > 0 && engine.backend.precision === 'float32') {
    const exact = new Engine(createReferenceBackend());
    const floor = (await runParityCase(exact, roundedToFloat32(parityCase))).differences;
    for (const name of above) if (floor[name] > tolerance) illConditioned[name] = floor[name];
  }
  const passed = above.every(
    (name) => result.differences[name] <= ROUNDING_FACTOR * (illConditioned[name] ?? 0),
  );
  return { ...result, passed, illConditioned };
}

/** The case with its inputs, parameters and upstream gradients as float32 holds them; outputs stay as they are. */
function roundedToFloat32(parityCase: ParityCase): ParityCase {
  return Object.fromEntries(
    Object.entries(parityCase).map(([name, array]) =>
      /^(in|param|g)\./.test(name) && array.data instanceof Float64Array
        ? [name, { ...array, data: Float64Array.from(array.data, Math.fround) }]
        : [name, array],
    ),
  );
}

interface CaseConfig {
  readonly kind: 'clean' | 'vel' | 'gnn' | 'rf';
  readonly [key: string]: unknown;
}

/** @throws Error if the case is not one of the four kinds or misses an array */
async function runParityCase(engine: Engine, parityCase: ParityCase): Promise<ParityResult> {
  const config = JSON.parse(String(parityCase.config.data[0])) as CaseConfig;
  const edgeAttributes = parityCase['in.edge_attr'];
  const model = buildModel(engine, config, edgeAttributes?.shape[1] ?? 0);
  model.loadStateDict(
    Object.fromEntries(
      Object.entries(parityCase)
        .filter(([name]) => name.startsWith('param.'))
        .map(([name, array]) => [name.slice('param.'.length), array]),
    ) as StateDict,
  );
  const graphSizes = Array.from(parityCase['in.graph_sizes'].data as ArrayLike<number>);
  const graph = Graph.fromEdges(
    {
      data: parityCase['in.edge_index'].data as ArrayLike<number>,
      shape: [2, parityCase['in.edge_index'].shape[1]],
    },
    {
      nodeCount: graphSizes.reduce((total, size) => total + size, 0),
      nodeCounts: graphSizes,
      convention: 'target-to-source',
    },
  );

  const inputs = Object.keys(parityCase)
    .filter((name) => name.startsWith('in.') && parityCase[name].dtype.includes('f'))
    .map((name) => name.slice('in.'.length));
  const ours: Record<string, ArrayLike<number>> = {};
  model.parameters.clearGradients();
  const reads = engine.step(() => {
    const handle = engine.graph(graph);
    const tensors: Record<string, Tensor> = {};
    for (const name of inputs) {
      const { data, shape } = parityCase[`in.${name}`];
      const onEdges = name === 'edge_attr';
      const values = onEdges ? graph.sortEdgeRows(data as Float64Array, shape[1]) : (data as Float64Array);
      tensors[name] = engine.tensor(values, onEdges ? handle.edges : handle.nodes, shape[1], {
        requiresGradient: true,
      });
    }
    const outputs = forward(model, graph, tensors);
    const losses = Object.entries(outputs).map(([name, output]) => {
      const weights = parityCase[`g.${name}`];
      return sum(multiply(output, engine.tensor(weights.data as Float64Array, output.rows, output.columns)));
    });
    engine.backward(losses.reduce((total, loss) => add(total, loss)));
    const collect = async (name: string, values: Promise<ArrayLike<number>>) => {
      ours[name] = await values;
    };
    return [
      ...Object.entries(outputs).map(([name, output]) => collect(`out.${name}`, output.read())),
      ...inputs.map((name) => collect(`gradin.${name}`, tensors[name].readGradient())),
    ];
  });
  await Promise.all(reads);
  if (ours['gradin.edge_attr'])
    ours['gradin.edge_attr'] = inputOrder(graph, ours['gradin.edge_attr'], edgeAttributes.shape[1]);
  engine.backend.combine(model.parameters.gradients);
  const gradients = unflatten(model.parameters, await engine.backend.read(model.parameters.gradients));
  for (const [name, { data }] of Object.entries(gradients)) ours[`grad.${name}`] = data;

  const differences: Record<string, number> = {};
  for (const [name, values] of Object.entries(ours)) {
    const theirs = parityCase[name];
    differences[name] = relativeDifference(values, theirs?.data as ArrayLike<number> | undefined);
  }
  const largest = (wanted: (name: string) => boolean) =>
    Math.max(
      0,
      ...Object.keys(differences)
        .filter(wanted)
        .map((name) => differences[name]),
    );
  return {
    differences,
    outputs: largest((name) => name.startsWith('out.')),
    gradients: largest((name) => name.startsWith('grad')),
  };
}

function buildModel(engine: Engine, config: CaseConfig, edgeFeatures: number): Model {
  const number = (key: string, fallback: number) => (config[key] as number | undefined) ?? fallback;
  const flag = (key: string, fallback = false) => (config[key] as boolean | undefined) ?? fallback;
  const common = { edgeFeatures, hiddenFeatures: number('hidden_nf', 64), layers: number('n_layers', 4) };
  switch (config.kind) {
    case 'clean':
      return new EGNN(engine, {
        ...common,
        inputFeatures: number('in_node_nf', 1),
        outputFeatures: number('out_node_nf', 1),
        attention: flag('attention'),
        normalize: flag('normalize'),
        tanh: flag('tanh'),
        residual: flag('residual', true),
      });
    case 'vel':
      return new EGNN(engine, {
        ...common,
        inputFeatures: number('in_node_nf', 1),
        outputFeatures: 0,
        velocity: true,
        coordinateClamp: 100,
        residual: flag('recurrent'),
      });
    case 'gnn':
      return new GNN(engine, {
        ...common,
        inputFeatures: number('input_dim', 6),
        outputFeatures: number('dimensions', 3),
        residual: flag('recurrent'),
      });
    case 'rf':
      return new RadialField(engine, common);
    default:
      throw new Error(`unknown kind of parity case: ${config.kind}`);
  }
}

function forward(model: Model, graph: Graph, inputs: Record<string, Tensor>): Record<string, Tensor> {
  const { h, x, vel, vel_norm, edge_attr: edgeAttributes } = inputs;
  if (model instanceof EGNN) {
    const output = model.forward({ graph, h, x, velocity: vel, edgeAttributes });
    return output.h ? { h: output.h, x: output.x! } : { x: output.x! };
  }
  if (model instanceof GNN) return { x: model.forward({ graph, h, edgeAttributes }) };
  return {
    x: (model as RadialField).forward({ graph, x, velocity: vel, speed: vel_norm, edgeAttributes }),
  };
}

/** Edge rows from the graph's order back to the order of the input. */
function inputOrder(graph: Graph, values: ArrayLike<number>, width: number): ArrayLike<number> {
  const { edgeOrder } = graph;
  if (!edgeOrder) return values;
  const result = new Float64Array(values.length);
  for (let edge = 0; edge < graph.edgeCount; edge++)
    for (let k = 0; k < width; k++) result[edgeOrder[edge] * width + k] = values[edge * width + k];
  return result;
}

/** An array that the case leaves out is one that the loss does not depend on: ours has to be zero. */
function relativeDifference(ours: ArrayLike<number>, theirs: ArrayLike<number> | undefined): number {
  if (theirs && theirs.length !== ours.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let magnitude = 0;
  for (let i = 0; i < ours.length; i++) {
    const expected = theirs?.[i] ?? 0;
    const distance = Math.abs(ours[i] - expected);
    difference = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : Math.max(difference, distance);
    magnitude = Math.max(magnitude, Math.abs(expected));
  }
  return difference === 0 ? 0 : difference / (magnitude || 1);
}
