// Every option of a model is held against what it may be, and an unknown one is named.
import { expect, test } from 'vitest';
import { EGNN, GNN, RadialField } from '../../src/index.ts';
import { engines, reference } from '../support/engines.ts';

const engine = await reference.start();

test.each([
  [{ hiddenFeatures: 0 }, 'hiddenFeatures must be a positive integer; got 0'],
  [{ layers: 1.5 }, 'layers must be a positive integer; got 1.5'],
  [{ edgeFeatures: -1 }, 'edgeFeatures must be 0 or a positive integer; got -1'],
  [{ activation: 'gelu' }, 'got "gelu"'],
  [{ coordinateClamp: -1 }, 'coordinateClamp must be a positive number; got -1'],
  [{ coordinateWeight: Number.NaN }, 'coordinateWeight must be a finite number'],
  [{ tanh: -3 }, 'tanh must be a boolean or a positive range; got -3'],
  [{ coordinateAggregation: 0 }, 'coordinateAggregation must be'],
  [{ outputFeatures: -2 }, 'outputFeatures must be'],
  [{ coordinateClamp: '1' }, 'coordinateClamp must be a positive number; got "1"'],
  [{ inputFeatures: '1' }, 'inputFeatures must be a positive integer; got "1"'],
  [{ inputFeatures: undefined }, 'inputFeatures must be a positive integer; got undefined'],
  [{ hidenFeatures: 3 }, 'EGNN has no option hidenFeatures'],
  [{ velocity: 'false' }, 'velocity must be a boolean; got "false"'],
  [{ residual: null }, 'residual must be a boolean; got null'],
  [{ normalize: 'yes' }, 'normalize must be a boolean or { epsilon, constant, detached }; got "yes"'],
  [{ normalize: null }, 'normalize must be a boolean or { epsilon, constant, detached }; got null'],
  [{ normalize: {} }, 'normalize.epsilon must be a number from 0; got undefined'],
  [{ normalize: { epsilon: 0, constant: 1, detached: 1 } }, 'detached must be a boolean; got 1'],
])('EGNN refuses %o', (wrong, message) => {
  expect(() => new EGNN(engine, { inputFeatures: 1, ...(wrong as object) })).toThrow(message);
});

test.each([
  [{ activation: 'gelu' }, 'got "gelu"'],
  [{ layers: -1 }, 'layers must be a positive integer; got -1'],
  [{ dropout: 0.1 }, 'has no option dropout'],
])('the baselines refuse %o', (wrong, message) => {
  expect(() => new GNN(engine, { inputFeatures: 1, outputFeatures: 1, ...(wrong as object) })).toThrow(
    message,
  );
  expect(() => new RadialField(engine, wrong as object)).toThrow(message);
});

test('a model without a configuration says what it needs', () => {
  const withoutOptions = (Model: typeof EGNN | typeof GNN) => () => new Model(engine, undefined as never);
  expect(withoutOptions(EGNN)).toThrow(
    'EGNN takes an engine and a configuration with inputFeatures; got undefined',
  );
  expect(withoutOptions(GNN)).toThrow('GNN takes an engine and a configuration with inputFeatures and out');
});

test('undefined is the default', () => {
  const model = new RadialField(engine, { layers: undefined, edgeFeatures: 2 });
  expect(model.parameterCount).toBe(2052);
});

test('a weight that float32 cannot hold is refused, and nothing changes', async () => {
  const wasm = await engines.find(({ name }) => name.startsWith('wasm'))!.start();
  const model = new EGNN(wasm, { inputFeatures: 1, hiddenFeatures: 2, layers: 1 });
  const before = await model.stateDict();
  const tooLarge = { ...before, 'embedding.bias': { shape: [2], data: [0, 1e39] } };
  expect(() => model.loadStateDict(tooLarge)).toThrow('not finite in float32');
  expect(await model.stateDict()).toEqual(before);
  wasm.close();
});
