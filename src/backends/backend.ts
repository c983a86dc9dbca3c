/**
 * @file The one interface between tensors and the machine. A backend offers memory and coarse operations on
 * matrices, each forward and backward; it knows nothing of layers, models or the tape.
 *
 * Every array is a row-major matrix. Its rows belong to a `Rows` set (the nodes of a batch, its edges, its graphs,
 * or just some count): a backend with threads splits each set once, so that consecutive operations on the same
 * rows stay on the same thread and need no waiting.
 */
import type { Graph } from '../graph/graph.ts';

/** Plain numbers as they enter and leave a backend. */
export type Numbers = Float32Array | Float64Array;

/** Elementwise functions of one variable. `leakyRelu` has slope 0.2; `squareRoot` has derivative 0 at 0. */
export const activations = [
  'identity',
  'silu',
  'relu',
  'leakyRelu',
  'tanh',
  'sigmoid',
  'square',
  'squareRoot',
  'sin',
  'cos',
] as const;
export type Activation = (typeof activations)[number];

export const binaryOperations = ['add', 'subtract', 'multiply', 'divide'] as const;
export type BinaryOperation = (typeof binaryOperations)[number];

/** `binaryCrossEntropy` takes logits. `huber` is quadratic below 1 and linear above. */
export const losses = ['meanSquaredError', 'l1', 'huber', 'binaryCrossEntropy'] as const;
export type Loss = (typeof losses)[number];

/** A set of rows that several matrices share. */
export interface Rows {
  readonly count: number;
}

/** A row-major matrix in a backend's memory: [rows.count, columns]. */
export interface Matrix {
  readonly rows: Rows;
  readonly columns: number;
}

/** Where a gradient goes: written, or added to what is there. */
export interface GradientTarget {
  readonly matrix: Matrix;
  readonly accumulate: boolean;
}

/** For every row of `from` the row of `to` it belongs to (edges to receivers, nodes to graphs). */
export interface RowIndex {
  readonly from: Rows;
  readonly to: Rows;
}

export interface GraphOptions {
  /**
   * Each graph of a batch stays on one thread, at the price of an uneven split: what it gives then depends neither on the
   * number of threads nor on the other graphs.
   */
  readonly whole?: boolean;
}

/** A graph as the backend holds it. */
export interface GraphHandle {
  readonly graph: Graph;
  readonly nodes: Rows;
  readonly edges: Rows;
  readonly graphs: Rows;
  /** Edge -> receiving node. For a complete graph these three materialise on first use. */
  readonly receivers: RowIndex;
  readonly senders: RowIndex;
  readonly graphOfNode: RowIndex;
}

/**
 * Everything that flows into the edge block, as values (`Matrix`), tensors or gradients.
 * With N nodes, E edges, n dimensions, A edge attributes, and widths H (first layer), M (message), C (coordinate head):
 */
export interface EdgeBlockParts<T> {
  /** [N, H] W_i h_i + b: the receiver's share of the first layer. */
  receiverPart: T;
  /** [N, H] W_j h_j: the sender's share. */
  senderPart: T;
  /** [N, n] coordinates. */
  x?: T;
  /** [E, A] in the graph's edge order. */
  edgeAttributes?: T;
  /** [S, H] first-layer rows of the squared distance (if used) and of the edge attributes. */
  pairWeight?: T;
  /** [H, M] second layer of phi_e. */
  messageWeight: T;
  /** [1, M] */
  messageBias: T;
  /** [M, 1] phi_inf, eq. 8. */
  gateWeight?: T;
  /** [1, 1] */
  gateBias?: T;
  /** [M, C] first layer of phi_x. */
  coordinateWeight?: T;
  /** [1, C] */
  coordinateBias?: T;
  /** [C, 1] second layer of phi_x; [M, 1], the only one, without `coordinateWeight`. */
  coordinateHead?: T;
  /** [1, 1] */
  coordinateHeadBias?: T;
}

/** x_i - x_j is divided by sqrt(|x_i - x_j|^2 + epsilon) + constant; `detached` lets no gradient through the norm. */
export interface Normalization {
  readonly epsilon: number;
  readonly constant: number;
  readonly detached: boolean;
}

export type Aggregation = 'sum' | 'mean';

export interface EdgeBlockOptions {
  readonly activation: Activation;
  /** Feed |x_i - x_j|^2 to the first layer (the first row of `pairWeight`). */
  readonly squaredDistance: boolean;
  readonly messageAggregation: Aggregation;
  readonly coordinateAggregation: Aggregation;
  readonly normalization?: Normalization;
  /** phi_x becomes tanhRange * tanh(phi_x). */
  readonly tanhRange?: number;
  /** Every component of (x_i - x_j) phi_x is limited to [-clamp, clamp]. */
  readonly clamp?: number;
}

/** What the edge block gives: m_i (eq. 5), [N, M], and the aggregated coordinate shift (eq. 4), [N, n]. */
export interface EdgeBlockOutputs<T> {
  messages?: T;
  shift?: T;
}

/** What a forward pass of the edge block keeps for its backward pass; only the backend looks inside. */
export type EdgeBlockSaved = object;

/** Operations that were run once and can be run again on the same memory. */
export interface Capture<T> {
  /** What the captured work returned. */
  readonly result: T;
  /** Runs the operations again, on the numbers that are in their matrices now. */
  replay(): void;
  /** Frees the scratch memory they work on. */
  release(): void;
}

/** Bytes of scratch memory. */
export interface MemoryMeasurement {
  readonly needed: number;
  readonly available: number;
}

/** Adam and AdamW, with the bias corrections already in `stepSize` and `secondMomentScale`. */
export interface AdamSettings {
  /** learningRate / (1 - beta1^t) */
  readonly stepSize: number;
  /** 1 / sqrt(1 - beta2^t) */
  readonly secondMomentScale: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Added to the gradient as l2 * parameter (Adam's weight decay). */
  readonly l2: number;
  /** Parameters are first multiplied by 1 - decay (AdamW: learningRate * weightDecay). */
  readonly decay: number;
  /** Gradients are multiplied by this first (clipping). */
  readonly gradientScale: number;
}

/** The gradients below add into their targets unless a `GradientTarget` says otherwise. */
export interface Backend {
  readonly name: 'reference' | 'wasm';
  readonly precision: 'float32' | 'float64';
  readonly threads: number;
  /** One line for people: which variant runs and why. */
  readonly description: string;

  // --- memory ---
  rows(count: number): Rows;
  /** Zeros that live as long as the backend. */
  persistent(rows: Rows, columns: number): Matrix;
  /** Lives until the next `reset`; holds anything unless `zero`. */
  scratch(rows: Rows, columns: number, zero?: boolean): Matrix;
  /** Zeros that any row of any operation may add to (gradients of weights); read after `combine`. */
  accumulator(rows: Rows, columns: number, lifetime: 'persistent' | 'scratch'): Matrix;
  /** Nobody uses this scratch matrix any more: its memory may serve the next one of its shape. */
  free(matrix: Matrix): void;
  /** Makes an accumulator's total readable like any other matrix. */
  combine(accumulator: Matrix): void;
  /** Rows first..first+count of a matrix, sharing its memory. */
  view(matrix: Matrix, first: number, count: number): Matrix;
  /** The same memory cut into rows of another width. */
  reshape(matrix: Matrix, offset: number, rows: Rows, columns: number): Matrix;
  /** Frees all scratch memory. */
  reset(): void;
  /** Runs `work`, whose scratch memory lasts until the capture is released. */
  capture<T>(work: () => T): Capture<T>;
  /** What `work` would take as a step; it is called, and its operations do nothing. Undefined where nobody knows. */
  measure(work: () => void): MemoryMeasurement | undefined;
  write(matrix: Matrix, values: ArrayLike<number>): void;
  /** A copy of the matrix as it is after all operations called so far. */
  read(matrix: Matrix): Promise<Numbers>;
  graph(graph: Graph, options?: GraphOptions): GraphHandle;
  rowIndex(values: Int32Array, from: Rows, to: Rows): RowIndex;
  /** Stops worker threads. The backend is unusable afterwards. */
  close(): void;

  // --- products ---
  /** y = x weight + bias, or y += x weight. */
  multiply(x: Matrix, weight: Matrix, bias: Matrix | undefined, y: Matrix, accumulate: boolean): void;
  /** dx = dy weight^T */
  multiplyInputGradient(dy: Matrix, weight: Matrix, dx: GradientTarget): void;
  /** dWeight += x^T dy */
  multiplyWeightGradient(x: Matrix, dy: Matrix, dWeight: Matrix): void;
  /** sums += column sums of x; sums is [1, columns] */
  columnSums(x: Matrix, sums: Matrix): void;

  // --- elementwise ---
  activate(activation: Activation, z: Matrix, y: Matrix): void;
  /** dz = dy f'(z); dz.matrix may be dy. */
  activationGradient(activation: Activation, z: Matrix, dy: Matrix, dz: GradientTarget): void;
  /** y = a (op) b, where b may also be [rows, 1], [1, columns] or [1, 1]. y may be a. */
  binary(operation: BinaryOperation, a: Matrix, b: Matrix, y: Matrix): void;
  binaryGradient(
    operation: BinaryOperation,
    a: Matrix,
    b: Matrix,
    dy: Matrix,
    da: Matrix | undefined,
    db: Matrix | undefined,
  ): void;
  /** y = scale x + shift, or y += scale x + shift. */
  affine(x: Matrix, y: Matrix, scale: number, shift: number, accumulate: boolean): void;
  fill(matrix: Matrix, value: number): void;
  /** target[:, targetOffset + k] = source[:, sourceOffset + k] for k < width, or += */
  copyColumns(
    source: Matrix,
    sourceOffset: number,
    target: Matrix,
    targetOffset: number,
    width: number,
    accumulate: boolean,
  ): void;

  // --- rows ---
  /** target[r] (+)= source[index[r]], divided by the number of rows that share index[r] if `mean`. */
  gather(source: Matrix, index: RowIndex, target: Matrix, accumulate: boolean, mean: boolean): void;
  /** target[index[r]] += source[r], divided by the number of rows that share index[r] if `mean`. */
  scatterAdd(source: Matrix, index: RowIndex, target: Matrix, mean: boolean): void;
  /** y[r, 0] (+)= sum over columns of x[r] */
  rowSums(x: Matrix, y: Matrix, accumulate: boolean): void;

  // --- reductions to one number, [1, 1] ---
  /** y = scale * sum of x */
  sum(x: Matrix, y: Matrix, scale: number): void;
  /** dx += scale * dy */
  sumGradient(dy: Matrix, dx: Matrix, scale: number): void;
  /** y = scale * sum of losses of prediction against target */
  loss(loss: Loss, prediction: Matrix, target: Matrix, y: Matrix, scale: number): void;
  /** dPrediction += dy * scale * loss' */
  lossGradient(
    loss: Loss,
    prediction: Matrix,
    target: Matrix,
    dy: Matrix,
    dPrediction: Matrix,
    scale: number,
  ): void;

  // --- the edge block: eq. 3, 4, 5 and 8 over all edges, never holding an [E, H] array unless it is kept for the gradient ---
  edgeBlock(
    graph: GraphHandle,
    inputs: EdgeBlockParts<Matrix>,
    options: EdgeBlockOptions,
    outputs: EdgeBlockOutputs<Matrix>,
    keep: boolean,
  ): EdgeBlockSaved;
  /** Adds to every gradient that is given. */
  edgeBlockGradient(
    graph: GraphHandle,
    inputs: EdgeBlockParts<Matrix>,
    options: EdgeBlockOptions,
    outputGradients: EdgeBlockOutputs<Matrix>,
    gradients: Partial<EdgeBlockParts<Matrix>>,
    saved: EdgeBlockSaved,
  ): void;

  // --- optimiser, on flat matrices of all parameters ---
  adam(
    parameters: Matrix,
    gradients: Matrix,
    firstMoment: Matrix,
    secondMoment: Matrix,
    settings: AdamSettings,
  ): void;
  /** average = decay average + (1 - decay) parameters */
  averageWeights(average: Matrix, parameters: Matrix, decay: number): void;
  /** y = sum of squares of x */
  sumOfSquares(x: Matrix, y: Matrix): void;
}
