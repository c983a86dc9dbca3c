/**
 * @file The reference backend: every operation in plain TypeScript and float64, as short as the mathematics allows.
 * It is the oracle that faster backends are tested against, and what runs where WebAssembly SIMD does not.
 */
import type { Backend, GradientTarget, Matrix, Rows } from '../backend.ts';
import { checkArguments } from '../check-arguments.ts';
import { LazyGraphHandle } from '../graph-handle.ts';
import { functions } from './activations.ts';
import { edgeBlock, edgeBlockGradient } from './edge-block.ts';
import { lossFunctions } from './losses.ts';
import { allocate, indexRows, type ReferenceIndex, type ReferenceMatrix, valuesOf } from './memory.ts';

const operations = {
  add: { f: (a: number, b: number) => a + b, da: () => 1, db: () => 1 },
  subtract: { f: (a: number, b: number) => a - b, da: () => 1, db: () => -1 },
  multiply: {
    f: (a: number, b: number) => a * b,
    da: (_a: number, b: number) => b,
    db: (a: number) => a,
  },
  divide: {
    f: (a: number, b: number) => a / b,
    da: (_a: number, b: number) => 1 / b,
    db: (a: number, b: number) => -a / (b * b),
  },
};

type Memory =
  | 'name'
  | 'precision'
  | 'threads'
  | 'description'
  | 'rows'
  | 'persistent'
  | 'scratch'
  | 'accumulator'
  | 'free'
  | 'combine'
  | 'view'
  | 'reshape'
  | 'reset'
  | 'capture'
  | 'measure'
  | 'write'
  | 'read'
  | 'graph'
  | 'rowIndex'
  | 'close';

const operationMethods: Omit<Backend, Memory> = {
  multiply(x, weight, bias, y, accumulate) {
    const [a, w, out] = [valuesOf(x), valuesOf(weight), valuesOf(y)];
    const b = bias && valuesOf(bias);
    for (let r = 0; r < x.rows.count; r++)
      for (let c = 0; c < y.columns; c++) {
        let sum = accumulate ? out[r * y.columns + c] : (b?.[c] ?? 0);
        for (let k = 0; k < x.columns; k++) sum += a[r * x.columns + k] * w[k * y.columns + c];
        out[r * y.columns + c] = sum;
      }
  },
  multiplyInputGradient(dy, weight, dx) {
    const [g, w, out] = [valuesOf(dy), valuesOf(weight), valuesOf(dx.matrix)];
    const inner = dx.matrix.columns;
    for (let r = 0; r < dy.rows.count; r++)
      for (let k = 0; k < inner; k++) {
        let sum = dx.accumulate ? out[r * inner + k] : 0;
        for (let c = 0; c < dy.columns; c++) sum += g[r * dy.columns + c] * w[k * dy.columns + c];
        out[r * inner + k] = sum;
      }
  },
  multiplyWeightGradient(x, dy, dWeight) {
    const [a, g, out] = [valuesOf(x), valuesOf(dy), valuesOf(dWeight)];
    for (let r = 0; r < x.rows.count; r++)
      for (let k = 0; k < x.columns; k++)
        for (let c = 0; c < dy.columns; c++)
          out[k * dy.columns + c] += a[r * x.columns + k] * g[r * dy.columns + c];
  },
  columnSums(x, sums) {
    const [a, out] = [valuesOf(x), valuesOf(sums)];
    for (let i = 0; i < a.length; i++) out[i % x.columns] += a[i];
  },

  activate(activation, z, y) {
    const [input, out, { f }] = [valuesOf(z), valuesOf(y), functions[activation]];
    for (let i = 0; i < out.length; i++) out[i] = f(input[i]);
  },
  activationGradient(activation, z, dy, dz) {
    const [input, g, { derivative }] = [valuesOf(z), valuesOf(dy), functions[activation]];
    writeGradient(dz, (i) => g[i] * derivative(input[i]));
  },
  binary(operation, a, b, y) {
    const [left, right, out, { f }] = [valuesOf(a), valuesOf(b), valuesOf(y), operations[operation]];
    const at = broadcast(a, b);
    for (let i = 0; i < out.length; i++) out[i] = f(left[i], right[at(i)]);
  },
  binaryGradient(operation, a, b, dy, da, db) {
    const [left, right, g, rule] = [valuesOf(a), valuesOf(b), valuesOf(dy), operations[operation]];
    const at = broadcast(a, b);
    for (let i = 0; i < g.length; i++) {
      const [p, q] = [left[i], right[at(i)]];
      if (da) valuesOf(da)[i] += g[i] * rule.da(p, q);
      if (db) valuesOf(db)[at(i)] += g[i] * rule.db(p, q);
    }
  },
  affine(x, y, scale, shift, accumulate) {
    const [input, out] = [valuesOf(x), valuesOf(y)];
    for (let i = 0; i < out.length; i++) out[i] = scale * input[i] + shift + (accumulate ? out[i] : 0);
  },
  fill: (matrix, value) => valuesOf(matrix).fill(value),
  copyColumns(source, sourceOffset, target, targetOffset, width, accumulate) {
    const [from, to] = [valuesOf(source), valuesOf(target)];
    for (let r = 0; r < source.rows.count; r++)
      for (let k = 0; k < width; k++) {
        const at = r * target.columns + targetOffset + k;
        to[at] = from[r * source.columns + sourceOffset + k] + (accumulate ? to[at] : 0);
      }
  },

  gather(source, index, target, accumulate, mean) {
    const { values, counts } = index as ReferenceIndex;
    const [from, to, width] = [valuesOf(source), valuesOf(target), source.columns];
    for (let r = 0; r < values.length; r++)
      for (let k = 0; k < width; k++) {
        const value = from[values[r] * width + k] / (mean ? counts[values[r]] : 1);
        to[r * width + k] = value + (accumulate ? to[r * width + k] : 0);
      }
  },
  scatterAdd(source, index, target, mean) {
    const { values, counts } = index as ReferenceIndex;
    const [from, to, width] = [valuesOf(source), valuesOf(target), source.columns];
    for (let r = 0; r < values.length; r++)
      for (let k = 0; k < width; k++)
        to[values[r] * width + k] += from[r * width + k] / (mean ? counts[values[r]] : 1);
  },
  rowSums(x, y, accumulate) {
    const [input, out] = [valuesOf(x), valuesOf(y)];
    if (!accumulate) out.fill(0);
    for (let i = 0; i < input.length; i++) out[Math.floor(i / x.columns)] += input[i];
  },

  sum(x, y, scale) {
    let total = 0;
    for (const value of valuesOf(x)) total += value;
    valuesOf(y)[0] = scale * total;
  },
  sumGradient(dy, dx, scale) {
    const [amount, out] = [scale * valuesOf(dy)[0], valuesOf(dx)];
    for (let i = 0; i < out.length; i++) out[i] += amount;
  },
  loss(loss, prediction, target, y, scale) {
    const [p, t, { f }] = [valuesOf(prediction), valuesOf(target), lossFunctions[loss]];
    let total = 0;
    for (let i = 0; i < p.length; i++) total += f(p[i], t[i]);
    valuesOf(y)[0] = scale * total;
  },
  lossGradient(loss, prediction, target, dy, dPrediction, scale) {
    const [p, t, { derivative }] = [valuesOf(prediction), valuesOf(target), lossFunctions[loss]];
    const [amount, out] = [scale * valuesOf(dy)[0], valuesOf(dPrediction)];
    for (let i = 0; i < out.length; i++) out[i] += amount * derivative(p[i], t[i]);
  },

  edgeBlock(graph, inputs, options, outputs) {
    edgeBlock(graph, inputs as Parts, options, outputs as Outputs);
    return {};
  },
  edgeBlockGradient: (graph, inputs, options, outputGradients, gradients) =>
    edgeBlockGradient(graph, inputs as Parts, options, outputGradients as Outputs, gradients as Parts),

  adam(parameters, gradients, firstMoment, secondMoment, settings) {
    const [p, g] = [valuesOf(parameters), valuesOf(gradients)];
    const [m, v] = [valuesOf(firstMoment), valuesOf(secondMoment)];
    const { beta1, beta2, epsilon, stepSize, secondMomentScale, l2, decay, gradientScale } = settings;
    for (let i = 0; i < p.length; i++) {
      const gradient = g[i] * gradientScale + l2 * p[i];
      m[i] = beta1 * m[i] + (1 - beta1) * gradient;
      v[i] = beta2 * v[i] + (1 - beta2) * gradient * gradient;
      p[i] = p[i] * (1 - decay) - (stepSize * m[i]) / (Math.sqrt(v[i]) * secondMomentScale + epsilon);
    }
  },
  averageWeights(average, parameters, decay) {
    const [a, p] = [valuesOf(average), valuesOf(parameters)];
    for (let i = 0; i < a.length; i++) a[i] = decay * a[i] + (1 - decay) * p[i];
  },
  sumOfSquares(x, y) {
    let total = 0;
    for (const value of valuesOf(x)) total += value * value;
    valuesOf(y)[0] = total;
  },
};

export function createReferenceBackend(): Backend {
  /** What a capture under way has run so far. */
  let captured: (() => void)[] | undefined;

  /** Zeros, also when the capture they belong to is replayed. */
  function zeros(rows: Rows, columns: number): ReferenceMatrix {
    const matrix = allocate(rows, columns);
    captured?.push(() => matrix.values.fill(0));
    return matrix;
  }

  /** Each operation, remembered while a capture is under way. */
  const remembered = Object.fromEntries(
    Object.entries(operationMethods).map(([name, method]) => [
      name,
      (...operands: unknown[]) => {
        const run = () => (method as (...operands: unknown[]) => unknown)(...operands);
        captured?.push(run);
        return run();
      },
    ]),
  ) as unknown as typeof operationMethods;

  return checkArguments({
    name: 'reference',
    precision: 'float64',
    threads: 1,
    description: 'plain TypeScript in float64',

    rows: (count) => ({ count }),
    persistent: allocate,
    scratch: (rows, columns, zero) => (zero ? zeros(rows, columns) : allocate(rows, columns)),
    accumulator: zeros,
    combine() {},
    view: (matrix, first, count) => ({
      rows: { count },
      columns: matrix.columns,
      values: valuesOf(matrix).subarray(first * matrix.columns, (first + count) * matrix.columns),
    }),
    reshape: (matrix, offset, rows, columns) => ({
      rows,
      columns,
      values: valuesOf(matrix).subarray(offset, offset + rows.count * columns),
    }),
    free() {},
    reset() {},
    // JavaScript's own memory says nothing of its limits.
    measure: () => undefined,
    capture(work) {
      if (captured) throw new Error('a plan cannot be made inside another plan');
      const operations: (() => void)[] = [];
      captured = operations;
      try {
        const result = work();
        return {
          result,
          replay: () => {
            for (const operation of operations) operation();
          },
          release() {},
        };
      } finally {
        captured = undefined;
      }
    },
    write: (matrix, values) => valuesOf(matrix).set(values),
    read: async (matrix) => valuesOf(matrix).slice(),
    graph: (graph) =>
      new LazyGraphHandle(
        graph,
        {
          nodes: { count: graph.nodeCount },
          edges: { count: graph.edgeCount },
          graphs: { count: graph.graphCount },
        },
        indexRows,
      ),
    rowIndex: indexRows,
    close() {},

    ...remembered,
  });
}

type Parts = Parameters<typeof edgeBlock>[1];
type Outputs = Parameters<typeof edgeBlock>[3];

function writeGradient(target: GradientTarget, at: (i: number) => number): void {
  const out = valuesOf(target.matrix);
  for (let i = 0; i < out.length; i++) out[i] = at(i) + (target.accumulate ? out[i] : 0);
}

/** Where the element of b lies that meets element i of a. */
function broadcast(a: Matrix, b: Matrix): (i: number) => number {
  const row = b.rows.count === 1 && a.rows.count !== 1 ? 0 : b.columns;
  const column = b.columns === 1 && a.columns !== 1 ? 0 : 1;
  return (i) => Math.floor(i / a.columns) * row + (i % a.columns) * column;
}
