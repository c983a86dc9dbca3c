// The models as wholes: batches, parameter counts, weights that travel, determinism, memory.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { EGNN, GNN, Graph, LinearDynamics, RadialField, type StateDict } from '../../src/index.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { add, sum } from '../../src/tensor/operations/index.ts';
import { type EngineUnderTest, engines, reference } from '../support/engines.ts';
import { difference, enlivened, type ModelInput, randomInput, runModel } from '../support/equivariance.ts';
import { Draw } from '../support/random.ts';

const wasm = (threads: string) =>
  engines.find(({ name }) => name.startsWith('wasm') && name.endsWith(threads)) as EngineUnderTest;

/** Graph g of a batch on its own. */
function graphOfBatch(input: ModelInput, g: number): ModelInput {
  const { nodeCounts, edges, edgeAttributes } = input;
  const first = nodeCounts.slice(0, g).reduce((total, nodes) => total + nodes, 0);
  const end = first + nodeCounts[g];
  const take = <T>(rows: readonly T[] | undefined) => rows?.slice(first, end);
  const mine = edges
    ?.map(([sender], k) => ({ sender, k }))
    .filter(({ sender }) => sender >= first && sender < end);
  const before = nodeCounts.slice(0, g).reduce((total, nodes) => total + nodes * (nodes - 1), 0);
  return {
    nodeCounts: [nodeCounts[g]],
    h: take(input.h)!,
    x: take(input.x)!,
    velocity: take(input.velocity),
    nodeAttributes: take(input.nodeAttributes),
    ...(mine && { edges: mine.map(({ k }) => [edges![k][0] - first, edges![k][1] - first] as const) }),
    edgeAttributes:
      edgeAttributes &&
      (mine
        ? mine.map(({ k }) => edgeAttributes[k])
        : edgeAttributes.slice(before, before + nodeCounts[g] * (nodeCounts[g] - 1))),
  };
}

describe.each([reference, ...['1 thread', '2 threads', '3 threads'].map(wasm)])(
  'models on $name',
  (under) => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await under.start();
    });
    afterAll(() => engine.close());
    const tolerance = under.name === 'reference' ? 1e-12 : 1e-5;

    const families = {
      EGNN: () =>
        new EGNN(engine, {
          inputFeatures: 2,
          outputFeatures: 3,
          hiddenFeatures: 11,
          layers: 2,
          velocity: true,
          attention: true,
          edgeFeatures: 2,
          nodeAttributes: 1,
        }),
      GNN: () =>
        new GNN(engine, {
          inputFeatures: 6,
          outputFeatures: 3,
          hiddenFeatures: 11,
          layers: 2,
          edgeFeatures: 2,
        }),
      RadialField: () => new RadialField(engine, { hiddenFeatures: 11, layers: 2, edgeFeatures: 2 }),
      LinearDynamics: () => new LinearDynamics(engine),
    };

    test.each(Object.entries(families))(
      'a ragged batch equals its graphs one by one: %s',
      async (_, make) => {
        const model = await enlivened<ReturnType<typeof make>>(make());
        for (const complete of [true, false]) {
          const batch = randomInput(11, {
            nodeCounts: [3, 7, 1, 2, 6, 5, 4],
            dimensions: 3,
            complete,
            velocity: true,
            nodeAttributes: 1,
            edgeAttributes: 2,
          });
          const together = await runModel(model, batch);
          let first = 0;
          for (const [g, nodes] of batch.nodeCounts.entries()) {
            const alone = await runModel(model, graphOfBatch(batch, g));
            const part = {
              h: together.h?.slice(first, first + nodes),
              x: together.x?.slice(first, first + nodes),
              v: together.v?.slice(first, first + nodes),
            };
            expect(difference(part, alone), `graph ${g}`).toBeLessThanOrEqual(tolerance);
            first += nodes;
          }
        }
      },
    );

    test('a complete graph equals the same edges given', async () => {
      const model = await enlivened(new EGNN(engine, { inputFeatures: 2, hiddenFeatures: 11, layers: 2 }));
      const input = randomInput(12, { nodeCounts: [4, 1, 6], dimensions: 3 });
      const { receivers, senders } = Graph.complete(input.nodeCounts);
      const edges = Array.from(receivers, (i, k) => [senders[k], i] as const);
      const given = await runModel(model, { ...input, edges });
      expect(difference(await runModel(model, input), given)).toBeLessThanOrEqual(tolerance);
    });

    test('results and gradients are the same bits from run to run', async () => {
      const model = await enlivened(
        new EGNN(engine, { inputFeatures: 2, hiddenFeatures: 16, layers: 2, attention: true }),
      );
      const input = randomInput(13, { nodeCounts: [9, 30, 4, 17], dimensions: 3 });
      const graph = Graph.complete(input.nodeCounts);
      const run = async () => {
        model.parameters.clearGradients();
        const values = await engine.step(() => {
          const { nodes } = engine.graph(graph);
          const output = model.forward({
            graph,
            h: engine.tensor(input.h.flat(), nodes, 2),
            x: engine.tensor(input.x.flat(), nodes, 3),
          });
          engine.backward(add(sum(output.h!), sum(output.x!)));
          return Promise.all([output.h!.read(), output.x!.read()]);
        });
        engine.backend.combine(model.parameters.gradients);
        return [...values, await engine.backend.read(model.parameters.gradients)];
      };
      const first = await run();
      expect(first[2].some((value) => value !== 0)).toBe(true);
      for (let repeat = 0; repeat < 5; repeat++) expect(await run()).toEqual(first);
    });

    test('more threads than nodes, no nodes, one node, no edges', async () => {
      const model = await enlivened(
        new EGNN(engine, { inputFeatures: 1, outputFeatures: 2, hiddenFeatures: 5 }),
      );
      const one = await model.predict({ X: [[1]], C: [[1, 2, 3]] });
      expect(one.h).toHaveLength(2);
      expect([...one.x]).toEqual([1, 2, 3]);
      const none = await model.predict({ X: [], C: [] });
      expect([none.h, none.x].map((values) => values?.length)).toEqual([0, 0]);
      const loose = await model.predict({
        X: [[1], [1]],
        C: [
          [0, 1],
          [2, 3],
        ],
        E: [[], []],
      });
      expect([...loose.x]).toEqual([0, 1, 2, 3]);
      expect([...loose.h!.subarray(0, 2)]).toEqual([...loose.h!.subarray(2)]);
      expect([...one.h!]).toEqual([...loose.h!.subarray(0, 2)]);
    });

    test('coincident points have finite results under normalize', async () => {
      const model = await enlivened(
        new EGNN(engine, {
          inputFeatures: 1,
          outputFeatures: 1,
          hiddenFeatures: 5,
          normalize: true,
          layers: 2,
        }),
      );
      const { h, x } = await model.predict({
        X: [[1], [2], [3]],
        C: [
          [1, 1],
          [1, 1],
          [1, 1],
        ],
      });
      expect([...h!, ...x].every(Number.isFinite)).toBe(true);
      expect([...x]).toEqual([1, 1, 1, 1, 1, 1]);
    });
  },
);

describe('weights', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await reference.start();
  });

  test('as many parameters as in the paper', () => {
    const count = (model: { parameterCount: number }) => model.parameterCount;
    const velocity = {
      inputFeatures: 1,
      outputFeatures: 0,
      edgeFeatures: 2,
      velocity: true,
      coordinateClamp: 100,
    };
    expect(count(new EGNN(engine, velocity))).toBe(134_020);
    expect(count(new GNN(engine, { inputFeatures: 6, outputFeatures: 3, edgeFeatures: 1 }))).toBe(104_387);
    expect(count(new RadialField(engine, { edgeFeatures: 2 }))).toBe(2_052);
    expect(count(new LinearDynamics(engine))).toBe(1);
  });

  const everything = { inputFeatures: 2, outputFeatures: 3, hiddenFeatures: 4, layers: 1, edgeFeatures: 1 };

  test("the names and shapes are the authors'", async () => {
    const model = new EGNN(engine, { ...everything, attention: true, velocity: true, nodeAttributes: 5 });
    const state = await model.stateDict();
    expect(Object.fromEntries(Object.entries(state).map(([name, { shape }]) => [name, shape]))).toEqual({
      'embedding_in.weight': [4, 2],
      'embedding_in.bias': [4],
      'embedding_out.weight': [3, 4],
      'embedding_out.bias': [3],
      'gcl_0.edge_mlp.0.weight': [4, 10],
      'gcl_0.edge_mlp.0.bias': [4],
      'gcl_0.edge_mlp.2.weight': [4, 4],
      'gcl_0.edge_mlp.2.bias': [4],
      'gcl_0.node_mlp.0.weight': [4, 13],
      'gcl_0.node_mlp.0.bias': [4],
      'gcl_0.node_mlp.2.weight': [4, 4],
      'gcl_0.node_mlp.2.bias': [4],
      'gcl_0.coord_mlp.0.weight': [4, 4],
      'gcl_0.coord_mlp.0.bias': [4],
      'gcl_0.coord_mlp.2.weight': [1, 4],
      'gcl_0.coord_mlp_vel.0.weight': [4, 4],
      'gcl_0.coord_mlp_vel.0.bias': [4],
      'gcl_0.coord_mlp_vel.2.weight': [1, 4],
      'gcl_0.coord_mlp_vel.2.bias': [1],
      'gcl_0.att_mlp.0.weight': [1, 4],
      'gcl_0.att_mlp.0.bias': [1],
    });
    const names = async (other: { stateDict(): Promise<StateDict> }) => Object.keys(await other.stateDict());
    const gnn = new GNN(engine, { inputFeatures: 1, outputFeatures: 1, layers: 1 });
    expect(await names(gnn)).toEqual(expect.arrayContaining(['embedding.0.weight', 'decoder.2.bias']));
    const field = new RadialField(engine, { layers: 1 });
    expect(await names(field)).toEqual(
      expect.arrayContaining(['gcl_0.phi.0.weight', 'gcl_0.coord_mlp_vel.2.bias']),
    );
    expect(await field.stateDict()).not.toHaveProperty('gcl_0.phi.2.bias');
    expect(await new LinearDynamics(engine).stateDict()).toEqual({
      time: { shape: [1], data: Float64Array.of(0.7) },
    });
  });

  test('a state dict makes another model the same, across backends too', async () => {
    const other = await wasm('2 threads').start();
    const input = randomInput(21, { nodeCounts: [5], dimensions: 3, edgeAttributes: 1 });
    const source = await enlivened(new EGNN(engine, { ...everything, seed: 1 }));
    const state = await source.stateDict();
    const copy = new EGNN(engine, { ...everything, seed: 2 });
    copy.loadStateDict(state);
    expect(await copy.stateDict()).toEqual(state);
    expect(await runModel(copy, input)).toEqual(await runModel(source, input));
    const far = new EGNN(other, { ...everything, seed: 2 });
    far.loadStateDict(state);
    expect(difference(await runModel(far, input), await runModel(source, input))).toBeLessThan(1e-5);
    const back = await far.stateDict();
    const again = new EGNN(other, { ...everything, seed: 3 });
    again.loadStateDict(back);
    expect(await again.stateDict()).toEqual(back);
    other.close();
  });

  test('weights that do not fit are an error that names them, and change nothing', async () => {
    const model = new EGNN(engine, everything);
    const state = await model.stateDict();
    const { 'gcl_0.edge_mlp.0.bias': _, ...rest } = state;
    const bias = { shape: [4], data: [1, 2, 3, 4] };
    const cases: [StateDict, string][] = [
      [rest, 'missing gcl_0.edge_mlp.0.bias [4]'],
      [{ ...state, extra: bias }, 'unexpected extra'],
      [
        { ...state, 'embedding_in.bias': { shape: [1, 4], data: bias.data } },
        'embedding_in.bias must be [4]; got [1, 4]',
      ],
      [
        { ...state, 'embedding_in.weight': { shape: [2, 4], data: new Array(8).fill(1) } },
        'must be [4, 2]; got [2, 4]',
      ],
      [{ ...state, 'embedding_in.bias': { shape: [4], data: [1, 2, 3] } }, 'embedding_in.bias must be [4]'],
      [
        { ...state, 'embedding_in.bias': { shape: [4], data: [1, 2, Number.NaN, 4] } },
        'embedding_in.bias holds NaN at position 2',
      ],
      [{ ...rest, extra: bias, 'embedding_in.bias': { shape: [3], data: [1, 2, 3] } }, 'unexpected extra'],
      [{}, 'missing embedding_in.weight [4, 2]'],
    ];
    for (const [given, message] of cases) {
      expect(() => model.loadStateDict(given)).toThrow(message);
      expect(await model.stateDict()).toEqual(state);
    }
  });

  test('all problems are named at once', () => {
    const model = new EGNN(engine, everything);
    const bias = { shape: [3], data: [1, 2, 3] };
    expect(() => model.loadStateDict({ extra: bias, 'embedding_in.bias': bias })).toThrow(
      /missing embedding_in\.weight .*embedding_in\.bias must be \[4\]; got \[3\].*unexpected extra/s,
    );
  });

  test('same seed, same weights; another seed, others', async () => {
    const weights = async (seed?: number) =>
      Array.from(
        await new EGNN(engine, { ...everything, ...(seed !== undefined && { seed }) }).parameters.read(),
      );
    expect(await weights(7)).toEqual(await weights(7));
    expect(await weights()).toEqual(await weights(0));
    const [a, b] = [await weights(7), await weights(8)];
    expect(a.filter((value, k) => value === b[k])).toEqual([]);
  });

  test('first weights lie in the bounds that PyTorch draws from, and fill them', async () => {
    const model = new EGNN(engine, { inputFeatures: 5, hiddenFeatures: 64, layers: 2 });
    for (const [name, { shape, data }] of Object.entries(await model.stateDict())) {
      const weight = name.endsWith('.weight')
        ? shape
        : (await model.stateDict())[name.replace('bias', 'weight')].shape;
      const head = name.includes('coord_mlp.2');
      const bound = head ? 0.001 * Math.sqrt(6 / 65) : 1 / Math.sqrt(weight[1]);
      const largest = Math.max(...Array.from(data, Math.abs));
      expect(largest, name).toBeLessThanOrEqual(bound);
      expect(largest, name).toBeGreaterThan(0.8 * bound);
    }
  });

  test('a model prints its layers, shapes and counts', () => {
    const text = String(
      new EGNN(engine, { inputFeatures: 1, outputFeatures: 0, edgeFeatures: 2, velocity: true }),
    );
    expect(text.split('\n')[0]).toBe('EGNN: 134,020 parameters');
    expect(text).toMatch(/^ {2}gcl_3\.edge_mlp\.0\.weight +\[64, 131\] +8,384$/m);
    expect(String(new LinearDynamics(engine))).toBe('LinearDynamics: 1 parameters\n  time  [1]  1');
  });

  test.each([
    [{ inputFeatures: 0 }, 'inputFeatures must be a positive integer; got 0'],
    [{ inputFeatures: 1.5 }, 'inputFeatures must be a positive integer; got 1.5'],
    [{ inputFeatures: 1, hiddenFeatures: -1 }, 'hiddenFeatures must be a positive integer; got -1'],
    [{ inputFeatures: 1, layers: 0 }, 'layers must be a positive integer; got 0'],
    [{ inputFeatures: 1, edgeFeatures: -1 }, 'edgeFeatures must be 0 or a positive integer; got -1'],
    [{ inputFeatures: 1, nodeAttributes: 0.5 }, 'nodeAttributes must be 0 or a positive integer; got 0.5'],
    [
      { inputFeatures: 1, outputFeatures: -2 },
      "outputFeatures must be 'hidden', 0 or a positive integer; got -2",
    ],
    [{ inputFeatures: 1, coordinateAggregation: 0 }, 'coordinateAggregation must be'],
    [{ inputFeatures: 1, coordinateAggregation: 'max' }, 'coordinateAggregation must be'],
    [{ inputFeatures: 1, messageAggregation: 'max' }, 'messageAggregation must be'],
    [{ inputFeatures: 1, activation: 'gelu' }, 'activation must be'],
  ])('a configuration that makes no sense is an error: %j', (config, message) => {
    expect(() => new EGNN(engine, config as never)).toThrow(message);
  });
});

describe('inputs of forward that do not fit', () => {
  test('name the argument, what was expected and what came', async () => {
    const engine = await reference.start();
    const graph = Graph.complete(3);
    const model = new EGNN(engine, { inputFeatures: 2, velocity: true, edgeFeatures: 2, nodeAttributes: 1 });
    const field = new RadialField(engine, { edgeFeatures: 1 });
    const linear = new LinearDynamics(engine);
    const gnn = new GNN(engine, { inputFeatures: 6, outputFeatures: 3 });
    engine.step(() => {
      const zeros = (rows: number, columns: number) =>
        engine.tensor(new Float64Array(rows * columns), rows, columns);
      const right = {
        graph,
        h: zeros(3, 2),
        x: zeros(3, 3),
        velocity: zeros(3, 3),
        edgeAttributes: zeros(6, 2),
        nodeAttributes: zeros(3, 1),
      };
      const expectError = (change: object, message: string) =>
        expect(() => model.forward({ ...right, ...change })).toThrow(message);
      expectError({ h: zeros(3, 1) }, 'h must be [3, 2]; got [3, 1]');
      expectError({ h: zeros(2, 2) }, 'h must be [3, 2]; got [2, 2]');
      expectError({ x: zeros(2, 3) }, 'x must be [3, any]; got [2, 3]');
      expectError({ x: undefined }, 'x is missing');
      expectError({ x: zeros(3, 0) }, 'x needs at least one dimension');
      expectError({ velocity: zeros(3, 2) }, 'velocity must be [3, 3]; got [3, 2]');
      expectError({ velocity: undefined }, 'velocity is missing; this model takes [3, 3]');
      expectError({ edgeAttributes: zeros(5, 2) }, 'edgeAttributes must be [6, 2]; got [5, 2]');
      expectError({ edgeAttributes: undefined }, 'edgeAttributes is missing; this model takes [6, 2]');
      expectError({ nodeAttributes: zeros(3, 2) }, 'nodeAttributes must be [3, 1]; got [3, 2]');
      expect(() => gnn.forward({ graph, h: zeros(3, 5) })).toThrow('h must be [3, 6]; got [3, 5]');
      expect(() => gnn.forward({ graph, h: zeros(3, 6), edgeAttributes: zeros(6, 1) })).toThrow(
        'this model takes no edgeAttributes',
      );
      const moving = {
        graph,
        x: zeros(3, 3),
        velocity: zeros(3, 3),
        speed: zeros(3, 1),
        edgeAttributes: zeros(6, 1),
      };
      expect(() => field.forward({ ...moving, velocity: zeros(3, 1) })).toThrow(
        'velocity must be [3, 3]; got [3, 1]',
      );
      expect(() => field.forward({ ...moving, speed: zeros(1, 1) })).toThrow(
        'speed must be [3, 1]; got [1, 1]',
      );
      expect(() => field.forward({ ...moving, x: zeros(2, 3) })).toThrow('x must be [3, any]; got [2, 3]');
      expect(() => field.forward({ ...moving, edgeAttributes: zeros(6, 2) })).toThrow('[6, 1]; got [6, 2]');
      expect(() => field.forward({ ...moving, edgeAttributes: undefined })).toThrow(
        'edgeAttributes is missing',
      );
      expect(() => linear.forward({ x: zeros(3, 3), velocity: zeros(3, 1) })).toThrow(
        'velocity must be [3, 3]',
      );
    });
  });
});

describe('engines side by side', () => {
  test('two at once do not disturb each other', async () => {
    const [a, b] = [await wasm('2 threads').start(), await wasm('3 threads').start()];
    const input = randomInput(31, { nodeCounts: [5, 6], dimensions: 3 });
    const models = [a, b].map((engine) => new EGNN(engine, { inputFeatures: 2, outputFeatures: 1, seed: 4 }));
    const alone = await runModel(models[0], input);
    const outputs = await Promise.all([...models, ...models].map((model) => runModel(model, input)));
    expect(outputs[0]).toEqual(alone);
    expect(outputs[2]).toEqual(alone);
    expect(difference(outputs[1], alone)).toBeLessThan(1e-5);
    a.close();
    expect(await runModel(models[1], input)).toEqual(outputs[1]);
    b.close();
  });

  test('10,000 steps of training do not grow the memory', async () => {
    const engine = await wasm('2 threads').start();
    const model = new EGNN(engine, { inputFeatures: 2, hiddenFeatures: 8, layers: 2 });
    const graph = Graph.complete([5, 5, 5]);
    const draw = new Draw(1);
    const [h, x] = [draw.normal(30), draw.normal(45)];
    const step = () =>
      engine.step(() => {
        const { nodes } = engine.graph(graph);
        const output = model.forward({ graph, h: engine.tensor(h, nodes, 2), x: engine.tensor(x, nodes, 3) });
        const loss = sum(output.h!);
        engine.backward(loss);
        return loss.read();
      });
    for (let k = 0; k < 3; k++) await step();
    const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow');
    for (let k = 0; k < 10_000; k++) await step();
    expect(grow).not.toHaveBeenCalled();
    grow.mockRestore();
    engine.close();
  });
});
