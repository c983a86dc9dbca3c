// E(n) equivariance of every model under every option, in dimensions 1, 2, 3 and 8: exact on the reference backend,
// to float32 on WebAssembly.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EGNN, type EGNNConfig, GNN, LinearDynamics, RadialField } from '../../src/index.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { engines, reference } from '../support/engines.ts';
import {
  enlivened,
  equivarianceErrors,
  expectEquivariant,
  randomInput,
  runModel,
} from '../support/equivariance.ts';

const options: Record<string, Partial<EGNNConfig>> = {
  'the defaults': {},
  attention: { attention: true },
  normalize: { normalize: true },
  'normalize with a gradient': { normalize: { epsilon: 1e-8, constant: 1, detached: false } },
  tanh: { tanh: true },
  'tanh with a range': { tanh: 2.5 },
  'sums of coordinates': { coordinateAggregation: 'sum' },
  'sums over a constant': { coordinateAggregation: 7 },
  'a coordinate weight': { coordinateWeight: 0.5 },
  'no residual': { residual: false },
  'no coordinate update': { updateCoordinates: false },
  velocity: { velocity: true },
  'velocity without coordinate update': { velocity: true, updateCoordinates: false },
  'node attributes': { nodeAttributes: 3 },
  'edge attributes': { edgeFeatures: 2 },
  'means of messages': { messageAggregation: 'mean' },
  'hidden features out': { outputFeatures: 'hidden' },
  'coordinates alone': { outputFeatures: 0 },
  'one layer': { layers: 1 },
  relu: { activation: 'relu' },
  leakyRelu: { activation: 'leakyRelu' },
  'tanh activation': { activation: 'tanh' },
  'sigmoid activation': { activation: 'sigmoid' },
  'messages of another width': { messageFeatures: 4, edgeHidden: 11, nodeHidden: 7, coordinateHidden: 6 },
  'distances at the input': { inputDistance: true, edgeFeatures: 1 },
  'features at the input': { inputAttributes: true, nodeAttributes: 1 },
  // Angles grow with the squared distance, and so does what float32 loses of them: one layer less than elsewhere.
  'Fourier features': { fourierFeatures: 2, edgeFeatures: 1, layers: 2 },
  'a coordinate network of its own': { coordinateNetwork: 'pair', tanh: 2, edgeFeatures: 1 },
  'coordinates in every second layer': { coordinateNetwork: 'pair', coordinateEvery: 2 },
  'a bias and a scale of the coordinates': { coordinateBias: true, coordinateScale: true },
  'layer normalisation': { normalizeFeatures: true },
  'features as they are': { updateFeatures: false },
  'messages over a constant': { messageAggregation: 3 },
  'no embedding': { embedding: false, inputFeatures: 2, hiddenFeatures: 2, normalizeFeatures: false },
  'everything at once': {
    attention: true,
    normalize: true,
    tanh: 3,
    velocity: true,
    nodeAttributes: 1,
    edgeFeatures: 3,
    messageAggregation: 'mean',
    coordinateAggregation: 'sum',
    residual: false,
  },
};

const wasm = engines.find(({ name }) => name.startsWith('wasm') && name.endsWith('2 threads'))!;

describe.each([
  { ...reference, tolerance: 1e-9 },
  { ...wasm, tolerance: 1e-4 },
])('on $name', ({ start, tolerance }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.close());

  describe.each([1, 2, 3, 8])('in %i dimensions', (dimensions) => {
    test.each(Object.entries(options))('EGNN with %s is equivariant', async (_, config) => {
      const model = await enlivened(
        new EGNN(engine, {
          inputFeatures: 2,
          outputFeatures: 3,
          hiddenFeatures: 9,
          layers: 3,
          seed: 3,
          ...config,
        }),
      );
      for (const complete of [true, false]) {
        const input = randomInput(dimensions, {
          nodeCounts: [5, 1, 3],
          dimensions,
          complete,
          velocity: config.velocity,
          nodeAttributes: config.nodeAttributes,
          edgeAttributes: config.edgeFeatures,
        });
        await expectEquivariant(model, input, tolerance);
      }
    });

    test('RadialField is equivariant', async () => {
      const model = await enlivened(new RadialField(engine, { hiddenFeatures: 9, edgeFeatures: 2, seed: 4 }));
      for (const complete of [true, false])
        await expectEquivariant(
          model,
          randomInput(5, { nodeCounts: [5, 1, 3], dimensions, complete, velocity: true, edgeAttributes: 2 }),
          tolerance,
        );
    });

    test('LinearDynamics is equivariant', async () => {
      const input = randomInput(6, { nodeCounts: [4], dimensions, velocity: true });
      await expectEquivariant(new LinearDynamics(engine), input, tolerance);
    });

    test('the plain GNN commutes with permutations, and with nothing else', async () => {
      const model = new GNN(engine, {
        inputFeatures: 2 * dimensions,
        outputFeatures: dimensions,
        hiddenFeatures: 9,
        edgeFeatures: 1,
        attention: true,
        seed: 5,
      });
      for (const complete of [true, false]) {
        const input = randomInput(7, {
          nodeCounts: [5, 3],
          dimensions,
          complete,
          velocity: true,
          edgeAttributes: 1,
        });
        const errors = await equivarianceErrors((given) => runModel(model, given), input);
        expect(errors.permutation).toBeLessThanOrEqual(tolerance);
        expect(errors.translation).toBeGreaterThan(1e-2);
        expect(errors.reflection).toBeGreaterThan(1e-2);
        // In one dimension the only rotation is none.
        if (dimensions > 1) expect(errors.rotation).toBeGreaterThan(1e-2);
      }
    });
  });

  test('features depend on the geometry, so that invariance says something', async () => {
    const model = await enlivened(
      new EGNN(engine, { inputFeatures: 2, outputFeatures: 3, hiddenFeatures: 9, layers: 2 }),
    );
    const input = randomInput(8, { nodeCounts: [5], dimensions: 3 });
    const stretched = { ...input, x: input.x.map((row) => row.map((value) => 1.5 * value)) };
    const [a, b] = [await runModel(model, input), await runModel(model, stretched)];
    const largest = Math.max(...a.h!.flat().map((value, k) => Math.abs(value - b.h!.flat()[k])));
    expect(largest).toBeGreaterThan(1e-3);
  });
});
