/**
 * @file A graph of ONNX operators while it grows. Values are known by their names: a method takes names and returns
 * the name of what it adds. The same operator on the same values is one node, however often it is asked for: counts of
 * neighbours, or distances where coordinates do not move, are computed once for all layers.
 */
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from '../formats/onnx/model.ts';
import type { StateDict } from '../nn/state-dict.ts';

/** The name of a value in the graph. */
export type Value = string;

type OnnxAttributes = Readonly<Record<string, OnnxAttribute>>;

export class GraphBuilder {
  readonly #state: StateDict;
  readonly #nodes = new Map<string, OnnxNode>();
  readonly #initialisers = new Map<Value, OnnxTensor>();
  readonly #inputs = new Map<Value, OnnxValue>();
  readonly #outputs: OnnxValue[] = [];
  #scope = '';

  /** @param state the weights, in PyTorch's layout and under their PyTorch names */
  constructor(state: StateDict) {
    this.#state = state;
  }

  /** An input of the graph; asked for again under the same name, the same one. */
  input(value: OnnxValue): Value {
    this.#inputs.set(value.name, value);
    return value.name;
  }

  output(value: OnnxValue, from: Value): void {
    this.#add('Identity', [from], {}, [value.name]);
    this.#outputs.push(value);
  }

  /** A parameter of the model as it is, under its own name. */
  weight(name: string): Value {
    const { shape, data } = this.#parameter(name);
    return this.#initialiser({ name, shape, data: Float32Array.from(data) });
  }

  /** Columns `first` to `first + count` of a weight [outputs, inputs], as `name.part`: [outputs, count]. */
  weightColumns(name: string, part: string, first: number, count: number): Value {
    const { shape, data } = this.#parameter(name);
    const [rows, columns] = shape;
    const values = new Float32Array(rows * count);
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < count; c++) values[r * count + c] = data[r * columns + first + c];
    return this.#initialiser({ name: `${name}.${part}`, shape: [rows, count], data: values });
  }

  /** How many columns a weight has: the inputs of its layer. */
  inputsOf(name: string): number {
    return this.#parameter(name).shape[1];
  }

  /** A single float32. */
  scalar(value: number): Value {
    return this.#initialiser({ name: `constant.${value}`, shape: [], data: Float32Array.of(value) });
  }

  /** A single int64, or a vector of them. */
  integers(value: number | readonly number[]): Value {
    const shape = typeof value === 'number' ? [] : [value.length];
    const data = BigInt64Array.from([value].flat(), BigInt);
    return this.#initialiser({ name: `constant.int64.${JSON.stringify(value)}`, shape, data });
  }

  /** @returns the operator's only output */
  node(operator: string, inputs: readonly Value[], attributes: OnnxAttributes = {}): Value {
    return this.#add(operator, inputs, attributes, [this.#nextName(operator)])[0];
  }

  /** @returns all of the operator's outputs */
  outputsOf(
    operator: string,
    inputs: readonly Value[],
    attributes: OnnxAttributes,
    count: number,
  ): readonly Value[] {
    const name = this.#nextName(operator);
    const outputs = Array.from({ length: count }, (_, k) => `${name}.${k}`);
    return this.#add(operator, inputs, attributes, outputs);
  }

  /** Nodes that `work` adds are named `scope/...`. */
  within<T>(scope: string, work: () => T): T {
    const before = this.#scope;
    this.#scope = `${before}${scope}/`;
    try {
      return work();
    } finally {
      this.#scope = before;
    }
  }

  build(name: string): OnnxGraph {
    return {
      name,
      nodes: [...this.#nodes.values()],
      initialisers: [...this.#initialisers.values()],
      inputs: [...this.#inputs.values()],
      outputs: this.#outputs,
    };
  }

  #nextName(operator: string): string {
    return `${this.#scope}${operator}_${this.#nodes.size}`;
  }

  #add(
    operator: string,
    inputs: readonly Value[],
    attributes: OnnxAttributes,
    outputs: readonly Value[],
  ): readonly Value[] {
    // Two outputs of the graph may be the same value, and yet need a name each.
    const own = operator === 'Identity' ? outputs : [];
    const key = JSON.stringify([operator, inputs, attributes, own]);
    const known = this.#nodes.get(key);
    if (known) return known.outputs;
    this.#nodes.set(key, { name: outputs[0], operator, inputs, outputs, attributes });
    return outputs;
  }

  #initialiser(tensor: OnnxTensor): Value {
    this.#initialisers.set(tensor.name, tensor);
    return tensor.name;
  }

  #parameter(name: string) {
    const entry = this.#state[name];
    if (!entry) throw new Error(`the model has no parameter ${name}`);
    return entry;
  }
}
