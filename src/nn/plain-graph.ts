/** @file A graph as plain or nested arrays, and its way into matrices that agree with a model. */
import { type EdgeIndexConvention, type EdgeIndexInput, Graph } from '../graph/graph.ts';
import { expectMatrix, flatten, isNested, type PlainMatrix } from '../graph/plain-matrix.ts';
import { shown } from '../shown.ts';
import { checkFlags, checkNames } from './check-config.ts';

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

/** The widths of what a model takes; 0 where it takes none. */
export interface PlainGraphWidths {
  readonly inputFeatures: number;
  readonly edgeFeatures: number;
  readonly nodeAttributes: number;
  readonly velocity: boolean;
}

/** A row-major matrix. */
export interface Flat {
  readonly values: Float64Array;
  readonly columns: number;
}

/** A graph that agrees with the model, with its matrices in the graph's order. */
export interface PreparedGraph {
  readonly graph: Graph;
  /** [N, F], [N, n], [N, n], [N, B] */
  readonly onNodes: {
    readonly h: Flat;
    readonly x: Flat;
    readonly velocity: Flat | undefined;
    readonly nodeAttributes: Flat | undefined;
  };
  /** [M, A] */
  readonly edgeAttributes: Flat | undefined;
}

/** @throws RangeError or TypeError naming the argument, what was expected and what came */
export function prepareGraph(widths: PlainGraphWidths, input: PlainGraph): PreparedGraph {
  if (typeof input !== 'object' || input === null)
    throw new TypeError(`predict takes a graph, { X, C, ... }; got ${shown(input)}`);
  checkNames('predict', input, KEYS);
  const { inputFeatures, edgeFeatures, nodeAttributes, velocity } = widths;
  for (const [name, width] of [
    ['X', inputFeatures],
    ['C', 'n'],
  ] as const)
    if (input[name] === undefined) throw new TypeError(`${name} is missing; this model takes [N, ${width}]`);
  const h = matrixOf('X', input.X, undefined, inputFeatures);
  const nodeCount = h.values.length / inputFeatures;
  const dimensions = dimensionsOf(input.C, nodeCount);
  const x = matrixOf('C', input.C, nodeCount, dimensions);
  const { E, nodeCounts, convention, selfLoops = false } = input;
  checkFlags({ selfLoops }, ['selfLoops']);
  const graph =
    E === undefined
      ? Graph.complete(nodeCounts ?? nodeCount, { selfLoops })
      : Graph.fromEdges(E, { nodeCount, nodeCounts, convention, name: 'E' });
  if (graph.nodeCount !== nodeCount)
    throw new RangeError(`nodeCounts add up to ${graph.nodeCount}; X has ${nodeCount} rows`);
  const attributes = optionalMatrix('A', input.A, graph.edgeCount, edgeFeatures);
  return {
    graph,
    onNodes: {
      h,
      x,
      velocity: optionalMatrix('V', input.V, nodeCount, velocity ? dimensions : 0),
      nodeAttributes: optionalMatrix('B', input.B, nodeCount, nodeAttributes),
    },
    edgeAttributes: attributes && {
      values: graph.sortEdgeRows(attributes.values, edgeFeatures),
      columns: edgeFeatures,
    },
  };
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
