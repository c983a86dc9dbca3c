// Checkpoints of strangers: names and shapes of any kind and number are imported or refused, in time that grows with them.
import { expect, it } from 'vitest';
import { importWeights, type Weights, type WeightTensor } from '../../src/models/index.ts';

const tensor = (...shape: number[]): WeightTensor => ({
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
});
const clean: [string, WeightTensor][] = [
  ['gcl_0.edge_mlp.0.weight', tensor(1, 3)],
  ['gcl_0.edge_mlp.2.weight', tensor(1, 1)],
  ['gcl_0.node_mlp.0.weight', tensor(1, 2)],
  ['gcl_0.node_mlp.2.weight', tensor(1, 1)],
  ['embedding_in.weight', tensor(1, 1)],
  ['embedding_out.weight', tensor(1, 1)],
];
const lucidrains = (layer: number): [string, WeightTensor][] => [
  [`${layer}.edge_mlp.0.weight`, tensor(1, 3)],
  [`${layer}.edge_mlp.3.weight`, tensor(1, 1)],
  [`${layer}.node_mlp.0.weight`, tensor(1, 2)],
  [`${layer}.node_mlp.3.weight`, tensor(1, 1)],
];
const many = (count: number, name: (k: number) => string) =>
  Array.from({ length: count }, (_, k): [string, WeightTensor] => [name(k), tensor(1, 3)]);

it.each<[string, [string, WeightTensor][], string]>([
  [
    'layers',
    [...many(100_000, (k) => `x${k}`), ...many(100_000, (k) => `gcl_${k}.x`), ...clean],
    'layers: Too',
  ],
  ['networks', many(100_000, (k) => `a${k}.gcl_0.edge_mlp.0.weight`), 'more than 64 networks like'],
])('many %s are refused at once', { timeout: 10_000 }, (_, weights, message) => {
  expect(() => importWeights(new Map(weights))).toThrow(message);
});

it('many names beside many layers take no longer than both', { timeout: 10_000 }, () => {
  const layers = Array.from({ length: 200 }, (_, k) => lucidrains(k)).flat();
  const { config, unused } = importWeights(new Map([...many(20_000, (k) => `x${k}`), ...layers]));
  expect(config.network).toMatchObject({ layers: 200 });
  expect(unused).toHaveLength(20_000);
});

it('a weight without columns costs nothing, however many rows it has', () => {
  const weights = [
    ...clean.map(([name, value]): [string, WeightTensor] => [
      name,
      name.endsWith('edge_mlp.0.weight') ? tensor(1, 5) : value,
    ]),
    ['gcl_1.edge_mlp.0.weight', { shape: [2 ** 50, 0], data: new Float32Array(0) }],
  ] as const;
  const { state } = importWeights(new Map(weights), { options: { fourierFeatures: 1 } });
  expect(state['gcl_1.edge_mlp.0.weight'].data).toHaveLength(0);
});

it('names that JavaScript gives a meaning are names', () => {
  const odd: [string, WeightTensor][] = [['__proto__', tensor(1)]];
  expect(Object.keys(importWeights(new Map([...clean, ...odd])).state)).toContain('__proto__');
  const weights: Weights = new Map([...lucidrains(0), ['0.constructor.weight', tensor(1)]]);
  expect(importWeights(weights).unused).toEqual(['0.constructor.weight']);
});
