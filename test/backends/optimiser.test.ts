// What optimisers are made of, on every engine: Adam's step, averages of weights and the gradients' norm.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AdamSettings } from '../../src/backends/backend.ts';
import { createReferenceBackend } from '../../src/backends/reference/reference.ts';
import { Engine } from '../../src/tensor/engine.ts';
import { engines } from '../support/engines.ts';
import { expectClose } from '../support/operation-case.ts';
import { Draw } from '../support/random.ts';

const settings: AdamSettings = {
  stepSize: 0.01,
  secondMomentScale: 1.3,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  l2: 0,
  decay: 0,
  gradientScale: 1,
};

/** Three steps with fresh gradients each; all that an optimiser keeps afterwards. */
async function threeSteps({ backend }: Engine, size: number, settings: AdamSettings) {
  const draw = new Draw(size);
  const one = backend.rows(1);
  const [parameters, first, second, average] = [0, 1, 2, 3].map(() => backend.persistent(one, size));
  const gradients = backend.accumulator(one, size, 'persistent');
  backend.write(parameters, draw.normal(size));
  const norms: number[] = [];
  for (let step = 0; step < 3; step++) {
    backend.reset();
    const given = backend.scratch(one, size);
    backend.write(given, draw.normal(size));
    backend.affine(given, gradients, 1, 0, true);
    const norm = backend.scratch(one, 1);
    backend.sumOfSquares(gradients, norm);
    norms.push((await backend.read(norm))[0]);
    backend.adam(parameters, gradients, first, second, settings);
    backend.fill(gradients, 0);
    backend.averageWeights(average, parameters, 0.7);
  }
  const [p, m, v, a] = await Promise.all(
    [parameters, first, second, average].map((matrix) => backend.read(matrix)),
  );
  return { p, m, v, a, norms };
}

describe.each(engines)('optimisers on $name', (under) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await under.start();
  });
  afterAll(() => engine.close());

  test.each([
    ['Adam', {}],
    ['Adam with weight decay', { l2: 0.1 }],
    ['AdamW', { decay: 0.05 }],
    ['clipped gradients', { gradientScale: 0.25 }],
    ['all of it', { l2: 0.1, decay: 0.05, gradientScale: 0.25, epsilon: 0.1 }],
  ])('%s: three steps over sizes around the tiles', async (_, change) => {
    for (const size of [1, 7, 64, 131, 17_003]) {
      const ours = await threeSteps(engine, size, { ...settings, ...change });
      const theirs = await threeSteps(new Engine(createReferenceBackend()), size, { ...settings, ...change });
      for (const name of ['p', 'm', 'v', 'a', 'norms'] as const)
        expectClose(ours[name], theirs[name], under.tolerance, `${name} of ${size}`);
    }
  });

  test('one step of Adam is its formula', async () => {
    const { backend } = engine;
    const one = backend.rows(1);
    const [p, g, m, v] = [0, 1, 2, 3].map(() => backend.persistent(one, 2));
    backend.write(p, [1, -2]);
    backend.write(g, [0.5, -4]);
    backend.adam(p, g, m, v, {
      ...settings,
      stepSize: 0.1 / (1 - 0.9),
      secondMomentScale: 1 / Math.sqrt(1 - 0.99),
    });
    // The first step goes by the learning rate, whatever the gradient's size.
    expectClose(await backend.read(p), [0.9, -1.9], 1e-6, 'parameters');
    expectClose(await backend.read(m), [0.05, -0.4], 1e-6, 'first moment');
    expectClose(await backend.read(v), [0.0025, 0.16], 1e-6, 'second moment');
  });

  test('views and reshaped matrices share the memory', async () => {
    const { backend } = engine;
    const matrix = backend.persistent(backend.rows(4), 3);
    backend.write(backend.view(matrix, 1, 2), [1, 2, 3, 4, 5, 6]);
    backend.fill(backend.reshape(matrix, 9, backend.rows(1), 2), 7);
    expect([...(await backend.read(matrix))]).toEqual([0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 7, 0]);
    expect([...(await backend.read(backend.reshape(matrix, 2, backend.rows(5), 2)))]).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 7, 0,
    ]);
  });
});
