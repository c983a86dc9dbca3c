// Rows along an index, columns side by side, and sums: on graph indices and on arbitrary ones, with empty segments.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Graph } from '../../src/graph/graph.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import {
  concatenate,
  gather,
  mean,
  rowSums,
  segmentMean,
  segmentSum,
  slice,
  sum,
  sumOfSquares,
} from '../../src/tensor/operations/index.ts';
import { engines } from '../support/engines.ts';
import { expectRight, matrix } from '../support/operation-case.ts';
import { Draw } from '../support/random.ts';

const graphs = {
  'a complete graph': Graph.complete(6),
  'a ragged batch of complete graphs': Graph.complete([3, 1, 0, 5, 2, 0, 4]),
  'a batch with edges, isolated nodes, self loops and repeats': Graph.fromEdges(
    [
      [4, 0, 0, 1, 2, 2, 5, 6, 5],
      [5, 1, 1, 0, 2, 0, 4, 6, 4],
    ],
    { nodeCount: 9, nodeCounts: [3, 1, 3, 0, 2] },
  ),
  'nodes without edges': Graph.fromEdges([[], []], { nodeCount: 4 }),
  'one node': Graph.complete(1),
  'no node': Graph.complete(0),
  'empty graphs alone': Graph.complete([0, 0, 0]),
  'more nodes than a tile': Graph.complete([40, 7, 33]),
};

describe.each(engines)('rows, columns and sums on $name', (under) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await under.start();
  });
  afterAll(() => engine.close());

  describe.each(Object.entries(graphs))('on %s', (_, graph) => {
    const draw = new Draw(graph.nodeCount);
    const columns = 3;
    const onNodes = matrix(graph.nodeCount, columns, draw.normal(graph.nodeCount * columns), { on: 'nodes' });
    const onEdges = matrix(graph.edgeCount, columns, draw.normal(graph.edgeCount * columns), { on: 'edges' });
    const onGraphs = matrix(graph.graphCount, columns, draw.normal(graph.graphCount * columns), {
      on: 'graphs',
    });

    test('gather takes rows from receivers, senders and graphs', () =>
      expectRight(under, engine, {
        graph,
        inputs: { h: onNodes, u: onGraphs },
        compute: ({ tensors: { h, u }, engine }) => {
          const { receivers, senders, graphOfNode } = engine.graph(graph);
          return [gather(h, receivers), gather(h, senders), gather(u, graphOfNode)];
        },
      }));

    test('segmentSum and segmentMean bring edges to nodes and nodes to graphs', () =>
      expectRight(under, engine, {
        graph,
        inputs: { h: onNodes, m: onEdges },
        compute: ({ tensors: { h, m }, engine }) => {
          const { receivers, senders, graphOfNode } = engine.graph(graph);
          return [
            segmentSum(m, receivers),
            segmentMean(m, receivers),
            segmentSum(m, senders),
            segmentMean(m, senders),
            segmentSum(h, graphOfNode),
            segmentMean(h, graphOfNode),
          ];
        },
      }));

    test('there and back, chained', () =>
      expectRight(under, engine, {
        graph,
        inputs: { h: onNodes },
        compute: ({ tensors: { h }, engine }) => {
          const { receivers, senders, graphOfNode } = engine.graph(graph);
          return segmentMean(segmentSum(gather(h, senders), receivers), graphOfNode);
        },
      }));
  });

  test('arbitrary indices, unsorted, with rows that nobody refers to', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(12),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(1000),
        (from, to, columns, seed) => {
          const draw = new Draw(seed);
          const values = draw.integers(from, to);
          return expectRight(under, engine, {
            inputs: {
              x: matrix(to, columns, draw.normal(to * columns)),
              y: matrix(from, columns, draw.normal(from * columns)),
            },
            compute: ({ tensors: { x, y }, engine }) => {
              const index = engine.rowIndex(values, y.rows, x.rows);
              return [gather(x, index), segmentSum(y, index), segmentMean(y, index)];
            },
          });
        },
      ),
      { numRuns: 30, seed: 4 },
    );
  });

  test('an index longer than any tile', async () => {
    const draw = new Draw(9);
    const [from, to, columns] = [700, 11, 5];
    const values = draw.integers(from, to);
    await expectRight(under, engine, {
      inputs: {
        x: matrix(to, columns, draw.normal(to * columns)),
        y: matrix(from, columns, draw.normal(from * columns)),
      },
      compute: ({ tensors: { x, y }, engine }) => {
        const index = engine.rowIndex(values, y.rows, x.rows);
        return [gather(x, index), segmentSum(y, index), segmentMean(y, index)];
      },
    });
  });

  test('concatenate puts columns side by side, slice takes them back', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(9),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
        fc.nat(1000),
        (rows, widths, seed) => {
          const draw = new Draw(seed);
          const total = widths.reduce((all, width) => all + width);
          const first = draw.integers(1, total)[0];
          const count = draw.integers(1, total - first + 1)[0];
          return expectRight(under, engine, {
            inputs: Object.fromEntries(
              widths.map((width, k) => [k, matrix(rows, width, draw.normal(rows * width))]),
            ),
            compute: ({ tensors }) => {
              const whole = concatenate(widths.map((_, k) => tensors[k]));
              return [whole, slice(whole, first, count), slice(tensors[0], 0, 1)];
            },
          });
        },
      ),
      { numRuns: 20, seed: 5 },
    );
  });

  test('a tensor put beside itself gets both gradients', () =>
    expectRight(under, engine, {
      inputs: { x: matrix(5, 3, new Draw(3).normal(15)) },
      compute: ({ tensors: { x } }) => concatenate([x, x, slice(x, 1, 2)]),
    }));

  test.each([
    [1, 1],
    [2, 5],
    [7, 3],
    [501, 9],
  ])('sum, mean, sum of squares and row sums of a [%i, %i] tensor', (rows, columns) =>
    expectRight(under, engine, {
      inputs: { x: matrix(rows, columns, new Draw(rows).normal(rows * columns)) },
      compute: ({ tensors: { x } }) => [sum(x), mean(x), sumOfSquares(x), rowSums(x)],
    }),
  );

  test('the sum of nothing is 0', async () => {
    const values = await engine.step(() => {
      const nothing = engine.tensor([], 0, 3);
      return Promise.all([sum(nothing).read(), sumOfSquares(nothing).read(), rowSums(nothing).read()]);
    });
    expect(values.map((numbers) => [...numbers])).toEqual([[0], [0], []]);
  });

  test('an index or a graph of a step that is over is an error', () => {
    const graph = Graph.complete([2, 3]);
    const [index, handle] = engine.step(() => {
      const from = engine.backend.rows(3);
      return [engine.rowIndex(Int32Array.of(0, 1, 1), from, engine.backend.rows(2)), engine.graph(graph)];
    });
    engine.step(() => {
      expect(() => gather(engine.tensor([1, 2], 2, 1), index)).toThrow('step that is over');
      expect(() => segmentSum(engine.tensor(new Array(5).fill(1), 5, 1), handle.graphOfNode)).toThrow(
        'step that is over',
      );
    });
  });

  test('what is no tensor, or no index, is named', () => {
    engine.step(() => {
      const x = engine.tensor([1, 2], 2, 1);
      const { receivers } = engine.graph(Graph.complete(2));
      const noTensor = [1, 2] as never;
      expect(() => gather(x, [0, 1] as never)).toThrow(
        'gather: the index must come from engine.graph or engine.rowIndex; got an array',
      );
      expect(() => segmentSum(x, undefined as never)).toThrow('segmentSum: the index must come from');
      expect(() => gather(noTensor, receivers)).toThrow('gather: x must be a tensor; got an array');
      expect(() => segmentMean(noTensor, receivers)).toThrow('segmentMean: x must be a tensor; got an array');
      for (const operation of [sum, mean, rowSums])
        expect(() => operation(noTensor)).toThrow(`${operation.name}: x must be a tensor; got an array`);
      expect(() => slice(noTensor, 0, 1)).toThrow('slice: x must be a tensor; got an array');
      expect(() => concatenate([x, noTensor])).toThrow(
        'concatenate: tensor 1 must be a tensor; got an array',
      );
      expect(() => concatenate([])).toThrow('concatenate: tensor 0 must be a tensor; got undefined');
    });
  });

  test('shape and index errors name the argument', () => {
    engine.step(() => {
      const zeros = (rows: number, columns: number) =>
        engine.tensor(new Float64Array(rows * columns), rows, columns);
      const { receivers } = engine.graph(Graph.complete(3));
      expect(() => gather(zeros(4, 2), receivers)).toThrow('gather: x must be [3, any]; got [4, 2]');
      expect(() => segmentSum(zeros(4, 2), receivers)).toThrow('segmentSum: x must be [6, any]; got [4, 2]');
      expect(() => segmentMean(zeros(4, 2), receivers)).toThrow(
        'segmentMean: x must be [6, any]; got [4, 2]',
      );
      expect(() => concatenate([zeros(4, 2), zeros(3, 2)])).toThrow(
        'concatenate: tensor 1 must be [4, any]; got [3, 2]',
      );
      expect(() => slice(zeros(4, 2), 1, 2)).toThrow('slice: columns 1..3 are not in [0, 2]');
      expect(() => slice(zeros(4, 2), -1, 2)).toThrow('slice: columns -1..1 are not in [0, 2]');
      const [two, five] = [zeros(2, 1).rows, zeros(5, 1).rows];
      expect(() => engine.rowIndex(Int32Array.of(0, 5), two, five)).toThrow('index[1] = 5 is not in [0, 5)');
      expect(() => engine.rowIndex(Int32Array.of(-1, 4), two, five)).toThrow(
        'index[0] = -1 is not in [0, 5)',
      );
      expect(() => engine.rowIndex(Int32Array.of(0), two, five)).toThrow('index must have 2 entries; got 1');
      expect(() => engine.tensor([1, 2, 3], 2, 2)).toThrow('a [2, 2] tensor takes 4 numbers; got 3');
    });
  });
});
