// A model with its description: molecules in, named numbers and forces out.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/index.ts';
import { atomFeatures, buildNetwork, LoadedModel, type ModelConfig } from '../../src/models/index.ts';
import { engines } from '../support/engines.ts';
import { Draw } from '../support/random.ts';

const config: ModelConfig = {
  format: 'egnn-model',
  version: 1,
  network: {
    kind: 'egnn',
    inputFeatures: 6,
    hiddenFeatures: 12,
    layers: 2,
    attention: true,
    updateCoordinates: false,
    readout: { outputs: 2 },
    seed: 4,
  },
  edges: 'complete',
  atoms: { elements: ['H', 'C', 'O'], chargePowers: [0, 1], maximumCharge: 9 },
  outputs: [
    { name: 'energy', unit: 'eV', mean: 3, scale: 2, atomReferences: { H: -13.6, O: -2000 } },
    { name: 'dipole', unit: 'D', mean: 0, scale: 1 },
  ],
};

const draw = new Draw(6);
const molecule = (numbers: number[]) => ({ numbers, positions: draw.normal(3 * numbers.length, 1.5) });
const water = molecule([8, 1, 1]);
const methane = molecule([6, 1, 1, 1, 1]);
const atom = molecule([6]);

it('features are one column an element and power', () => {
  const { atoms } = config;
  expect([...atomFeatures([8, 1], atoms!)]).toEqual([0, 0, 0, 0, 1, 8 / 9, 1, 1 / 9, 0, 0, 0, 0]);
  expect(() => atomFeatures([1, 35], atoms!)).toThrow('atom 2 is Br; the model knows H, C, O');
});

describe.each(engines.filter(({ name }) => name === 'reference' || name.endsWith('2 threads')))(
  'a loaded model on $name',
  ({ start, tolerance }) => {
    let engine: Engine;
    let model: LoadedModel;
    beforeAll(async () => {
      engine = await start();
      const state = await buildNetwork(engine, config.network).stateDict();
      model = new LoadedModel(engine, { config, state });
    });
    afterAll(() => engine.close());

    it('predicts in the order of the molecules, whatever their sizes', async () => {
      const together = await model.predictMolecules([water, atom, methane]);
      for (const [k, alone] of [water, atom, methane].entries()) {
        const [{ values }] = await model.predictMolecules([alone]);
        for (const name of ['energy', 'dipole'])
          expect(Math.abs(values[name] - together[k].values[name])).toBeLessThan(10 * tolerance * 2027.2);
      }
      expect(await model.predictMolecules([])).toEqual([]);
    });

    it('adds the scale, the mean and the atoms', async () => {
      const plain = { ...config, outputs: undefined };
      const bare = new LoadedModel(engine, { config: plain, state: await model.network.stateDict() });
      const [{ values: raw }] = await bare.predictMolecules([water]);
      const [{ values }] = await model.predictMolecules([water]);
      expect(values.energy).toBeCloseTo(3 + 2 * raw['output 1'] - 2000 - 2 * 13.6, 3);
      expect(values.dipole).toBeCloseTo(raw['output 2'], 5);
    });

    it('forces are the negative slope of the energy', async () => {
      const [{ forces }, other] = await model.predictMolecules([water, methane], { forces: 'energy' });
      expect(other.forces!.length).toBe(15);
      expect(await model.predictMolecules([atom], { forces: 'energy' })).toMatchObject([
        { forces: new Float64Array(3) },
      ]);
      if (engine.backend.precision === 'float32') return;
      const step = 1e-5;
      for (let k = 0; k < 9; k++) {
        const moved = (by: number) => ({
          ...water,
          positions: Array.from(water.positions, (value, i) => (i === k ? value + by : value)),
        });
        const [{ values: up }, { values: down }] = await model.predictMolecules([moved(step), moved(-step)]);
        expect(forces![k]).toBeCloseTo((down.energy - up.energy) / (2 * step), 4);
      }
    });

    it('leaves no gradients of weights behind', async () => {
      await model.predictMolecules([water], { forces: 'energy' });
      const { gradients } = model.network.parameters;
      engine.backend.combine(gradients);
      expect((await engine.backend.read(gradients)).every((value) => value === 0)).toBe(true);
    });

    it.each([
      [[water, { numbers: [1, 53], positions: [0, 0, 0, 1, 1, 1] }], 'molecule 2: atom 2 is I'],
      [[{ numbers: [1], positions: [0, 0] }], 'molecule 1: 1 atoms have 2 coordinates'],
      [[{ numbers: [], positions: [] }], 'molecule 1: it has no atoms'],
      [[{ numbers: [1], positions: [0, Number.NaN, 0] }], 'molecule 1: atom 1 has the coordinate NaN'],
    ])('names what is wrong with a molecule', async (molecules, message) => {
      await expect(model.predictMolecules(molecules)).rejects.toThrow(message);
    });

    it('forces of an output that it has not are an error', async () => {
      await expect(model.predictMolecules([water], { forces: 'charge' })).rejects.toThrow(
        'the model has no output charge; it has energy, dipole',
      );
    });
  },
);
