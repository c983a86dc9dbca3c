/**
 * ONNX: a neural network as a graph of standard operations, which many runtimes execute. A file is one protocol buffer
 * message, `ModelProto`; the numbers below are those of its fields.
 * Specification: https://github.com/onnx/onnx/blob/v1.13.0/onnx/onnx.proto, version 8 of the representation, the one that
 * came with opset 18
 */
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from './model.ts';
import {
  byteLength,
  bytesField,
  floatField,
  integerField,
  joinPieces,
  type Pieces,
  stringField,
} from './protobuf.ts';

const REPRESENTATION_VERSION = 8;

/** Above it protocol buffers refuse a message. */
const MAX_BYTES = 2 ** 31 - 1;

/** TensorProto.DataType */
const ELEMENT_TYPES = { float32: 1, int64: 7 };
/** AttributeProto.AttributeType */
const ATTRIBUTE_TYPES = { float: 1, integer: 2, text: 3, integers: 7 };

/**
 * The same model gives the same bytes.
 * @throws RangeError for an initialiser whose shape does not fit its data, and for a model of 2 GiB or more
 */
export function writeOnnx(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const pieces: Pieces = [
    integerField(1, REPRESENTATION_VERSION),
    stringField(2, model.producer.name),
    stringField(3, model.producer.version),
    documentation(6, model.documentation),
    bytesField(7, graphProto(model.graph)),
    bytesField(8, integerField(2, model.opset)),
    ...Object.entries(model.metadata).map(([name, value]) =>
      bytesField(14, [...stringField(1, name), ...stringField(2, value)]),
    ),
  ].flat();
  const length = byteLength(pieces);
  if (length > MAX_BYTES)
    throw new RangeError(`the model takes ${length} bytes; ONNX allows ${MAX_BYTES} in one file`);
  return joinPieces(pieces);
}

function graphProto(graph: OnnxGraph): Pieces {
  return [
    ...graph.nodes.map((node) => bytesField(1, nodeProto(node))),
    stringField(2, graph.name),
    ...graph.initialisers.map((tensor) => bytesField(5, tensorProto(tensor))),
    ...graph.inputs.map((value) => bytesField(11, valueInfoProto(value))),
    ...graph.outputs.map((value) => bytesField(12, valueInfoProto(value))),
  ].flat();
}

function nodeProto(node: OnnxNode): Pieces {
  return [
    ...node.inputs.map((name) => stringField(1, name)),
    ...node.outputs.map((name) => stringField(2, name)),
    stringField(3, node.name),
    stringField(4, node.operator),
    ...Object.entries(node.attributes).map(([name, value]) => bytesField(5, attributeProto(name, value))),
  ].flat();
}

function attributeProto(name: string, value: OnnxAttribute): Pieces {
  const named = stringField(1, name);
  const type = (kind: keyof typeof ATTRIBUTE_TYPES) => integerField(20, ATTRIBUTE_TYPES[kind]);
  if ('float' in value) return [...named, ...floatField(2, value.float), ...type('float')];
  if ('integer' in value) return [...named, ...integerField(3, value.integer), ...type('integer')];
  if ('text' in value) return [...named, ...stringField(4, value.text), ...type('text')];
  return [...named, ...value.integers.flatMap((integer) => integerField(8, integer)), ...type('integers')];
}

function tensorProto({ name, shape, data }: OnnxTensor): Pieces {
  const count = shape.reduce((product, size) => product * size, 1);
  if (count !== data.length)
    throw new RangeError(
      `initialiser ${name}: shape [${shape.join(', ')}] does not fit ${data.length} values; expected ${count}`,
    );
  return [
    ...shape.map((size) => integerField(1, size)),
    integerField(2, data instanceof Float32Array ? ELEMENT_TYPES.float32 : ELEMENT_TYPES.int64),
    stringField(8, name),
    // Little-endian, as JavaScript's arrays are on every machine that runs it.
    bytesField(9, [new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]),
  ].flat();
}

function valueInfoProto(value: OnnxValue): Pieces {
  const sizes = value.shape.map((size) =>
    bytesField(1, typeof size === 'number' ? integerField(1, size) : stringField(2, size)),
  );
  const tensor = [...integerField(1, ELEMENT_TYPES[value.type]), ...bytesField(2, sizes.flat())];
  return [
    stringField(1, value.name),
    bytesField(2, bytesField(1, tensor)),
    documentation(3, value.documentation),
  ].flat();
}

function documentation(field: number, text: string | undefined): Pieces {
  return text === undefined ? [] : stringField(field, text);
}
