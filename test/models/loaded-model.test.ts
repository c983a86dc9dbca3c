// A model with its description: molecules in, named numbers and forces out.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, Graph } from '../../src/index.ts';
import { atomicNumbers } from '../../src/models/atoms.ts';
import { atomFeatures, buildNetwork, LoadedModel, type ModelConfig } from '../../src/models/index.ts';
import type { EGNN } from '../../src/nn/egnn.ts';
import { engines, reference } from '../support/engines.ts';
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

it('the atoms that features are of', () => {
  const { atoms } = config;
  const numbers = [8, 1, 6, 1];
  const features = atomFeatures(numbers, atoms!);
  expect(
    atomicNumbers(
      features.map((value) => Number(value.toFixed(6))),
      atoms!,
    ),
  ).toEqual(numbers);
  features[7] += 0.1;
  expect(() => atomicNumbers(features, atoms!)).toThrow('X[1] is no atom of H, C, O');
});

/** A number a graph, of graphs that are no molecules. */
const networkOfGraphs = {
  kind: 'egnn',
  inputFeatures: 2,
  edgeFeatures: 1,
  hiddenFeatures: 12,
  layers: 2,
  updateCoordinates: false,
  readout: { outputs: 2 },
  seed: 5,
} as const;
const graphs: ModelConfig = {
  format: 'egnn-model',
  version: 1,
  network: networkOfGraphs,
  edges: 'complete',
  outputs: [
    { name: 'energy', unit: 'eV', mean: 3, scale: 2000 },
    { name: 'strain', mean: 0, scale: 1 },
  ],
};
const ring = (n: number) => {
  const nodes = Array.from({ length: n }, (_, i) => i);
  return {
    X: nodes.map(() => draw.normal(2, 1)),
    C: nodes.map(() => draw.normal(3, 1)),
    E: [nodes, nodes.map((i) => (i + 1) % n)],
    A: nodes.map(() => draw.normal(1, 1)),
  };
};

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

    it('gives the numbers of a graph with their mean and scale, as a forward pass written by hand', async () => {
      const state = await buildNetwork(engine, graphs.network).stateDict();
      const own = new LoadedModel(engine, { config: graphs, state });
      const graph = ring(5);
      const { y, x } = await own.predictGraph(graph);
      expect(x).toHaveLength(15);
      const network = own.network as EGNN;
      const raw = await engine.step(() => {
        const edges = Graph.fromEdges(graph.E, { nodeCount: 5 });
        const handle = engine.graph(edges);
        const a = edges.sortEdgeRows(Float64Array.from(graph.A.flat()), 1);
        const output = engine.withoutGradient(() =>
          network.forward({
            graph: edges,
            h: engine.tensor(
              graph.X.flatMap((row) => [...row]),
              handle.nodes,
              2,
            ),
            x: engine.tensor(
              graph.C.flatMap((row) => [...row]),
              handle.nodes,
              3,
            ),
            edgeAttributes: engine.tensor(a, handle.edges, 1),
          }),
        );
        return output.y!.read();
      });
      expect(y).toEqual(Float64Array.of(3 + 2000 * raw[0], raw[1]));

      const exact = new LoadedModel(await reference.start(), { config: graphs, state });
      const { y: expected } = await exact.predictGraph(graph);
      for (const [k, scale] of [2000, 1].entries())
        expect(Math.abs(y![k] - expected![k]) / scale).toBeLessThan(tolerance);
    });

    it('gives the numbers of a batch of graphs as rows', async () => {
      const own = new LoadedModel(engine, {
        config: graphs,
        state: await buildNetwork(engine, graphs.network).stateDict(),
      });
      const [first, second] = [ring(3), ring(4)];
      const { y } = await own.predictGraph({
        X: [...first.X, ...second.X],
        C: [...first.C, ...second.C],
        E: first.E.map((row, end) => [...row, ...second.E[end].map((node) => node + 3)]),
        A: [...first.A, ...second.A],
        nodeCounts: [3, 4],
      });
      const alone = [await own.predictGraph(first), await own.predictGraph(second)];
      expect(y).toHaveLength(4);
      for (const [k, value] of alone.flatMap((one) => [...one.y!]).entries())
        expect(Math.abs(y![k] - value)).toBeLessThan(2000 * tolerance);
    });

    it('gives a molecule as a graph the values of a molecule', async () => {
      const graphOf = ({ numbers, positions }: typeof water) => ({
        X: atomFeatures(numbers, config.atoms!),
        C: positions,
      });
      const [{ values }, other] = await model.predictMolecules([water, methane]);
      const { y } = await model.predictGraph(graphOf(water));
      for (const [k, name] of ['energy', 'dipole'].entries())
        expect(Math.abs(y![k] - values[name])).toBeLessThan(10 * tolerance * 2027.2);
      const parts = [graphOf(water), graphOf(methane)];
      const together = await model.predictGraph({
        X: parts.flatMap(({ X }) => [...X]),
        C: parts.flatMap(({ C }) => [...C]),
        nodeCounts: [3, 5],
      });
      expect(Math.abs(together.y![2] - other.values.energy)).toBeLessThan(10 * tolerance * 2027.2);
      await expect(model.predictGraph({ X: [[1, 1, 0, 0, 0, 0]], C: [[0, 0, 0]] })).rejects.toThrow(
        'X[0] is no atom of H, C, O',
      );
    });

    it('an output beyond the largest number is an error', async () => {
      const state = await buildNetwork(engine, graphs.network).stateDict();
      const outputs = graphs.outputs!.map((output) => ({ ...output, scale: 1.7e308, mean: 1.7e308 }));
      state['graph_dec.2.bias'].data.fill(10);
      const own = new LoadedModel(engine, { config: { ...graphs, outputs }, state });
      await expect(own.predictGraph(ring(3))).rejects.toThrow(/^energy is Infinity, from/);
    });
  },
);
