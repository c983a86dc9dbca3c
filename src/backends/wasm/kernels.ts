/**
 * @file The signatures of the compiled kernels (`assembly/`). Pointers are byte addresses, 0 means absent; counts
 * are in elements; every matrix is contiguous, row-major, float32. The formulas stand beside the kernels.
 */
type Kernel = (...numbers: number[]) => void;

export interface Kernels {
  initialise(revectorized: number): void;

  matmul(x: number, w: number, bias: number, y: number, rows: number, inner: number, columns: number): void;
  matmulAccumulate(x: number, w: number, y: number, rows: number, inner: number, columns: number): void;
  outerAccumulate(x: number, dy: number, dw: number, rows: number, inner: number, columns: number): void;
  transpose(source: number, target: number, rows: number, columns: number): void;
  columnSums(x: number, sums: number, rows: number, columns: number): void;

  activate(kind: number, z: number, y: number, count: number): void;
  activateWithDerivative(kind: number, z: number, y: number, d: number, count: number): void;
  activationGradient(kind: number, z: number, dy: number, dz: number, count: number): void;
  activationGradientAccumulate(kind: number, z: number, dy: number, dx: number, count: number): void;
  headBackward: Kernel;

  edgeInput: Kernel;
  edgeInputBackward: Kernel;
  scatterAddRows(m: number, scale: number, index: number, target: number, rows: number, width: number): void;
  gatherRows(source: number, index: number, y: number, rows: number, width: number): void;
  gatherAddRows(source: number, index: number, scale: number, y: number, rows: number, width: number): void;
  dotRows(t: number, w: number, bias: number, out: number, rows: number, width: number): void;
  rowDots(a: number, b: number, out: number, rows: number, width: number): void;
  scaleRows(m: number, scale: number, y: number, rows: number, width: number): void;
  outerRows(scale: number, w: number, y: number, rows: number, width: number, accumulate: number): void;
  weightedColumnSums(m: number, scale: number, sums: number, rows: number, width: number): void;
  multiplyAndSum(dm: number, d: number, db: number, rows: number, width: number): void;
  gatherMultiplyAndSum: Kernel;

  completeEdges(
    edgeOffsets: number,
    firstNode: number,
    receiver: number,
    edge: number,
    edges: number,
    receivers: number,
    senders: number,
  ): number;
  edgeDifferences: Kernel;
  pairFeatures(
    squared: number,
    attributes: number,
    attributeCount: number,
    features: number,
    edges: number,
  ): void;
  normalise: Kernel;
  addShifts: Kernel;
  shiftGradient: Kernel;
  normaliseGradient: Kernel;
  addCoordinateGradients: Kernel;

  binary: Kernel;
  binaryGradient: Kernel;
  fill(y: number, value: number, count: number): void;
  affine(x: number, y: number, scale: number, shift: number, count: number, accumulate: number): void;
  sum(x: number, count: number): number;
  sumOfSquares(x: number, count: number): number;
  sumGradient(dy: number, dx: number, scale: number, count: number): void;
  sumPartials(partials: number, strideBytes: number, copies: number, y: number, scale: number): void;
  copyColumns: Kernel;
  rowSums(x: number, y: number, rows: number, columns: number, accumulate: number): void;
  loss(kind: number, prediction: number, target: number, count: number): number;
  lossGradient: Kernel;
  storeDouble(at: number, value: number): void;
  loadInteger(at: number): number;

  adam: Kernel;
  averageWeights(average: number, parameters: number, count: number, decay: number): void;
  sumOver(first: number, strideBytes: number, copies: number, count: number): void;
}

/** One thread's kernels over the shared memory. Every thread writes the same constants. */
export function instantiate(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  revectorized: boolean,
): Kernels {
  const instance = new WebAssembly.Instance(module, {
    env: {
      memory,
      abort: () => {
        throw new Error('a kernel aborted');
      },
    },
  });
  const kernels = instance.exports as unknown as Kernels;
  kernels.initialise(revectorized ? 1 : 0);
  return kernels;
}
