/** @file What the view Your data computes in the worker. The models that it made or opened stay here. */
import { EGNN, type PlainGraph, type Prediction } from 'egnn';
import { writeNpz } from 'egnn/formats';
import { LoadedModel, unpackModel } from 'egnn/models';
import type { ComputeContext } from '../../compute/context.ts';
import type { GraphData } from './graph-data.ts';
import { networkOptions } from './network-options.ts';
import { type OpenedFile, textOfFiles } from './read-files.ts';

/** What a random network is made with, as `EGNNConfig` has it; widths come from the graph. */
export interface RandomOptions {
  readonly outputFeatures: number;
  readonly hiddenFeatures: number;
  readonly layers: number;
  readonly attention: boolean;
  readonly normalize: boolean;
  readonly tanh: boolean;
  readonly coordinateWeight: number;
  readonly seed: number;
}

export type ModelWish =
  | { readonly kind: 'random'; readonly options: RandomOptions }
  | { readonly kind: 'opened' };

export interface Output {
  readonly nodes: number;
  /** [nodes, ...], row-major; h is absent where the model returns coordinates alone. */
  readonly h?: Float64Array;
  readonly x: Float64Array;
  readonly v?: Float64Array;
  readonly parameters: number;
}

export interface OpenedModel {
  /** A sentence for people. */
  readonly summary: string;
}

let opened: LoadedModel | undefined;
/** By their configuration: an engine does not give the memory of weights back. */
const made = new Map<string, EGNN>();

/**
 * @param weights a safetensors file
 * @param config the text of config.json; the file's own configuration if left out
 */
export async function openModel(
  { weights, config }: { weights: Uint8Array; config?: string },
  { engine }: ComputeContext,
): Promise<OpenedModel> {
  const contents = unpackModel(weights, config === undefined ? undefined : parsed(config));
  const model = new LoadedModel(await engine(), contents);
  const { network } = model;
  if (!(network instanceof EGNN))
    throw new TypeError(
      `a model of kind ${contents.config.network.kind} does not predict from X and C alone`,
    );
  opened = model;
  const { inputFeatures, edgeFeatures, nodeAttributes, velocity, layers } = network.config;
  const needs = [
    `X with ${columns(inputFeatures)}`,
    ...(edgeFeatures > 0 ? [`A with ${columns(edgeFeatures)}`] : []),
    ...(velocity ? ['V'] : []),
    ...(nodeAttributes > 0 ? [`B with ${columns(nodeAttributes)}`] : []),
  ];
  return {
    summary: `${layers} layers, ${network.parameterCount.toLocaleString('en')} parameters; it takes ${needs.join(', ')} and C.`,
  };
}

/** @throws RangeError or TypeError naming the matrix that does not fit the model */
export async function run(
  { graph, model }: { graph: GraphData; model: ModelWish },
  { engine }: ComputeContext,
): Promise<Output> {
  const input = graph as PlainGraph;
  let network: EGNN;
  let predict: () => Promise<Prediction>;
  if (model.kind === 'random') {
    network = networkFor(await engine(), graph, model.options);
    predict = () => network.predict(input);
  } else {
    if (!opened) throw new Error('no model is open');
    const loaded = opened;
    network = loaded.network as EGNN;
    predict = () => loaded.predictGraph(input);
  }
  checkWidths(graph, network);
  const { h, x, v } = await predict();
  const wrong = [h, x, v].some((values) => values && !values.every(Number.isFinite));
  if (wrong) throw new RangeError('the outputs are not finite: are numbers of the input too large?');
  const copy = (values: ArrayLike<number> | undefined) => values && Float64Array.from(values);
  return { nodes: graph.X.length, h: copy(h), x: copy(x)!, v: copy(v), parameters: network.parameterCount };
}

/** The text of a graph. */
export function readFiles({ files }: { files: readonly OpenedFile[] }): string {
  return textOfFiles(files);
}

/** h, x and v as an npz file. */
export function npz({ nodes, h, x, v }: Output): Uint8Array {
  const arrays = Object.entries({ h, x, v }).flatMap(([name, data]) =>
    data ? [[name, { data, shape: [nodes, nodes === 0 ? 0 : data.length / nodes] }] as const] : [],
  );
  return writeNpz(Object.fromEntries(arrays));
}

function networkFor(
  engine: Awaited<ReturnType<ComputeContext['engine']>>,
  graph: GraphData,
  options: RandomOptions,
): EGNN {
  const config = networkOptions(graph, options);
  const key = JSON.stringify(config);
  let network = made.get(key);
  if (!network) {
    network = new EGNN(engine, config);
    made.set(key, network);
  }
  return network;
}

function checkWidths({ X, A, V, B }: GraphData, { config }: EGNN): void {
  const expected = [
    ['X', X, config.inputFeatures],
    ['A', A, config.edgeFeatures],
    ['B', B, config.nodeAttributes],
  ] as const;
  for (const [name, rows, width] of expected) {
    if (!rows) {
      if (width > 0) throw new RangeError(`${name} is missing: this model takes ${columns(width)} of it`);
    } else if (width === 0 && rows.length > 0) {
      throw new RangeError(`this model takes no ${name}; leave it out`);
    } else if (rows.length > 0 && rows[0].length !== width) {
      throw new RangeError(`${name} has ${columns(rows[0].length)}; this model takes ${width}`);
    }
  }
  if (config.velocity && !V) throw new RangeError('V is missing: this model takes velocities');
  if (!config.velocity && V) throw new RangeError('this model takes no V; leave it out');
}

function columns(number: number): string {
  return `${number} column${number === 1 ? '' : 's'}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`config.json is no JSON: ${(error as Error).message}`);
  }
}
