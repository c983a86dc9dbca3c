// Tensors, indices and graphs of one engine mean nothing to another: wherever they meet, it is an error.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createReferenceBackend } from '../../src/backends/reference/reference.ts';
import { Graph } from '../../src/graph/graph.ts';
import { EGNN } from '../../src/nn/egnn.ts';
import { LinearDynamics } from '../../src/nn/linear-dynamics.ts';
import { Engine } from '../../src/tensor/engine.ts';
import {
  add,
  binaryCrossEntropy,
  concatenate,
  edgeBlock,
  gather,
  linear,
  meanSquaredError,
  segmentSum,
  square,
} from '../../src/tensor/operations/index.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { engines } from '../support/engines.ts';
import { oneParameter } from '../support/operation-case.ts';

const others = [
  { other: 'the reference', startOther: async () => new Engine(createReferenceBackend()) },
  { other: 'another of its kind', startOther: undefined },
];
const pairs = engines.flatMap((under) =>
  others.map(({ other, startOther }) => ({ ...under, other, startOther: startOther ?? under.start })),
);

describe.each(pairs)('$name and $other', ({ start, startOther }) => {
  let ours: Engine;
  let theirs: Engine;
  beforeAll(async () => {
    [ours, theirs] = [await start(), await startOther()];
  });
  afterAll(() => {
    ours.close();
    theirs.close();
  });

  const foreign = 'belongs to another engine';
  const graph = Graph.complete(2);

  /** A step of both. */
  const inSteps = <T>(work: () => T): T => theirs.step(() => ours.step(work));
  const column = (engine: Engine) => engine.tensor([1, 2], 2, 1, { requiresGradient: true });

  test('an operation names the tensor that is not of its engine', () => {
    inSteps(() => {
      const [a, b] = [column(ours), column(theirs)];
      const weight = ours.tensor([1], 1, 1);
      expect(() => add(a, b)).toThrow(`add: the second operand ${foreign}`);
      expect(() => add(b, a)).toThrow(`add: the second operand ${foreign}`);
      expect(() => concatenate([a, a, b])).toThrow(`concatenate: tensor 2 ${foreign}`);
      expect(() => meanSquaredError(a, b)).toThrow(`meanSquaredError: target ${foreign}`);
      expect(() => binaryCrossEntropy(b, a)).toThrow(`binaryCrossEntropy: target ${foreign}`);
      expect(() => linear(b, weight)).toThrow(`linear: weight ${foreign}`);
      expect(() => linear([a, b], weight)).toThrow(`linear: input 1 ${foreign}`);
      expect(() => linear(a, oneParameter(theirs, 1, 1).parameter)).toThrow(`linear: weight ${foreign}`);
      expect(() => linear(a, weight, { bias: oneParameter(theirs, 1, 1).parameter })).toThrow(
        `linear: bias ${foreign}`,
      );
      const parts = { receiverPart: a, senderPart: a, messageWeight: weight, messageBias: weight };
      const options = {
        activation: 'silu',
        squaredDistance: false,
        messageAggregation: 'sum',
        coordinateAggregation: 'sum',
      } as const;
      expect(edgeBlock(graph, parts, options).messages?.shape).toEqual([2, 1]);
      expect(() => edgeBlock(graph, { ...parts, senderPart: b }, options)).toThrow(
        `edgeBlock: senderPart ${foreign}`,
      );
    });
  });

  test('so do indices and rows', () => {
    inSteps(() => {
      const { receivers, edges } = theirs.graph(graph);
      const index = theirs.rowIndex(Int32Array.of(0, 1), theirs.backend.rows(2), theirs.backend.rows(2));
      for (const foreigner of [receivers, index]) {
        expect(() => gather(column(ours), foreigner)).toThrow(`this index ${foreign}`);
        expect(() => segmentSum(column(ours), foreigner)).toThrow(`this index ${foreign}`);
      }
      const message = 'these rows belong to a graph of another engine';
      expect(() => ours.tensor([1, 2], edges, 1)).toThrow(message);
      expect(() => ours.rowIndex(Int32Array.of(0, 1), edges, ours.backend.rows(2))).toThrow(message);
    });
  });

  test('an operation of one’s own, and the loss that a pass starts from', () => {
    inSteps(() => {
      const [a, b] = [column(ours), column(theirs)];
      expect(() => ours.record(ours.backend.scratch(a.rows, 1), [a, b], () => {})).toThrow(
        `this tensor [2, 1] ${foreign}`,
      );
      const loss = theirs.tensor([1], 1, 1, { requiresGradient: true });
      expect(() => ours.backward(square(loss))).toThrow(`this tensor [1, 1] ${foreign}`);
    });
  });

  test('a model does not take tensors of another engine, and computes on its own as before', async () => {
    const model = new EGNN(theirs, { inputFeatures: 1, hiddenFeatures: 8, layers: 1 });
    const input = { X: [[1], [2]], C: [[0], [1]] };
    const before = await model.predict(input);
    const forward = (h: Tensor, x: Tensor) => model.forward({ graph, h, x });
    inSteps(() => {
      expect(() => forward(column(ours), column(ours))).toThrow(foreign);
      expect(() => forward(column(theirs), column(ours))).toThrow(foreign);
      const dynamics = new LinearDynamics(theirs);
      expect(() => dynamics.forward({ x: column(ours), velocity: column(ours) })).toThrow(foreign);
    });
    expect(await model.predict(input)).toEqual(before);
  });
});
