/** @file The short way: plain or nested arrays in, typed arrays out, one step and no gradients. */
import type { Numbers } from '../backends/backend.ts';
import { type EdgeIndexConvention, type EdgeIndexInput, Graph } from '../graph/graph.ts';
import type { Engine } from '../tensor/engine.ts';
import { describeNonFinite } from '../tensor/non-finite.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { LayerInput } from './egcl.ts';

/** Nested rows, or a flat row-major array. */
export type PlainMatrix = ArrayLike<number> | readonly ArrayLike<number>[];

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
}

export interface Prediction {
  /** [N, outputFeatures], row-major; undefined if the model returns coordinates alone. */
  readonly h: Numbers | undefined;
  /** [N, n], row-major. */
  readonly x: Numbers;
  /** [N, n], row-major; with velocities only. */
  readonly v: Numbers | undefined;
}

/** What `predict` needs of a model. */
export interface Predictor {
  readonly engine: Engine;
  readonly config: {
    readonly inputFeatures: number;
    readonly edgeFeatures: number;
    readonly nodeAttributes: number;
  };
  forward(input: LayerInput): {
    readonly h: Tensor | undefined;
    readonly x: Tensor | undefined;
    readonly v: Tensor | undefined;
  };
}

/**
 * @throws RangeError or TypeError naming the argument, what was expected and what came; RangeError naming the layer from
 *   which numbers come that are not finite; OutOfMemoryError, before anything is computed, if the graph does not fit
 */
export async function predict(model: Predictor, input: PlainGraph): Promise<Prediction> {
  const { inputFeatures, edgeFeatures, nodeAttributes } = model.config;
  const features = flatten('X', input.X, inputFeatures);
  const nodeCount = features.values.length / inputFeatures;
  const coordinates = flatten('C', input.C, dimensionsOf(input.C, nodeCount));
  const dimensions = coordinates.columns;
  expectRows('C', coordinates, nodeCount);
  const graph = input.E
    ? Graph.fromEdges(input.E, { nodeCount, nodeCounts: input.nodeCounts, convention: input.convention })
    : Graph.complete(input.nodeCounts ?? nodeCount, { selfLoops: input.selfLoops });
  if (graph.nodeCount !== nodeCount)
    throw new RangeError(`nodeCounts add up to ${graph.nodeCount}; X has ${nodeCount} rows`);

  const attributes = input.A === undefined ? undefined : flatten('A', input.A, edgeFeatures);
  if (attributes) expectRows('A', attributes, graph.edgeCount);
  const velocity = input.V === undefined ? undefined : flatten('V', input.V, dimensions);
  if (velocity) expectRows('V', velocity, nodeCount);
  const nodes = input.B === undefined ? undefined : flatten('B', input.B, nodeAttributes);
  if (nodes) expectRows('B', nodes, nodeCount);

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
      velocity: onNodes(velocity),
      nodeAttributes: onNodes(nodes),
    });
  };
  engine.expectToFit(model, graph, () => engine.withoutGradient(forward));
  const [h, x, v] = await engine.step(() => {
    const output = engine.withoutGradient(forward);
    return Promise.all([output.h?.read(), output.x!.read(), output.v?.read()]);
  });
  for (const [name, values] of Object.entries({ h, x, v })) {
    const bad = values ? values.findIndex((value) => !Number.isFinite(value)) : -1;
    if (bad >= 0) await failNonFinite(engine, forward, `number ${bad} of ${name} is ${values![bad]}`);
  }
  return { h, x, v };
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
  if (isNested(C)) return C[0].length;
  if (nodeCount === 0) return 1;
  const dimensions = C.length / nodeCount;
  if (!Number.isInteger(dimensions))
    throw new RangeError(`C must hold ${nodeCount} rows; got ${C.length} numbers`);
  return dimensions;
}

function isNested(matrix: PlainMatrix): matrix is readonly ArrayLike<number>[] {
  return matrix.length > 0 && typeof matrix[0] !== 'number';
}

function lengthOf(matrix: PlainMatrix): number {
  if (!isNested(matrix)) return matrix.length;
  return matrix.length * matrix[0].length;
}

function flatten(name: string, matrix: PlainMatrix, columns: number): Flat {
  if (isNested(matrix)) {
    for (const [row, values] of matrix.entries())
      if (values.length !== columns)
        throw new RangeError(`${name}[${row}] must have ${columns} numbers; got ${values.length}`);
  } else if (columns === 0 ? matrix.length > 0 : matrix.length % columns !== 0) {
    throw new RangeError(`${name} must hold rows of ${columns} numbers; got ${matrix.length} numbers`);
  }
  const values = new Float64Array(lengthOf(matrix));
  for (let i = 0; i < values.length; i++) {
    const value = isNested(matrix) ? matrix[Math.floor(i / columns)][i % columns] : matrix[i];
    if (!Number.isFinite(value))
      throw new RangeError(
        `${name}[${Math.floor(i / columns)}][${i % columns}] must be a finite number; got ${value}`,
      );
    values[i] = value;
  }
  return { values, columns };
}

function expectRows(name: string, matrix: Flat, rows: number): void {
  const got = matrix.columns === 0 ? 0 : matrix.values.length / matrix.columns;
  if (got !== rows)
    throw new RangeError(`${name} must have ${rows} rows of ${matrix.columns} numbers; got ${got} rows`);
}
