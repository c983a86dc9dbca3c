// A molecule's prediction has the same bits whatever it is batched with, on any number of threads.
import { expect, it } from 'vitest';
import { buildNetwork, LoadedModel, type ModelConfig } from '../../src/models/index.ts';
import { startEngine } from '../../src/start-engine.ts';
import { Draw } from '../support/random.ts';

const config: ModelConfig = {
  format: 'egnn-model',
  version: 1,
  network: {
    kind: 'egnn',
    inputFeatures: 2,
    hiddenFeatures: 16,
    layers: 2,
    attention: true,
    readout: { outputs: 1 },
    seed: 1,
  },
  edges: 'complete',
  atoms: { elements: ['H', 'C'], chargePowers: [0], maximumCharge: 9 },
  outputs: [{ name: 'energy', mean: 0, scale: 1 }],
};

const draw = new Draw(1);
// Sizes that no whole split over threads suits, up to the largest that still shares a pass.
const molecules = [1, 29, 3, 17, 22, 2, 150, 8, 12, 199, 5, 40].map((count) => ({
  numbers: Array.from({ length: count }, (_, k) => (k % 3 === 0 ? 6 : 1)),
  positions: draw.normal(3 * count, count ** 0.4),
}));

it('predicts the same bits alone, in a batch, and on one, two and three threads', async () => {
  const bitsOf = new Set<string>();
  for (const threads of [1, 2, 3]) {
    const engine = await startEngine({ threads });
    const state = await buildNetwork(engine, config.network).stateDict();
    const model = new LoadedModel(engine, { config, state });
    const options = { forces: 'energy' };
    const together = await model.predictMolecules(molecules, options);
    const alone = [];
    for (const molecule of molecules) alone.push(...(await model.predictMolecules([molecule], options)));
    const reversed = await model.predictMolecules(molecules.toReversed(), options);
    engine.close();
    for (const predictions of [together, alone, reversed.reverse()])
      bitsOf.add(JSON.stringify(predictions.map(({ values, forces }) => [values, [...forces!]])));
  }
  expect(bitsOf.size).toBe(1);
});
