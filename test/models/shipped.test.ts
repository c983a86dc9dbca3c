// The models in models/ load, and have the errors that their cards say.
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readNpz } from '../../src/formats/index.ts';
import type { EGNN, Engine } from '../../src/index.ts';
import { loadModel } from '../../src/models/index.ts';
import { prepareInputs, selectTrajectories } from '../../src/tasks/nbody-inputs.ts';
import { batchTensors } from '../../src/train/index.ts';
import { engines } from '../support/engines.ts';

const MODELS = new URL('../../models/', import.meta.url);
const NBODY = new URL('../../../shared/data/nbody/nbody_small_seed43.npz', import.meta.url);
const TEST = { first: 12_000, count: 2_000 };

let engine: Engine;
beforeAll(async () => {
  engine = await engines.at(-1)!.start();
});
afterAll(() => engine.close());

it('nbody predicts from plain arrays', async () => {
  const model = await loadModel(new URL('nbody', MODELS).pathname, { engine });
  const [C, V] = [0, 1].map((k) => Array.from({ length: 5 }, (_, i) => [i + k, (i * i) % 3, -i]));
  const X = V.map((v) => [Math.hypot(...v)]);
  const A = C.flatMap((x, i) =>
    C.flatMap((y, j) =>
      i === j ? [] : [[(-1) ** (i + j), x.reduce((sum, v, k) => sum + (v - y[k]) ** 2, 0)]],
    ),
  );
  const { x, h } = await model.predictGraph({ X, C, V, A });
  expect(h).toBeUndefined();
  expect(x).toHaveLength(15);
  expect(x.every(Number.isFinite)).toBe(true);
});

it.skipIf(!existsSync(NBODY))(
  'nbody has the test error of its card (skipped without ../shared)',
  async () => {
    const card = readFileSync(new URL('nbody/README.md', MODELS), 'utf8');
    const said = Number(/this model, .* \| (\S+) \|/.exec(card)![1]);
    const arrays = readNpz(readFileSync(NBODY));
    const part = (name: string, width: number) =>
      (arrays[name].data as Float32Array).slice(TEST.first * width, (TEST.first + TEST.count) * width);
    const inputs = prepareInputs({
      count: TEST.count,
      positions: part('loc30', 15),
      velocities: part('vel30', 15),
      targets: part('loc40', 15),
      charges: Int8Array.from(part('charges', 5)),
    });
    const model = (await loadModel(new URL('nbody', MODELS).pathname, { engine })).network as EGNN;
    const all = Int32Array.from({ length: TEST.count }, (_, k) => k);
    const predicted = await engine.step(() =>
      engine.withoutGradient(() => {
        const { graph, inputs: tensors } = batchTensors(engine, selectTrajectories(inputs, all));
        const { x, velocity, speed, pairAttributes } = tensors;
        return model.forward({ graph, h: speed, x, velocity, edgeAttributes: pairAttributes }).x!.read();
      }),
    );
    let error = 0;
    for (const [k, value] of predicted.entries())
      error += (value - inputs.targets[k]) ** 2 / predicted.length;
    // The rebuilt trajectories differ in a few that are chaotic.
    expect(Math.abs(error - said)).toBeLessThan(0.05 * said);
  },
);
