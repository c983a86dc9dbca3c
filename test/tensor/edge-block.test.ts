// The edge block with every subset of its parts, every option and every kind of graph, on every engine: its gradients
// are finite differences on the reference backend, and everywhere else it is the reference.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  Activation,
  Aggregation,
  EdgeBlockOptions,
  EdgeBlockParts,
  Normalization,
} from '../../src/backends/backend.ts';
import { Graph } from '../../src/graph/graph.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import {
  activate,
  add,
  affine,
  concatenate,
  divide,
  edgeBlock,
  gather,
  linear,
  multiply,
  relu,
  rowSums,
  segmentMean,
  segmentSum,
  sigmoid,
  square,
  squareRoot,
  subtract,
  sum,
  tanh,
} from '../../src/tensor/operations/index.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { type EngineUnderTest, engines, reference } from '../support/engines.ts';
import {
  type CaseInput,
  evaluate,
  expectAgreement,
  expectClose,
  expectRight,
  matrix,
  type OperationCase,
} from '../support/operation-case.ts';
import { Draw } from '../support/random.ts';

const edges = (senders: number[], receivers: number[], nodeCount: number, nodeCounts?: number[]) =>
  Graph.fromEdges([senders, receivers], { nodeCount, nodeCounts });

const graphs = {
  complete: Graph.complete(5),
  'complete, longer than a tile': Graph.complete(11),
  'ragged batch': Graph.complete([3, 4, 1, 0, 2]),
  'batch of even graphs': Graph.complete([8, 8, 8, 8]),
  'self edges, repeats, isolated nodes': edges([4, 0, 0, 1, 2, 2, 5, 6], [5, 1, 1, 0, 2, 0, 4, 6], 8),
  'batch of given edges': edges([1, 2, 0, 4, 3, 6, 7], [0, 0, 2, 3, 3, 7, 6], 8, [3, 2, 3]),
  'no edges': edges([], [], 3),
  'one node': Graph.complete(1),
  empty: Graph.complete(0),
};

const clamp = 0.15;
const detached: Normalization = { epsilon: 0, constant: 1e-8, detached: true };
const attached: Normalization = { epsilon: 1e-2, constant: 1, detached: false };

interface Shape {
  graph: Graph;
  /** Without a hidden layer of its own, the head is on the messages. */
  widths: readonly [first: number, message: number, head: number];
  dimensions: number;
  attributes: number;
  gate: boolean;
  head: boolean;
  messages: boolean;
  seed: number;
}

/** A case whose numbers are neither tiny nor so large that everything saturates. */
function edgeBlockCase(shape: Shape, options: EdgeBlockOptions): OperationCase {
  const { graph, dimensions, attributes, gate, head, messages } = shape;
  const [width1, width2, width3] = shape.widths;
  const draw = new Draw(shape.seed);
  const made = (rows: number, columns: number, scale: number, on?: CaseInput['on']) =>
    matrix(rows, columns, draw.normal(rows * columns, scale), { on });
  const features = (options.squaredDistance ? 1 : 0) + attributes;
  const inputs: Partial<Record<keyof EdgeBlockParts<unknown>, CaseInput>> = {
    receiverPart: made(graph.nodeCount, width1, 1, 'nodes'),
    senderPart: made(graph.nodeCount, width1, 1, 'nodes'),
    messageWeight: made(width1, width2, width1 ** -0.5),
    messageBias: made(1, width2, 1),
    ...((options.squaredDistance || head) && { x: made(graph.nodeCount, dimensions, 0.7, 'nodes') }),
    ...(attributes > 0 && { edgeAttributes: made(graph.edgeCount, attributes, 1, 'edges') }),
    ...(features > 0 && { pairWeight: made(features, width1, 0.5) }),
    ...(gate && { gateWeight: made(width2, 1, 1), gateBias: made(1, 1, 1) }),
    ...(head &&
      width3 > 0 && {
        coordinateWeight: made(width2, width3, width2 ** -0.5),
        coordinateBias: made(1, width3, 1),
      }),
    ...(head && { coordinateHead: made(width3 || width2, 1, 1) }),
    ...(head && (width3 === 0 || attributes === 1) && { coordinateHeadBias: made(1, 1, 1) }),
  };
  return {
    graph,
    inputs: inputs as Record<string, CaseInput>,
    compute: ({ tensors }) => {
      const result = edgeBlock(graph, tensors as unknown as EdgeBlockParts<Tensor>, options, messages);
      expect(result.messages !== undefined).toBe(messages);
      expect(result.shift !== undefined).toBe(head);
      return [result.messages, result.shift].filter((output) => output !== undefined);
    },
  };
}

/** Eq. 3, 4, 5 and 8 written out from the general operations, with all [E, H] arrays in memory. */
function writtenOut(
  { graph, inputs }: OperationCase,
  options: EdgeBlockOptions,
  wantMessages: boolean,
): OperationCase {
  const { normalization, tanhRange, clamp: limit } = options;
  const aggregate = { sum: segmentSum, mean: segmentMean };
  return {
    graph,
    inputs,
    compute: ({ engine, tensors }) => {
      const parts = tensors as unknown as EdgeBlockParts<Tensor>;
      const { receivers, senders, edges } = engine.graph(graph!);
      const difference = parts.x && subtract(gather(parts.x, receivers), gather(parts.x, senders));
      const squared = difference && rowSums(square(difference));
      const features = [options.squaredDistance ? squared : undefined, parts.edgeAttributes].filter(
        (feature) => feature !== undefined,
      );
      let z1 = add(gather(parts.receiverPart, receivers), gather(parts.senderPart, senders));
      if (features.length > 0) z1 = add(z1, linear(concatenate(features), parts.pairWeight!));
      let m = linear(activate(z1, options.activation), parts.messageWeight, {
        bias: parts.messageBias,
        activation: options.activation,
      });
      if (parts.gateWeight) m = multiply(m, sigmoid(linear(m, parts.gateWeight, { bias: parts.gateBias })));
      const outputs: Tensor[] = [];
      if (wantMessages) outputs.push(aggregate[options.messageAggregation](m, receivers));
      if (parts.coordinateHead) {
        const hidden = parts.coordinateWeight
          ? linear(m, parts.coordinateWeight, { bias: parts.coordinateBias, activation: options.activation })
          : m;
        let strength = linear(hidden, parts.coordinateHead, { bias: parts.coordinateHeadBias });
        if (tanhRange !== undefined) strength = multiply(tanh(strength), tanhRange);
        let direction = difference!;
        if (normalization) {
          const norm = normalization.detached
            ? engine.tensor(normsOf(graph!, inputs.x, normalization), edges, 1)
            : affine(squareRoot(affine(squared!, 1, normalization.epsilon)), 1, normalization.constant);
          direction = divide(difference!, norm);
        }
        let pull = multiply(direction, strength);
        // max(-L, min(L, t)) = relu(t + L) - relu(t - L) - L
        if (limit !== undefined)
          pull = affine(subtract(relu(affine(pull, 1, limit)), relu(affine(pull, 1, -limit))), 1, -limit);
        outputs.push(aggregate[options.coordinateAggregation](pull, receivers));
      }
      return outputs;
    },
  };
}

function normsOf(
  graph: Graph,
  { values, columns }: CaseInput,
  { epsilon, constant }: Normalization,
): number[] {
  return Array.from(graph.receivers, (i, edge) => {
    let squared = 0;
    for (let k = 0; k < columns; k++)
      squared += (values[i * columns + k] - values[graph.senders[edge] * columns + k]) ** 2;
    return Math.sqrt(squared + epsilon) + constant;
  });
}

/** As `expectRight`; a norm that is constant to the gradient has no finite differences in x. */
function expectBlock(
  under: EngineUnderTest,
  engine: Engine,
  { operationCase, options }: { operationCase: OperationCase; options: EdgeBlockOptions },
): Promise<void> {
  const { x } = operationCase.inputs;
  if (under.name !== 'reference' || !x || !options.normalization?.detached)
    return expectRight(under, engine, operationCase);
  return expectRight(under, engine, {
    ...operationCase,
    inputs: { ...operationCase.inputs, x: { ...x, fixed: true } },
  });
}

const activations: Activation[] = ['silu', 'tanh', 'leakyRelu', 'sigmoid', 'relu', 'square', 'identity'];
const aggregations: Aggregation[] = ['sum', 'mean'];

interface SubsetCase {
  readonly name: string;
  readonly messages: boolean;
  readonly operationCase: OperationCase;
  readonly options: EdgeBlockOptions;
}

/** Every subset of the parts; the other options go round, so that each meets every other one somewhere. */
function everySubset(): SubsetCase[] {
  const cases: SubsetCase[] = [];
  const names = Object.keys(graphs) as (keyof typeof graphs)[];
  const draw = new Draw(99);
  for (const gate of [false, true])
    for (const head of [false, true])
      for (const messages of [false, true])
        for (const squaredDistance of [false, true])
          for (const attributes of [0, 1, 3])
            for (let round = 0; round < 3; round++) {
              const graph = draw.pick(names);
              const options: EdgeBlockOptions = {
                activation: draw.pick(['silu', 'tanh', 'leakyRelu', 'sigmoid', 'relu']),
                squaredDistance,
                messageAggregation: draw.pick(aggregations),
                coordinateAggregation: draw.pick(aggregations),
                normalization: draw.pick([undefined, detached, attached]),
                tanhRange: draw.pick([undefined, 1, 0.3]),
                clamp: draw.pick([undefined, clamp, 100]),
              };
              const shape: Shape = {
                graph: graphs[graph],
                widths: draw.pick([
                  [5, 7, 3],
                  [8, 8, 8],
                  [1, 1, 1],
                  [17, 4, 9],
                  [6, 5, 0],
                ] as const),
                dimensions: draw.pick([1, 2, 3, 8]),
                attributes,
                gate,
                head,
                messages,
                seed: cases.length,
              };
              const { graph: _, ...described } = shape;
              cases.push({
                name: `${graph}, ${JSON.stringify({ ...described, ...options })}`,
                messages,
                operationCase: edgeBlockCase(shape, options),
                options,
              });
            }
  return cases;
}

const plain: EdgeBlockOptions = {
  activation: 'silu',
  squaredDistance: true,
  messageAggregation: 'sum',
  coordinateAggregation: 'mean',
};
const whole: Shape = {
  graph: graphs['batch of given edges'],
  widths: [5, 7, 3],
  dimensions: 3,
  attributes: 2,
  gate: true,
  head: true,
  messages: true,
  seed: 5,
};

describe.each(engines)('the edge block on $name', (under) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await under.start();
  });
  afterAll(() => engine.close());

  test('with every subset of its parts', async () => {
    for (const subset of everySubset())
      await expectBlock(under, engine, subset).catch((error: Error) => {
        throw new Error(`${error.message}\nin ${subset.name}`);
      });
  });

  describe.each(Object.entries(graphs))('on a graph: %s', (_, graph) => {
    test.each([1, 2, 3, 8])('in %i dimensions', (dimensions) =>
      expectRight(under, engine, edgeBlockCase({ ...whole, graph, dimensions }, plain)),
    );
  });

  test.each([
    ['detached norm', { normalization: detached }],
    ['norm with gradient', { normalization: attached }],
    ['clamp', { clamp }],
    ['tanh', { tanhRange: 2.5 }],
    ['tanh, clamp and a norm with gradient', { tanhRange: 2.5, clamp, normalization: attached }],
    ['means', { messageAggregation: 'mean', coordinateAggregation: 'mean' }],
    ['sums', { messageAggregation: 'sum', coordinateAggregation: 'sum' }],
  ] as [string, Partial<EdgeBlockOptions>][])('with %s', async (_, options) => {
    for (const graph of [graphs.complete, graphs['self edges, repeats, isolated nodes']])
      await expectBlock(under, engine, {
        operationCase: edgeBlockCase({ ...whole, graph }, { ...plain, ...options }),
        options: { ...plain, ...options },
      });
  });

  test.each([graphs.complete, graphs['self edges, repeats, isolated nodes'], Graph.complete([9, 14])])(
    'with the coordinate head on the messages',
    async (graph) => {
      for (const messages of [true, false])
        await expectRight(
          under,
          engine,
          edgeBlockCase(
            { ...whole, graph, widths: [9, 7, 0], messages, seed: 8 },
            { ...plain, tanhRange: 2.5 },
          ),
        );
    },
  );

  test.each(activations)('under the activation %s', (activation) =>
    expectRight(under, engine, edgeBlockCase(whole, { ...plain, activation })),
  );

  test('at the width of the experiments, on graphs longer than a tile', async () => {
    if (under.name === 'reference') return expectWidthsMatter();
    for (const graph of [Graph.complete([5, 5, 5, 5, 5, 5, 5]), Graph.complete(14)])
      await expectAgreement(
        engine,
        edgeBlockCase({ ...whole, graph, widths: [64, 64, 64] }, { ...plain, clamp: 100 }),
        under.tolerance,
      );
  });

  test('what the clamp cuts off has no gradient, and what it lets through keeps it', async () => {
    const bounded = await evaluate(
      engine,
      edgeBlockCase(whole, { ...plain, coordinateAggregation: 'sum', clamp }),
    );
    const free = await evaluate(engine, edgeBlockCase(whole, { ...plain, coordinateAggregation: 'sum' }));
    const largest = (values: ArrayLike<number>) => Math.max(...Array.from(values, Math.abs));
    expect(largest(free.outputs[1])).toBeGreaterThan(2 * clamp);
    expect(largest(bounded.outputs[1])).toBeLessThanOrEqual(2.0001 * clamp);
  });

  test('the same tensor as receiver and sender part gets both gradients', async () => {
    const { inputs, graph } = edgeBlockCase(whole, plain);
    const { senderPart: _, ...rest } = inputs;
    await expectRight(under, engine, {
      graph,
      inputs: rest,
      compute: ({ tensors }) => {
        const parts = { ...tensors, senderPart: tensors.receiverPart } as unknown as EdgeBlockParts<Tensor>;
        const { messages, shift } = edgeBlock(graph!, parts, plain);
        return [messages!, shift!];
      },
    });
  });

  test('two blocks that share their weights add up their gradients', async () => {
    const operationCase = edgeBlockCase(whole, plain);
    await expectRight(under, engine, {
      ...operationCase,
      compute: (context) =>
        [operationCase.compute(context), operationCase.compute(context)].flat() as Tensor[],
    });
  });

  test('only one output that the loss depends on', async () => {
    for (const wanted of [0, 1]) {
      const operationCase = edgeBlockCase(whole, plain);
      await expectRight(under, engine, {
        ...operationCase,
        compute: (context) => (operationCase.compute(context) as Tensor[])[wanted],
      });
    }
  });

  test('some inputs asked for no gradient', async () => {
    const operationCase = edgeBlockCase(whole, plain);
    for (const kept of Object.keys(operationCase.inputs)) {
      const inputs = Object.fromEntries(
        Object.entries(operationCase.inputs).map(([name, input]) => [
          name,
          { ...input, fixed: name !== kept },
        ]),
      );
      await expectRight(under, engine, { ...operationCase, inputs });
    }
  });

  test('without gradients the values are the same to the bit', async () => {
    const operationCase = edgeBlockCase(whole, { ...plain, tanhRange: 1, normalization: detached });
    const remembered = await evaluate(engine, operationCase);
    const forgotten = await engine.withoutGradient(() => evaluate(engine, operationCase));
    expect(forgotten.outputs).toEqual(remembered.outputs);
    expect(forgotten.gradients).toEqual({});
  });

  test('coincident points have a gradient under a detached norm', async () => {
    const operationCase = edgeBlockCase(
      { ...whole, graph: Graph.complete(4) },
      { ...plain, normalization: detached },
    );
    const x = { ...operationCase.inputs.x, values: [1, 2, 3, 1, 2, 3, 1, 2, 3, 0, 0, 0] };
    const { outputs, gradients } = await evaluate(engine, {
      ...operationCase,
      inputs: { ...operationCase.inputs, x },
    });
    for (const values of [...outputs, ...Object.values(gradients)])
      expect(Array.from(values).every(Number.isFinite)).toBe(true);
  });

  test('a coordinate that is not a number is not hidden by the clamp', async () => {
    const operationCase = edgeBlockCase({ ...whole, graph: Graph.complete(3) }, { ...plain, clamp });
    const x = { ...operationCase.inputs.x, values: [0, 0, 0, Number.NaN, 0, 0, 1, 1, 1] };
    const { outputs } = await evaluate(
      engine,
      { ...operationCase, inputs: { ...operationCase.inputs, x } },
      false,
    );
    for (const output of outputs) expect(Array.from(output).some(Number.isNaN)).toBe(true);
  });

  test('wrong shapes and missing parts name the argument', () => {
    const operationCase = edgeBlockCase(whole, plain);
    const { graph } = whole;
    const expectError = (changes: Partial<Record<string, [number, number] | undefined>>, message: string) =>
      engine.step(() => {
        const shapes = Object.fromEntries(
          Object.entries(operationCase.inputs).map(([name, { rows, columns }]) => [name, [rows, columns]]),
        );
        const tensors = Object.fromEntries(
          Object.entries({ ...shapes, ...changes })
            .filter(([, shape]) => shape !== undefined)
            .map(([name, shape]) => [
              name,
              engine.tensor(new Float64Array(shape![0] * shape![1]), shape![0], shape![1]),
            ]),
        );
        expect(() => edgeBlock(graph, tensors as unknown as EdgeBlockParts<Tensor>, plain)).toThrow(message);
      });
    expectError({ receiverPart: [7, 5] }, 'edgeBlock: receiverPart must be [8, 5]; got [7, 5]');
    expectError({ senderPart: [8, 6] }, 'edgeBlock: senderPart must be [8, 5]; got [8, 6]');
    expectError({ x: [7, 3] }, 'edgeBlock: x must be [8, any]; got [7, 3]');
    expectError({ edgeAttributes: [6, 2] }, 'edgeBlock: edgeAttributes must be [7, any]; got [6, 2]');
    expectError({ pairWeight: [2, 5] }, 'edgeBlock: pairWeight must be [3, 5]; got [2, 5]');
    expectError({ messageWeight: [4, 7] }, 'edgeBlock: messageWeight must be [5, 7]; got [4, 7]');
    expectError({ messageBias: [1, 6] }, 'edgeBlock: messageBias must be [1, 7]; got [1, 6]');
    expectError({ gateWeight: [7, 2] }, 'edgeBlock: gateWeight must be [7, 1]; got [7, 2]');
    expectError({ gateBias: [7, 1] }, 'edgeBlock: gateBias must be [1, 1]; got [7, 1]');
    expectError({ coordinateWeight: [6, 3] }, 'edgeBlock: coordinateWeight must be [7, any]; got [6, 3]');
    expectError({ coordinateBias: [1, 2] }, 'edgeBlock: coordinateBias must be [1, 3]; got [1, 2]');
    expectError({ coordinateHead: [4, 1] }, 'edgeBlock: coordinateHead must be [3, 1]; got [4, 1]');
    expectError({ x: undefined }, 'x is needed');
    expectError({ pairWeight: undefined }, 'pairWeight is missing');
    expectError({ gateBias: undefined }, 'gateWeight comes with gateBias');
    expectError(
      { coordinateHead: undefined },
      'coordinateWeight comes with coordinateBias and coordinateHead',
    );
  });
});

/** The reference reads every weight: moving one of them moves the outputs. */
async function expectWidthsMatter(): Promise<void> {
  const engine = await engines[0].start();
  const operationCase = edgeBlockCase(whole, plain);
  const before = await evaluate(engine, operationCase, false);
  for (const [name, input] of Object.entries(operationCase.inputs)) {
    const values = Float64Array.from(input.values, (value) => value + 0.1);
    const inputs = { ...operationCase.inputs, [name]: { ...input, values } };
    const after = await evaluate(engine, { ...operationCase, inputs }, false);
    expect(after.outputs, name).not.toEqual(before.outputs);
  }
}

test('on the reference, the edge block is its equations written out, gradients included', async () => {
  const engine = await reference.start();
  for (const { name, operationCase, options, messages } of everySubset()) {
    const block = await evaluate(engine, operationCase);
    const equations = await evaluate(engine, writtenOut(operationCase, options, messages));
    for (const [k, output] of equations.outputs.entries())
      expectClose(block.outputs[k], output, 1e-11, `output ${k} in ${name}`);
    for (const [input, gradient] of Object.entries(equations.gradients))
      expectClose(block.gradients[input], gradient, 1e-7, `gradient of ${input} in ${name}`);
  }
});

describe('a batch whose pre-activations are too many to keep', () => {
  // 310 x 870 edges x (64 + 1) x 4 bytes is just above what the wasm backend keeps from one pass to the other.
  const copies = 310;
  const nodes = 30;
  const options: EdgeBlockOptions = { ...plain, tanhRange: 1, messageAggregation: 'mean' };
  const one = edgeBlockCase(
    { ...whole, graph: Graph.complete(nodes), widths: [1, 64, 1], dimensions: 2, attributes: 0 },
    options,
  );

  /** So many equal graphs side by side; the loss is the same for each. */
  function repeated(count: number): OperationCase {
    const graph = Graph.complete(new Array(count).fill(nodes));
    const repeat = (values: ArrayLike<number>) =>
      Float64Array.from({ length: values.length * count }, (_, i) => values[i % values.length]);
    const onRows = Object.entries(one.inputs).map(([name, input]) => [
      name,
      input.on ? { ...input, rows: input.rows * count, values: repeat(input.values) } : input,
    ]);
    return {
      graph,
      inputs: Object.fromEntries(onRows),
      compute: ({ engine, tensors }) => {
        const { messages, shift } = edgeBlock(graph, tensors as unknown as EdgeBlockParts<Tensor>, options);
        return [messages!, shift!].map((output) => {
          const weights = new Draw(output.columns).normal(nodes * output.columns);
          return sum(multiply(output, engine.tensor(repeat(weights), output.rows, output.columns)));
        });
      },
    };
  }

  test.each(engines.filter(({ name }) => name.startsWith('wasm simd') || name.endsWith('3 threads')))(
    'is as many times one graph on $name',
    async ({ start, tolerance }) => {
      const engine = await start();
      const many = await evaluate(engine, repeated(copies));
      const single = await evaluate(await reference.start(), repeated(1));
      for (const [k, output] of single.outputs.entries())
        expectClose([many.outputs[k][0] / copies], output, tolerance, `output ${k}`);
      for (const [name, gradient] of Object.entries(single.gradients)) {
        const ours = many.gradients[name];
        if (one.inputs[name].on)
          for (const copy of [0, 1, 155, copies - 1]) {
            const part = Array.from(ours).slice(copy * gradient.length, (copy + 1) * gradient.length);
            expectClose(part, gradient, tolerance, `gradient of ${name}, copy ${copy}`);
          }
        // A quarter of a million terms in float32.
        else {
          const share = Array.from(ours, (value) => value / copies);
          expectClose(share, gradient, 20 * tolerance, `gradient of ${name}`);
        }
      }
      engine.close();
    },
  );
});
