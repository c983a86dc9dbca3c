/**
 * An ONNX model as plain data: a graph of operations on named values, with the names, types and documentation that
 * the format asks for. Of the format's many parts only those are here that a network of dense float32 and int64 arrays
 * needs. Specification: https://github.com/onnx/onnx/blob/main/docs/IR.md
 */

export interface OnnxModel {
  /** The version of the operators, such as 18. */
  readonly opset: number;
  /** What wrote the model. */
  readonly producer: { readonly name: string; readonly version: string };
  readonly documentation?: string;
  readonly graph: OnnxGraph;
  /** Any texts that belong to the model. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface OnnxGraph {
  readonly name: string;
  /** In an order in which they can be computed. */
  readonly nodes: readonly OnnxNode[];
  /** Constants: the weights. */
  readonly initialisers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

export interface OnnxNode {
  readonly name: string;
  /** The operator, such as `MatMul`. */
  readonly operator: string;
  /** Names of values; '' for one that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** The format tells a whole number from one with a fraction, which JavaScript does not. */
export type OnnxAttribute =
  | { readonly float: number }
  | { readonly integer: number | bigint }
  | { readonly text: string }
  | { readonly integers: readonly (number | bigint)[] };

export interface OnnxTensor {
  readonly name: string;
  /** [] for a single value. */
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Float32Array | BigInt64Array;
}

/** An input or output of the graph. */
export interface OnnxValue {
  readonly name: string;
  readonly type: 'float32' | 'int64';
  /** A number, or the name of a size that is known when the model runs; equal names are equal sizes. */
  readonly shape: readonly (number | string)[];
  readonly documentation?: string;
}
