// What the Molecules view computes: attention and shares held against formulas written out by hand, conformers, lists.
import { EGNN, type Engine, Graph, startEngine } from 'egnn';
import { atomFeatures, buildNetwork, LoadedModel, type ModelConfig, packModel } from 'egnn/models';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guessBonds } from '../../web/src/views/molecules/bonds.ts';
import * as compute from '../../web/src/views/molecules/compute.ts';
import { atomShares } from '../../web/src/views/molecules/contributions.ts';
import { explainMolecule } from '../../web/src/views/molecules/explain.ts';
import { gaussLegendre } from '../../web/src/views/molecules/gauss-legendre.ts';
import { moleculeOfFile, moleculeOfSmiles } from '../../web/src/views/molecules/read-molecule.ts';
import type { BatchRow } from '../../web/src/views/molecules/types.ts';
import { computeContext } from './compute-context.ts';
import { moleculeConfig } from './molecule-model.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine({ backend: 'reference' });
});
afterAll(() => engine.close());

const context = (progress?: (value: unknown) => void) => computeContext(engine, progress);

async function modelOf(config: ModelConfig): Promise<LoadedModel> {
  const state = await buildNetwork(engine, config.network).stateDict();
  return new LoadedModel(engine, { config, state });
}

const ethanol = () => moleculeOfSmiles('CCO', 0);

describe('Gauss-Legendre quadrature', () => {
  it('is exact up to degree 2 n - 1', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 24 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, part) => {
        const degree = Math.floor(part * (2 * n - 1));
        const { points, weights } = gaussLegendre(n);
        const integral = points.reduce((sum, point, k) => sum + weights[k] * point ** degree, 0);
        expect(integral).toBeCloseTo(1 / (degree + 1), 12);
      }),
    );
  });
});

describe('attention', () => {
  const silu = (z: number) => z / (1 + Math.exp(-z));

  it('is the sigmoid of the message, written out, also with a distance at the input and Fourier features', async () => {
    const network = {
      ...moleculeConfig.network,
      updateCoordinates: true,
      inputDistance: true,
      fourierFeatures: 2,
      coordinateWeight: 50,
    } as ModelConfig['network'];
    const config: ModelConfig = { ...moleculeConfig, network };
    const model = await modelOf(config);
    const { numbers, positions } = await ethanol();
    const count = numbers.length;
    const state = await model.network.stateDict();
    for (const layer of [0, 1]) {
      const { gates } = await explainMolecule(model, { numbers, positions }, layer);
      const { h, x } = await statesOf(model.network as EGNN, config, numbers, positions, layer);
      const apply = (input: number[], name: string) => {
        const { shape, data } = state[`gcl_${layer}.${name}.weight`];
        const bias = state[`gcl_${layer}.${name}.bias`].data;
        return Array.from({ length: shape[0] }, (_, row) =>
          input.reduce((sum, value, k) => sum + value * data[row * shape[1] + k], bias[row]),
        );
      };
      const squared = (c: ArrayLike<number>, i: number, j: number) =>
        [0, 1, 2].reduce((sum, k) => sum + (c[3 * i + k] - c[3 * j + k]) ** 2, 0);
      const width = h.length / count;
      const row = (i: number) => Array.from({ length: width }, (_, k) => h[i * width + k]);
      for (let i = 0; i < count; i++)
        for (let j = 0; j < count; j++) {
          if (i === j) {
            expect(gates![i * count + j]).toBe(0);
            continue;
          }
          const d = squared(x, i, j);
          const pair = [...row(i), ...row(j), d, Math.sin(d), Math.sin(d / 2), Math.cos(d), Math.cos(d / 2)];
          const message = apply(
            apply([...pair, squared(positions, i, j)], 'edge_mlp.0').map(silu),
            'edge_mlp.2',
          ).map(silu);
          const [z] = apply(message, 'att_mlp.0');
          expect(gates![i * count + j]).toBeCloseTo(1 / (1 + Math.exp(-z)), 6);
        }
    }
  });

  it('is absent from a model without', async () => {
    const network = { ...moleculeConfig.network, attention: false } as ModelConfig['network'];
    const model = await modelOf({ ...moleculeConfig, network });
    expect((await explainMolecule(model, await ethanol(), 0)).gates).toBeUndefined();
  });

  /** What flows into a layer: the output of a network that ends before it. */
  async function statesOf(
    network: EGNN,
    config: ModelConfig,
    numbers: Uint8Array,
    positions: Float64Array,
    layer: number,
  ) {
    const features = atomFeatures(numbers, config.atoms!);
    const graph = Graph.complete(numbers.length);
    const [h, x] = await engine.step(() => {
      const { nodes } = engine.graph(graph);
      let states: Promise<ArrayLike<number>[]> | undefined;
      network.forward(
        {
          graph,
          h: engine.tensor(features, nodes, network.config.inputFeatures),
          x: engine.tensor(positions, nodes, 3),
        },
        (position, state) => {
          if (position === layer) states = Promise.all([state.h.read(), state.x.read()]);
        },
      );
      return states!;
    });
    return { h, x };
  }
});

describe('contributions of atoms', () => {
  it('add up to the prediction, with what the network says of no atoms', async () => {
    for (const pooling of ['sum', 'mean'] as const) {
      const network = {
        ...moleculeConfig.network,
        readout: { outputs: 2, pooling },
      } as ModelConfig['network'];
      const model = await modelOf({ ...moleculeConfig, network });
      const { numbers, positions } = await ethanol();
      const { values, shares, rest } = await explainMolecule(model, { numbers, positions }, 0);
      // Away from the network that was explained: f(0) by hand.
      const state = await model.network.stateDict();
      const silu = (z: number) => z / (1 + Math.exp(-z));
      const hidden = Array.from(state['graph_dec.0.bias'].data, silu);
      for (const [k, { mean, scale }] of model.outputs.entries()) {
        const empty = hidden.reduce(
          (sum, value, c) => sum + value * state['graph_dec.2.weight'].data[k * hidden.length + c],
          state['graph_dec.2.bias'].data[k],
        );
        expect(rest[k]).toBeCloseTo(mean + scale * empty, 9);
        const own = shares.subarray(k * numbers.length, (k + 1) * numbers.length);
        expect(own.reduce((a, b) => a + b, rest[k])).toBeCloseTo(values[k], 9);
        expect(Math.max(...own) - Math.min(...own)).toBeGreaterThan(1e-6);
      }
    }
  });

  it('are the exact terms where the readout is linear', async () => {
    const network = new EGNN(engine, {
      inputFeatures: 2,
      hiddenFeatures: 4,
      layers: 1,
      activation: 'identity',
      readout: { outputs: 1 },
      seed: 3,
    });
    const h = Float64Array.from({ length: 12 }, (_, k) => Math.sin(k));
    const { shares, empty } = await atomShares(network, h, 3);
    for (const left of [0, 1, 2]) {
      const others = [0, 1, 2].filter((i) => i !== left).flatMap((i) => [...h.subarray(4 * i, 4 * i + 4)]);
      const without = await atomShares(network, others, 2);
      const total = (of: Float64Array) => of.reduce((a, b) => a + b, 0);
      expect(shares[left]).toBeCloseTo(total(shares) - total(without.shares), 12);
      expect(without.empty[0]).toBeCloseTo(empty[0], 12);
    }
  });

  it('leave no gradients in the weights', async () => {
    const model = await modelOf(moleculeConfig);
    await explainMolecule(model, await ethanol(), 0);
    const gradients = await engine.backend.read(model.network.parameters.gradients);
    expect(gradients.every((value) => value === 0)).toBe(true);
  });
});

describe('molecules', () => {
  it('of SMILES are those of the library, with their bonds', async () => {
    const molecule = await ethanol();
    expect([...molecule.numbers].sort()).toEqual([1, 1, 1, 1, 1, 1, 6, 6, 8]);
    expect(molecule.bonds.length).toBe(2 * 8);
    expect(molecule.guessedBonds).toBe(false);
    expect([...(await ethanol()).positions]).toEqual([...molecule.positions]);
  });

  it('bonds guessed from the distances are those of the SMILES', async () => {
    for (const smiles of ['CCO', 'c1ccccc1', 'CC(=O)N', 'FC#N', 'CS(=O)(=O)Cl', 'C1CC1']) {
      const { numbers, positions, bonds } = await moleculeOfSmiles(smiles, 0);
      const key = (pairs: Uint32Array) =>
        Array.from({ length: pairs.length / 2 }, (_, b) =>
          [pairs[2 * b], pairs[2 * b + 1]].sort((i, j) => i - j).join('-'),
        ).sort();
      expect(key(guessBonds(numbers, positions)), smiles).toEqual(key(bonds));
    }
  });

  it('of files: the first one, and how many there are', async () => {
    const frame = '3\nwater\nO 0 0 0\nH 0.96 0 0\nH -0.24 0.93 0\n';
    const bytes = new TextEncoder().encode(frame + frame);
    const molecule = await moleculeOfFile('two.xyz', bytes);
    expect(molecule).toMatchObject({ name: 'water', others: 1, guessedBonds: true });
    expect([...molecule.bonds]).toEqual([0, 1, 0, 2]);
    await expect(moleculeOfFile('a.xyz', new TextEncoder().encode('1\n\nO 0 zero 0\n'))).rejects.toThrow(
      /a\.xyz, line 3.*"zero"/,
    );
    await expect(moleculeOfFile('a.doc', bytes)).rejects.toThrow(/\.xyz/);
    const many = `301\nmany\n${'C 0 0 0\n'.repeat(301)}`;
    await expect(moleculeOfFile('many.xyz', new TextEncoder().encode(many))).rejects.toThrow(/at most 300/);
  });
});

describe('the functions of the worker', () => {
  const open = async (config: ModelConfig = moleculeConfig) => {
    const state = await buildNetwork(engine, config.network).stateDict();
    return compute.openModel({ weights: packModel({ config, state }) }, context());
  };

  it('say what a model is', async () => {
    expect(await open()).toMatchObject({ layers: 2, attention: true, elements: ['H', 'C', 'N', 'O', 'F'] });
  });

  it('refuse what is no model of molecules', async () => {
    const { atoms: _, outputs: __, ...rest } = moleculeConfig;
    await expect(open({ ...rest } as ModelConfig)).rejects.toThrow(/`atoms` and a `readout`/);
    await expect(compute.openModel({ weights: new Uint8Array(3) }, context())).rejects.toThrow();
    const network = moleculeConfig.network;
    const state = await buildNetwork(engine, network).stateDict();
    const weights = packModel({ config: moleculeConfig, state });
    await expect(compute.openModel({ weights, config: '{' }, context())).rejects.toThrow(/no JSON/);
  });

  it('name the atom that the model does not know', async () => {
    await open();
    const { numbers, positions } = await moleculeOfSmiles('CCBr', 0);
    await expect(compute.predict({ numbers, positions })).rejects.toThrow(
      'atom 3 is Br; the model knows H, C, N, O, F',
    );
  });

  it('predict a list, a row for each line, wrong ones with what is wrong', async () => {
    await open();
    const rows: BatchRow[] = [];
    const text = 'CCO ethanol\n\nC1CC\nCCBr\nO water, pure\n';
    const count = await compute.predictBatch(
      { text },
      context((row) => rows.push(row as BatchRow)),
    );
    expect(count).toBe(4);
    expect(rows.map(({ line, smiles, name }) => [line, smiles, name])).toEqual([
      [1, 'CCO', 'ethanol'],
      [3, 'C1CC', ''],
      [4, 'CCBr', ''],
      [5, 'O', 'water, pure'],
    ]);
    const { numbers, positions } = await ethanol();
    expect(rows[0].values).toEqual((await compute.predict({ numbers, positions })).values);
    expect(rows[0].atoms).toBe(9);
    expect(rows[1].error).toMatch(/^(?!SMILES)/);
    expect(rows[1].error!.length).toBeGreaterThan(3);
    expect(rows[2].error).toMatch(/^atom 3 is Br; the model knows/);
    expect(rows[3].error).toBeUndefined();
  });

  it('predict a CSV table', async () => {
    await open();
    const rows: BatchRow[] = [];
    await compute.predictBatch(
      { text: 'name,smiles\nmethane,C\n' },
      context((row) => rows.push(row as BatchRow)),
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ line: 2, name: 'methane', smiles: 'C', atoms: 5 });
  });

  it('stop a list that nobody waits for', async () => {
    await open();
    const controller = new AbortController();
    const rows: unknown[] = [];
    const work = compute.predictBatch(
      { text: 'C\nC\nC\n' },
      {
        ...context((row) => {
          rows.push(row);
          controller.abort();
        }),
        signal: controller.signal,
      },
    );
    await expect(work).rejects.toThrow();
    expect(rows).toHaveLength(1);
  });
});
