/**
 * @file Exported models against the reference backend: every option, given and complete edges, every dimension, and
 * graphs at the edge of what a graph is. One session serves all sizes.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { EGNN, type EGNNConfig, GNN, LinearDynamics, Model, RadialField } from '../../src/index.ts';
import { type EdgeSource, toOnnx } from '../../src/onnx/index.ts';
import { version } from '../../src/onnx/version.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { reference } from '../support/engines.ts';
import { enlivened, type ModelInput, randomInput } from '../support/equivariance.ts';
import { readMessage, text } from './read-protobuf.ts';
import { expectedOutputs, roundWeights, runSession, startSession, worstDifference } from './session.ts';

const TOLERANCE = 1e-5;
const edgeSources: readonly EdgeSource[] = ['given', 'complete'];

const options: Record<string, Partial<EGNNConfig>> = {
  'the defaults': {},
  attention: { attention: true },
  normalize: { normalize: true },
  'normalize with numbers of its own': { normalize: { epsilon: 1e-8, constant: 1, detached: false } },
  tanh: { tanh: true },
  'tanh with a range': { tanh: 2.5 },
  'sums of coordinates': { coordinateAggregation: 'sum' },
  'sums over a constant': { coordinateAggregation: 7 },
  'a coordinate weight': { coordinateWeight: 0.5 },
  'a clamp that acts': { coordinateClamp: 0.1 },
  'no residual': { residual: false },
  'no coordinate update': { updateCoordinates: false },
  velocity: { velocity: true },
  'velocity without coordinate update': { velocity: true, updateCoordinates: false },
  'node attributes': { nodeAttributes: 3 },
  'edge attributes': { edgeFeatures: 2 },
  'means of messages': { messageAggregation: 'mean' },
  'messages over a constant': { messageAggregation: 3 },
  'hidden features out': { outputFeatures: 'hidden' },
  'coordinates alone': { outputFeatures: 0 },
  'one layer': { layers: 1 },
  'no embedding': { embedding: false, inputFeatures: 2, hiddenFeatures: 2 },
  relu: { activation: 'relu' },
  leakyRelu: { activation: 'leakyRelu' },
  'tanh activation': { activation: 'tanh' },
  'sigmoid activation': { activation: 'sigmoid' },
  'identity activation': { activation: 'identity' },
  'square activation': { activation: 'square', hiddenFeatures: 4, layers: 1 },
  'sin activation': { activation: 'sin' },
  'cos activation': { activation: 'cos' },
  'messages of another width': { messageFeatures: 4, edgeHidden: 11, nodeHidden: 7, coordinateHidden: 6 },
  'distances at the input': { inputDistance: true, edgeFeatures: 1 },
  'distances at the input alone': { inputDistance: true },
  'Fourier features': { fourierFeatures: 3, edgeFeatures: 1 },
  'Fourier features and distances at the input': { fourierFeatures: 2, inputDistance: true },
  'a coordinate network of its own': { coordinateNetwork: 'pair', tanh: 2, edgeFeatures: 1 },
  'a coordinate network of its own, coordinates alone': { coordinateNetwork: 'pair', outputFeatures: 0 },
  'a coordinate network of its own, features as they are': {
    coordinateNetwork: 'pair',
    updateFeatures: false,
  },
  'coordinates in every second layer': { coordinateNetwork: 'pair', coordinateEvery: 2 },
  'a bias of the coordinates': { coordinateBias: true },
  'a scale of the coordinates': { coordinateScale: true, coordinateWeight: 2 },
  'layer normalisation': { normalizeFeatures: true },
  'features as they are': { updateFeatures: false },
  'nothing that changes': { updateFeatures: false, updateCoordinates: false },
  'a readout': { readout: { outputs: 2 } },
  'a readout of means': { readout: { outputs: 3, pooling: 'mean' }, outputFeatures: 'hidden' },
  'everything at once': {
    attention: true,
    normalize: true,
    tanh: 3,
    velocity: true,
    nodeAttributes: 1,
    edgeFeatures: 3,
    inputDistance: true,
    fourierFeatures: 1,
    coordinateBias: true,
    coordinateScale: true,
    coordinateClamp: 2,
    normalizeFeatures: true,
    messageAggregation: 'mean',
    coordinateAggregation: 'sum',
    residual: false,
  },
};

let engine: Engine;
beforeAll(async () => {
  engine = await reference.start();
});
afterAll(() => engine.close());

/** All sorts of graphs with what a model takes; coordinates in every dimension. */
function inputs(
  edges: EdgeSource,
  widths: Pick<EGNNConfig, 'nodeAttributes' | 'edgeFeatures'> = {},
  nodeBatches: readonly (readonly number[])[] = [[5, 1, 3], [1], [7, 2, 4]],
): ModelInput[] {
  return [1, 2, 3, 8].flatMap((dimensions) =>
    nodeBatches.map((nodeCounts) =>
      randomInput(dimensions, {
        nodeCounts,
        dimensions,
        complete: edges === 'complete',
        velocity: true,
        nodeAttributes: widths.nodeAttributes,
        edgeAttributes: widths.edgeFeatures,
      }),
    ),
  );
}

async function expectAgreement(model: Model, edges: EdgeSource, given: readonly ModelInput[]): Promise<void> {
  const session = await startSession(await toOnnx(await roundWeights(model), { edges }));
  for (const input of given) {
    const expected = await expectedOutputs(model, input);
    expect(worstDifference(await runSession(session, model, input), expected)).toBeLessThanOrEqual(TOLERANCE);
  }
  await session.release();
}

const smallEGNN = (config: Partial<EGNNConfig> = {}) =>
  enlivened(
    new EGNN(engine, {
      inputFeatures: 2,
      outputFeatures: 3,
      hiddenFeatures: 9,
      layers: 3,
      seed: 3,
      ...config,
    }),
    300,
  );

describe.each(edgeSources)('with %s edges', (edges) => {
  test.each(Object.entries(options))('EGNN with %s', async (_, config) => {
    const model = await smallEGNN(config);
    const given = inputs(edges, config).map((input) =>
      config.velocity ? input : { ...input, velocity: undefined },
    );
    await expectAgreement(model, edges, given);
  });

  test('RadialField', async () => {
    const config = { hiddenFeatures: 9, edgeFeatures: 2 };
    await expectAgreement(await enlivened(new RadialField(engine, config)), edges, inputs(edges, config));
    const bare = new RadialField(engine, { hiddenFeatures: 5, activation: 'relu' });
    await expectAgreement(await enlivened(bare), edges, inputs(edges));
  });

  test('RadialField with square roots, of numbers from 0 on', async () => {
    const model = new RadialField(engine, { hiddenFeatures: 5, activation: 'squareRoot' });
    const state = await model.stateDict();
    for (const entry of Object.values(state)) entry.data = entry.data.map(Math.abs) as typeof entry.data;
    model.loadStateDict(state);
    await expectAgreement(model, edges, inputs(edges));
  });

  test('GNN', async () => {
    const config = {
      inputFeatures: 2,
      outputFeatures: 2,
      hiddenFeatures: 9,
      edgeFeatures: 1,
      attention: true,
    };
    const model = new GNN(engine, { ...config, residual: false });
    await expectAgreement(model, edges, gnnInputs(edges, config));
    await expectAgreement(
      new GNN(engine, { ...config, edgeFeatures: 0, attention: false }),
      edges,
      gnnInputs(edges),
    );
  });
});

/** As `runModel` feeds the plain GNN: the coordinates, two of them, are its features. */
function gnnInputs(edges: EdgeSource, widths = {}): ModelInput[] {
  return inputs(edges, widths)
    .filter(({ x }) => x[0].length === 2)
    .map((input) => ({ ...input, h: input.x, velocity: undefined }));
}

test('LinearDynamics, which needs no edges', async () => {
  await expectAgreement(new LinearDynamics(engine), 'given', inputs('complete'));
});

describe('graphs at the edge', () => {
  const config = {
    messageAggregation: 'mean',
    edgeFeatures: 1,
    readout: { outputs: 2, pooling: 'mean' },
  } as const;
  /** Edges are written `sender>receiver`. */
  const draw = (nodeCounts: number[], ...edges: string[]): ModelInput => ({
    ...randomInput(4, { nodeCounts, dimensions: 3, edgeAttributes: 1 }),
    edges: edges.map((edge) => edge.split('>').map(Number) as [number, number]),
    edgeAttributes: edges.map((_, k) => [k / 2]),
  });

  test.each<[string, ModelInput]>([
    ['nodes that nobody sends to', draw([6], '0>1', '2>1', '1>4')],
    ['a node that everybody sends to', draw([7], '1>0', '2>0', '3>0', '2>3', '4>0', '5>0', '6>0', '0>6')],
    ['a self loop', draw([2], '0>0', '1>0')],
    ['a repeated edge', draw([2], '1>0', '1>0')],
    ['no edges', draw([4, 2])],
    ['one node', draw([1])],
    ['an empty graph in the middle', draw([2, 0, 3], '0>1', '4>2')],
  ])('%s', async (_, input) => {
    await expectAgreement(await smallEGNN(config), 'given', [input]);
  });

  test('one node, complete', async () => {
    const input = randomInput(4, { nodeCounts: [1], dimensions: 3 });
    await expectAgreement(await smallEGNN({ ...config, edgeFeatures: 0 }), 'complete', [input]);
  });

  test('coincident nodes', async () => {
    const input = randomInput(4, { nodeCounts: [3], dimensions: 3 });
    const together = { ...input, x: input.x.map(() => [1, 2, 3]) };
    await expectAgreement(await smallEGNN({ normalize: true }), 'complete', [together]);
  });
});

describe('the file', () => {
  const field = (message: ReturnType<typeof readMessage>, number: number) =>
    message.filter((entry) => entry.field === number).map((entry) => entry.value);

  test('says what was exported', async () => {
    const model = await smallEGNN({ coordinateClamp: 100, tanh: 2 });
    const file = readMessage(await toOnnx(model, { edges: 'complete' }));
    expect(field(file, 1)).toEqual([8n]);
    expect([2, 3].map((number) => text(field(file, number)[0]))).toEqual(['egnn', packageJson.version]);
    const metadata = field(file, 14).map((pair) =>
      readMessage(pair as Uint8Array).map(({ value }) => text(value)),
    );
    expect(Object.keys(Object.fromEntries(metadata))).toEqual(['egnn.model', 'egnn.config', 'egnn.edges']);
    const found = Object.fromEntries(metadata);
    expect([found['egnn.model'], found['egnn.edges']]).toEqual(['EGNN', 'complete']);
    expect(JSON.parse(found['egnn.config'])).toEqual(JSON.parse(JSON.stringify(model.config)));
  });

  test("carries the package's version", () => expect(version).toBe(packageJson.version));

  test('is the same for the same model', async () => {
    const model = await smallEGNN();
    expect(await toOnnx(model)).toEqual(await toOnnx(model));
  });

  test('has the names of the weights', async () => {
    const model = await smallEGNN({ outputFeatures: 3 });
    const graph = readMessage(field(readMessage(await toOnnx(model)), 7)[0] as Uint8Array);
    const names = field(graph, 5).map((tensor) => text(field(readMessage(tensor as Uint8Array), 8)[0]));
    for (const name of Object.keys(await model.stateDict()))
      expect(
        names.some((found) => found.startsWith(name)),
        name,
      ).toBe(true);
  });
});

describe('errors', () => {
  test('another source of edges', async () => {
    const model = await smallEGNN();
    await expect(toOnnx(model, { edges: 'radius' as EdgeSource })).rejects.toThrow(
      `edges must be 'given' or 'complete'; got "radius"`,
    );
  });

  test('a model of somebody else', async () => {
    class Own extends Model {
      readonly name = 'Own';
    }
    await expect(toOnnx(new Own(engine))).rejects.toThrow('got Own');
  });
});
