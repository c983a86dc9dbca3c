/** @file The writer of ONNX files: protocol buffers read back bit for bit, every part of a model, what it refuses. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytesField,
  floatField,
  integerField,
  joinPieces,
  type Pieces,
  stringField,
  varint,
} from '../../src/formats/onnx/protobuf.ts';
import { type OnnxModel, type OnnxTensor, writeOnnx } from '../../src/onnx/index.ts';
import { type Field, readMessage, text } from './read-protobuf.ts';

describe('protocol buffers', () => {
  const fieldNumber = fc.integer({ min: 1, max: 2 ** 20 });
  const read = (pieces: Pieces) => readMessage(joinPieces(pieces));

  test('varints of the specification', () => {
    expect([...varint(0)]).toEqual([0]);
    expect([...varint(1)]).toEqual([1]);
    expect([...varint(127)]).toEqual([0x7f]);
    expect([...varint(128)]).toEqual([0x80, 0x01]);
    expect([...varint(150)]).toEqual([0x96, 0x01]);
    expect([...varint(-1)]).toEqual([...new Array<number>(9).fill(0xff), 0x01]);
    expect([...varint(-2)]).toEqual([0xfe, ...new Array<number>(8).fill(0xff), 0x01]);
  });

  test('any 64-bit integer comes back, in as few bytes as it needs', () => {
    fc.assert(
      fc.property(fieldNumber, fc.bigInt({ min: -(1n << 63n), max: (1n << 64n) - 1n }), (field, value) => {
        const unsigned = BigInt.asUintN(64, value);
        expect(read(integerField(field, value))).toEqual([{ field, value: unsigned }]);
        expect(varint(value).length).toBe(Math.max(1, Math.ceil(unsigned.toString(2).length / 7)));
      }),
    );
  });

  test('a number is written as the same bigint is', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (number) => {
        expect(varint(number)).toEqual(varint(BigInt(number)));
      }),
    );
  });

  test('any float32 comes back', () => {
    const floats = fc.float({ noDefaultInfinity: false });
    fc.assert(
      fc.property(fieldNumber, floats, (field, value) => {
        expect(read(floatField(field, value))).toEqual([{ field, value }]);
      }),
    );
  });

  test('any string comes back, from inside another message', () => {
    fc.assert(
      fc.property(fieldNumber, fc.string({ unit: 'grapheme' }), (field, value) => {
        const [{ value: inner }] = read(bytesField(3, stringField(field, value)));
        const [found] = readMessage(inner as Uint8Array);
        expect([found.field, text(found.value)]).toEqual([field, value]);
      }),
    );
  });

  test.each([0.5, Number.NaN, 2 ** 53, 1n << 64n, -(1n << 63n) - 1n])('no varint is %s', (value) => {
    expect(() => varint(value)).toThrow(RangeError);
  });
});

describe('a model', () => {
  const weights: OnnxTensor = { name: 'w', shape: [2, 1], data: Float32Array.of(1, -2) };
  const model: OnnxModel = {
    opset: 18,
    producer: { name: 'somebody', version: '3' },
    graph: {
      name: 'g',
      nodes: [
        {
          name: 'n',
          operator: 'Op',
          inputs: ['a', '', 'w'],
          outputs: ['b'],
          attributes: {
            axis: { integer: -1 },
            alpha: { float: 0.5 },
            reduction: { text: 'add' },
            axes: { integers: [0, -2] },
          },
        },
      ],
      initialisers: [weights, { name: 'i', shape: [], data: BigInt64Array.of(-1n) }],
      inputs: [{ name: 'a', type: 'float32', shape: ['nodes', 2], documentation: 'what it is' }],
      outputs: [{ name: 'b', type: 'int64', shape: [] }],
    },
    metadata: { key: 'value' },
  };
  const values = (fields: Field[], field: number) =>
    fields.filter((entry) => entry.field === field).map((entry) => entry.value);
  const messages = (fields: Field[], field: number) =>
    values(fields, field).map((value) => readMessage(value as Uint8Array));
  const file = readMessage(writeOnnx(model));
  const [graph] = messages(file, 7);

  test('says which version it is', () => {
    expect(values(file, 1)).toEqual([8n]);
    expect(messages(file, 8)).toEqual([[{ field: 2, value: 18n }]]);
  });

  test('has nodes with attributes of every kind', () => {
    const [node] = messages(graph, 1);
    expect(values(node, 1).map(text)).toEqual(['a', '', 'w']);
    expect(values(node, 2).map(text)).toEqual(['b']);
    expect([3, 4].map((field) => text(values(node, field)[0]))).toEqual(['n', 'Op']);
    const attributes = messages(node, 5);
    expect(attributes.map((attribute) => text(values(attribute, 1)[0]))).toEqual([
      'axis',
      'alpha',
      'reduction',
      'axes',
    ]);
    const [axis, alpha, reduction, axes] = attributes;
    expect([values(axis, 3), values(axis, 20)]).toEqual([[2n ** 64n - 1n], [2n]]);
    expect([values(alpha, 2), values(alpha, 20)]).toEqual([[0.5], [1n]]);
    expect([values(reduction, 4).map(text), values(reduction, 20)]).toEqual([['add'], [3n]]);
    expect([values(axes, 8), values(axes, 20)]).toEqual([[0n, 2n ** 64n - 2n], [7n]]);
  });

  test('has weights', () => {
    const [w, i] = messages(graph, 5);
    expect([values(w, 1), values(w, 2), values(w, 8).map(text)]).toEqual([[2n, 1n], [1n], ['w']]);
    expect(values(w, 9)).toEqual([new Uint8Array(Float32Array.of(1, -2).buffer)]);
    expect([values(i, 1), values(i, 2)]).toEqual([[], [7n]]);
    expect(values(i, 9)).toEqual([new Uint8Array(8).fill(255)]);
  });

  test('has inputs and outputs with their types, sizes and documentation', () => {
    const [[input], [output]] = [messages(graph, 11), messages(graph, 12)];
    expect([1, 3].map((field) => text(values(input, field)[0]))).toEqual(['a', 'what it is']);
    const tensorOf = (value: Field[]) => messages(messages(value, 2)[0], 1)[0];
    expect([values(tensorOf(input), 1), values(tensorOf(output), 1)]).toEqual([[1n], [7n]]);
    const [nodes, two] = messages(messages(tensorOf(input), 2)[0], 1);
    expect([text(values(nodes, 2)[0]), values(two, 1)]).toEqual(['nodes', [2n]]);
    expect(values(output, 3)).toEqual([]);
  });

  test('does not take a shape that does not fit', () => {
    const wrong = { ...model.graph, initialisers: [{ ...weights, shape: [3] }] };
    expect(() => writeOnnx({ ...model, graph: wrong })).toThrow(
      'initialiser w: shape [3] does not fit 2 values; expected 3',
    );
  });

  test('does not take 2 GiB', () => {
    const data = new Float32Array(2 ** 18);
    const many = Array.from({ length: 2048 }, (_, k) => ({ name: `w${k}`, shape: [2 ** 18], data }));
    expect(() => writeOnnx({ ...model, graph: { ...model.graph, initialisers: many } })).toThrow(RangeError);
  });
});
