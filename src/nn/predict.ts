/** @file The short way: plain or nested arrays in, typed arrays out, one step and no gradients. */
import type { Numbers } from '../backends/backend.ts';
import { type EdgeIndexConvention, type EdgeIndexInput, Graph } from '../graph/graph.ts';
import { expectMatrix, flatten, isNested, type PlainMatrix } from '../graph/plain-matrix.ts';
import { shown } from '../shown.ts';
import type { Engine } from '../tensor/engine.ts';
import { describeNonFinite } from '../tensor/non-finite.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkNames } from './check-config.ts';
import type { LayerInput } from './egcl.ts';

export interface PlainGraph {
  /** Node features, [N, F]. */
  readonly X: PlainMatrix;
  /** Coordinates, [N, n]. */
  readonly C: PlainMatrix;
  /** Edge index, [2, M]; the complete graph without self loops if left out. */
  readonly E?: EdgeIndexInput;
  /** Edge attributes, [M, A], in the order of E (of the complete graph: by receiver, then by sender). */
  readonly A?: PlainMatrix;
  /** Velocities, [N, n]. */
  readonly V?: PlainMatrix;
  /** Node attributes, [N, B]. */
  readonly B?: PlainMatrix;
  /** Without E: whether every node receives from itself too. */
  readonly selfLoops?: boolean;
  /** How many nodes each graph of a batch has; one graph if left out. */
  readonly nodeCounts?: ArrayLike<number>;
  /** What the rows of E mean: 'source-to-target' (the default) or 'target-to-source'. */
  readonly convention?: EdgeIndexConvention;
  /** What a line of JSON calls the graph; it changes nothing. */
  readonly name?: string | number;
}

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

const KEYS: readonly (keyof PlainGraph)[] = [
  'X',
  'C',
  'E',
  'A',
  'V',
  'B',
  'selfLoops',
  'nodeCounts',
  'convention',
  'name',
];

/** What `predict` needs of a model. */
interface Predictor {
  readonly engine: Engine;
  readonly config: {
    readonly inputFeatures: number;
    readonly edgeFeatures: number;
    readonly nodeAttributes: number;
    readonly velocity: boolean;
  };
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
  if (typeof input !== 'object' || input === null)
    throw new TypeError(`predict takes a graph, { X, C, ... }; got ${shown(input)}`);
  checkNames('predict', input, KEYS);
  const { inputFeatures, edgeFeatures, nodeAttributes, velocity } = model.config;
  for (const [name, width] of [
    ['X', inputFeatures],
    ['C', 'n'],
  ] as const)
    if (input[name] === undefined) throw new TypeError(`${name} is missing; this model takes [N, ${width}]`);
  const features = matrixOf('X', input.X, undefined, inputFeatures);
  const nodeCount = features.values.length / inputFeatures;
  const dimensions = dimensionsOf(input.C, nodeCount);
  const coordinates = matrixOf('C', input.C, nodeCount, dimensions);
  const { E, nodeCounts, convention, selfLoops } = input;
  const graph =
    E === undefined
      ? Graph.complete(nodeCounts ?? nodeCount, { selfLoops })
      : Graph.fromEdges(E, { nodeCount, nodeCounts, convention, name: 'E' });
  if (graph.nodeCount !== nodeCount)
    throw new RangeError(`nodeCounts add up to ${graph.nodeCount}; X has ${nodeCount} rows`);
  const attributes = optionalMatrix('A', input.A, graph.edgeCount, edgeFeatures);
  const velocities = optionalMatrix('V', input.V, nodeCount, velocity ? dimensions : 0);
  const nodes = optionalMatrix('B', input.B, nodeCount, nodeAttributes);

  const { engine } = model;
  const forward = () => {
    const handle = engine.graph(graph);
    const onNodes = (matrix: Flat | undefined) =>
      matrix && engine.tensor(matrix.values, handle.nodes, matrix.columns);
    return model.forward({
      graph,
      h: onNodes(features)!,
      x: onNodes(coordinates)!,
      edgeAttributes:
        attributes &&
        engine.tensor(graph.sortEdgeRows(attributes.values, edgeFeatures), handle.edges, edgeFeatures),
      velocity: onNodes(velocities),
      nodeAttributes: onNodes(nodes),
    });
  };
  engine.expectToFit(model, graph, () => engine.withoutGradient(forward));
  const [h, x, v, y] = await engine.step(() => {
    const output = engine.withoutGradient(forward);
    return Promise.all([output.h?.read(), output.x!.read(), output.v?.read(), output.y?.read()]);
  });
  for (const [name, values] of Object.entries({ h, x, v, y })) {
    const bad = values ? values.findIndex((value) => !Number.isFinite(value)) : -1;
    if (bad >= 0) await failNonFinite(engine, forward, `number ${bad} of ${name} is ${values![bad]}`);
  }
  return { h, x, v, y };
}

/** Repeats a prediction with its operations remembered, to say where it went wrong. */
async function failNonFinite(engine: Engine, forward: () => unknown, what: string): Promise<never> {
  const found = await engine.step(() => {
    forward();
    return engine.findNonFinite();
  });
  throw new RangeError(
    `the prediction is not finite: ${what}${describeNonFinite(found)}. Graphs much larger than those of the training, or coordinates of another scale, do this; see \`normalize\`, \`tanh\` and mean aggregation`,
  );
}

interface Flat {
  readonly values: Float64Array;
  readonly columns: number;
}

/** How many numbers each row of C has; 1 if there are no rows. */
function dimensionsOf(C: PlainMatrix, nodeCount: number): number {
  expectMatrix('C', C);
  if (isNested(C)) {
    expectMatrix('C[0]', C[0]);
    return C[0].length;
  }
  if (nodeCount === 0) return 1;
  const dimensions = C.length / nodeCount;
  if (!Number.isInteger(dimensions))
    throw new RangeError(`C must hold ${nodeCount} rows; got ${C.length} numbers`);
  return dimensions;
}

/** @param columns 0 if the model takes none */
function optionalMatrix(
  name: string,
  matrix: PlainMatrix | undefined,
  rows: number,
  columns: number,
): Flat | undefined {
  if (columns === 0 && matrix !== undefined) throw new TypeError(`this model takes no ${name}; leave it out`);
  if (columns === 0) return undefined;
  if (matrix === undefined) throw new TypeError(`${name} is missing; this model takes [${rows}, ${columns}]`);
  return matrixOf(name, matrix, rows, columns);
}

/** @param rows how many there must be; any number if left out */
function matrixOf(name: string, matrix: PlainMatrix, rows: number | undefined, columns: number): Flat {
  const values = flatten(name, matrix, columns);
  const got = columns === 0 ? 0 : values.length / columns;
  if (rows !== undefined && got !== rows)
    throw new RangeError(`${name} must have ${rows} rows of ${columns} numbers; got ${got} rows`);
  return { values, columns };
}
