// Trained models of other people, read from their own files, give what their own code gives.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findStateDicts, readNpz, readPickle, readPyTorch } from '../../src/formats/index.ts';
import { EGNN, Graph, vectorField } from '../../src/index.ts';
import {
  importWeights,
  LoadedModel,
  packModel,
  trainingArguments,
  unpackModel,
  type Weights,
} from '../../src/models/index.ts';
import { engines, reference } from '../support/engines.ts';

const DATA = new URL('../../../shared/data/', import.meta.url);
const missing = !existsSync(DATA);
const file = (path: string) => new Uint8Array(readFileSync(new URL(path, DATA)));
const weightsOf = (path: string) =>
  findStateDicts(readPyTorch(file(`checkpoints/${path}`)))[0].tensors as Weights;

const wasm = engines.find(({ name }) => name.startsWith('wasm') && name.endsWith('2 threads'))!;

describe.skipIf(missing)('trained models (skipped without ../shared)', () => {
  const dipole = () =>
    importWeights(weightsOf('mdm_mu/best_checkpoint.pt'), {
      describe: {
        atoms: { elements: ['H', 'C', 'N', 'O', 'F'], chargePowers: [0], maximumCharge: 9 },
        outputs: [{ name: 'mu', unit: 'D', mean: 2.6753, scale: 1.1772 }],
      },
    });

  it.each([
    // The outputs to compare with were computed in float32: PyTorch in float64 is up to 1.8e-6 off them too.
    { ...reference, within: 2e-6, count: 40 },
    { ...wasm, within: 1e-4, count: 1000 },
  ])('MDM: dipoles of QM9 molecules on $name', { timeout: 120_000 }, async ({ start, within, count }) => {
    const engine = await start();
    const imported = dipole();
    expect([imported.architecture, imported.unused]).toEqual(['egnn-qm9', []]);
    // There and back through a file of our own.
    const model = new LoadedModel(engine, unpackModel(packModel(imported)));
    const { rows, raw_output: raw } = readNpz(file('checkpoints/mdm_mu/reference_outputs.npz'));
    const { num_atoms: sizes, charges, positions } = readNpz(file('qm9/qm9_test.npz'));
    const chosen = Array.from(rows.data as ArrayLike<number | bigint>, Number).slice(0, count);
    const molecules = chosen.map((row) => {
      const size = Number(sizes.data[row]);
      const at = row * charges.shape[1];
      return {
        numbers: Array.from((charges.data as BigInt64Array).subarray(at, at + size), Number),
        positions: (positions.data as Float32Array).subarray(3 * at, 3 * (at + size)),
      };
    });
    const predictions = await model.predictMolecules(molecules);
    const off = predictions.map(({ values }, k) =>
      Math.abs((values.mu - 2.6753) / 1.1772 - Number(raw.data[k])),
    );
    expect(Math.max(...off)).toBeLessThan(within);
    if (engine.backend.precision === 'float64')
      expect(off.filter((value) => value < 1e-6).length).toBeGreaterThan(0.9 * count);
    engine.close();
  });

  it.each([
    { ...reference, type: 'f64', within: 1e-8 },
    { ...wasm, type: 'f32', within: 1e-4 },
  ])('EDM: the dynamics at t = 0.3 on $name', async ({ start, type, within }) => {
    const engine = await start();
    const imported = importWeights(weightsOf('edm_small/generative_model_ema.pt'), {
      trained: trainingArguments(readPickle(file('checkpoints/edm_small/args.pickle'))),
    });
    expect(imported.architecture).toBe('edm');
    expect(imported.unused).toEqual(['buffer', 'gamma.gamma']);
    // All but the activation stands in the arguments.
    expect(imported.assumed.map(({ option }) => option)).toEqual(['activation']);
    const model = new LoadedModel(engine, imported).network as EGNN;
    const arrays = readNpz(file('checkpoints/edm_small/reference_dynamics_t0.3.npz'));
    const cases = Object.keys(arrays).filter((name) => name.startsWith('in_') && name.endsWith(type));
    expect(cases.length).toBe(10);
    for (const name of cases) {
      const input = arrays[name].data as Float64Array;
      const expected = arrays[name.replace('in_', 'out_')].data as Float64Array;
      const [count, width] = arrays[name].shape;
      const columns = (first: number, last: number) =>
        Array.from({ length: count }, (_, i) => [
          ...input.subarray(i * width + first, i * width + last),
        ]).flat();
      const graph = Graph.complete(count);
      const [velocity, features] = await engine.step(() => {
        const { nodes } = engine.graph(graph);
        const field = engine.withoutGradient(() =>
          vectorField(model, {
            graph,
            x: engine.tensor(columns(0, 3), nodes, 3),
            h: engine.tensor(columns(3, width), nodes, width - 3),
            time: engine.tensor(new Float64Array(count).fill(0.3), nodes, 1),
          }),
        );
        return Promise.all([field.velocity.read(), field.h.read()]);
      });
      for (let i = 0; i < count; i++)
        for (let k = 0; k < width; k++) {
          const ours = k < 3 ? velocity[3 * i + k] : features[(width - 3) * i + k - 3];
          expect(Math.abs(ours - expected[i * width + k]), `${name} [${i}, ${k}]`).toBeLessThan(within);
        }
    }
    engine.close();
  });

  it('E(n) flow: the network is found inside of the flow, and is an equivariant field', async () => {
    const engine = await reference.start();
    const imported = importWeights(weightsOf('en_flows/flow.pt'), {
      trained: trainingArguments(readPickle(file('checkpoints/en_flows/args.pickle'))),
    });
    expect([imported.architecture, imported.prefix]).toEqual([
      'en-flow',
      'transformations.1.odefunc.dynamics.egnn.',
    ]);
    expect(imported.config.network).toMatchObject({
      layers: 6,
      hiddenFeatures: 64,
      tanh: 2.5,
      attention: true,
    });
    expect(imported.config.vectorField).toEqual({ time: true, context: 0 });
    const model = new LoadedModel(engine, imported).network;
    expect(model).toBeInstanceOf(EGNN);
    engine.close();
  });
});
