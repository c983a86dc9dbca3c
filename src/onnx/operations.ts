/** @file What a network of the family is made of, in ONNX's operators. Widths are columns; matrices are [rows, columns]. */
import type { Activation } from '../backends/backend.ts';
import type { GraphBuilder, Value } from './builder.ts';

/** The slope of `leakyRelu` in every backend. */
const LEAKY_SLOPE = 0.2;

const functions: Record<Activation, (builder: GraphBuilder, z: Value) => Value> = {
  identity: (_, z) => z,
  silu: (builder, z) => builder.node('Mul', [z, builder.node('Sigmoid', [z])]),
  relu: (builder, z) => builder.node('Relu', [z]),
  leakyRelu: (builder, z) => builder.node('LeakyRelu', [z], { alpha: { float: LEAKY_SLOPE } }),
  tanh: (builder, z) => builder.node('Tanh', [z]),
  sigmoid: (builder, z) => builder.node('Sigmoid', [z]),
  square: (builder, z) => builder.node('Mul', [z, z]),
  squareRoot: (builder, z) => builder.node('Sqrt', [z]),
  sin: (builder, z) => builder.node('Sin', [z]),
  cos: (builder, z) => builder.node('Cos', [z]),
};

/** f(z), elementwise */
export function activate(builder: GraphBuilder, z: Value, activation: Activation): Value {
  return functions[activation](builder, z);
}

/** factor z, elementwise */
export function scaled(builder: GraphBuilder, z: Value, factor: number): Value {
  return factor === 1 ? z : builder.node('Mul', [z, builder.scalar(factor)]);
}

/** Side by side: [rows, a], [rows, b] to [rows, a + b]. */
export function concatenate(builder: GraphBuilder, parts: readonly Value[]): Value {
  return parts.length === 1 ? parts[0] : builder.node('Concat', parts, { axis: { integer: 1 } });
}

/** x weight^T + added; the weight is [outputs, inputs], and `added` [outputs] or [rows, outputs]. */
export function product(builder: GraphBuilder, x: Value, weight: Value, added?: Value): Value {
  return builder.node('Gemm', added ? [x, weight, added] : [x, weight], { transB: { integer: 1 } });
}

/** The layer `name` of the model on x, [rows, inputs] to [rows, outputs]. */
export function linear(
  builder: GraphBuilder,
  name: string,
  x: Value,
  { bias = true, activation = 'identity' as Activation } = {},
): Value {
  const added = bias ? builder.weight(`${name}.bias`) : undefined;
  return activate(builder, product(builder, x, builder.weight(`${name}.weight`), added), activation);
}

/** Two layers, `name.0` and `name.2`, with a function between them. */
export function twoLayers(builder: GraphBuilder, name: string, x: Value, activation: Activation): Value {
  return linear(builder, `${name}.2`, linear(builder, `${name}.0`, x, { activation }));
}

/** The sums of squares of x's rows, [rows, 1]. */
export function squaredLengths(builder: GraphBuilder, x: Value): Value {
  return builder.node('ReduceSumSquare', [x, builder.integers([1])]);
}

/** x[index[r]] as row r */
export function gather(builder: GraphBuilder, x: Value, index: Value): Value {
  return builder.node('Gather', [x, index]);
}

/** int64 [1], how many rows x has. */
export function rowCount(builder: GraphBuilder, x: Value): Value {
  return builder.node('Shape', [x], { end: { integer: 1 } });
}
