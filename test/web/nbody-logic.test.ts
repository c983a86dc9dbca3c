/** @file The logic behind the view N-body: systems and their address, the simulated run, predictions, training, the download. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Engine, MersenneTwister, startEngine } from 'egnn';
import { loadModel } from 'egnn/models';
import { generateOnOneThread, shortRecipes } from 'egnn/nbody';
import {
  array,
  assert,
  boolean,
  constantFrom,
  dictionary,
  double,
  integer,
  property,
  record,
  string,
  tuple,
} from 'fast-check';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareInputs } from '../../src/tasks/nbody-inputs.ts';
import type { ComputeContext } from '../../web/src/compute/context.ts';
import { EXAMPLE_FILE, FOLDER } from '../../web/src/views/nbody/archive.ts';
import { createCamera, frameOf } from '../../web/src/views/nbody/camera.ts';
import * as compute from '../../web/src/views/nbody/compute.ts';
import { placeAt } from '../../web/src/views/nbody/drawing.ts';
import { thinned } from '../../web/src/views/nbody/learning-curve.ts';
import { modelInput } from '../../web/src/views/nbody/model-input.ts';
import { shippedError } from '../../web/src/views/nbody/paper.ts';
import { type PresetName, presets } from '../../web/src/views/nbody/presets.ts';
import {
  DATA_SET_MOMENT,
  errorsOverTime,
  extrapolate,
  MOMENTS_AHEAD,
  MOMENTS_SHOWN,
  observe,
  simulateRun,
} from '../../web/src/views/nbody/run.ts';
import {
  defaults,
  ranges,
  readSettings,
  type Settings,
  sampleChoices,
  writeSettings,
} from '../../web/src/views/nbody/settings.ts';
import {
  chargeChoices,
  departures,
  formatSystem,
  limits,
  parseSystem,
  particlesOf,
  randomSystem,
  systemOf,
} from '../../web/src/views/nbody/system.ts';
import {
  settingsOf,
  type TrainingOutcome,
  type TrainingProgress,
} from '../../web/src/views/nbody/training.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const SHIPPED = fileURLToPath(new URL('../../models/nbody', import.meta.url));

const component = (limit: number) => double({ min: -limit, max: limit, noNaN: true });
const vector = (limit: number) => tuple(component(limit), component(limit), component(limit));
const systems = array(
  record({
    charge: constantFrom(...chargeChoices),
    position: vector(limits.position),
    velocity: vector(limits.velocity),
  }),
  { minLength: limits.particles.min, maxLength: limits.particles.max },
).map(systemOf);

describe('systems', () => {
  it('come back from the address', () => {
    assert(
      property(systems, (system) => {
        expect(parseSystem(formatSystem(system))).toEqual(system);
        expect(systemOf(particlesOf(system))).toEqual(system);
      }),
    );
  });

  it('anything else in the address is none', () => {
    assert(property(string(), (text) => parseSystem(text) === undefined));
    const particle = '1,0,0,0,0.5,0,0';
    for (const wrong of ['0,0,0,0,0,0,0', '1,7,0,0,0,0,0', '1,0,0,0,4,0,0', '1,0,0,0,0,0', '1,,0,0,0,0,0'])
      expect(parseSystem(`${particle};${wrong}`), wrong).toBeUndefined();
    expect(parseSystem(particle)).toBeUndefined();
    expect(parseSystem(Array(11).fill(particle).join(';'))).toBeUndefined();
    expect(parseSystem(`${particle};-2,1,1,1,0,0,0`)?.charges).toEqual([1, -2]);
  });

  it('says what the model has not seen, and nothing of what the data set draws', () => {
    assert(
      property(integer(limits.seed), (seed) => {
        expect(departures(randomSystem(seed))).toEqual([]);
      }),
      { numRuns: 50 },
    );
    const [first, ...others] = particlesOf(randomSystem(1));
    expect(departures(systemOf(others))).toEqual(['4 particles']);
    expect(departures(systemOf([{ ...first, charge: 2 }, ...others]))).toEqual(['charges of 2']);
    expect(departures(systemOf([{ ...first, velocity: [1, 0, 0] }, ...others]))).toHaveLength(1);
  });

  it.each(Object.entries(presets))('preset %s can stand in an address and stays finite', (_, { system }) => {
    expect(parseSystem(formatSystem(system))).toEqual(system);
    expect(simulateRun(system).positions.every(Number.isFinite)).toBe(true);
  });
});

describe('settings', () => {
  const numbers = (range: { min: number; max: number }, step: number) =>
    integer({ min: Math.ceil(range.min / step), max: Math.floor(range.max / step) }).map((k) =>
      Number((k * step).toFixed(2)),
    );
  const all = record({
    preset: constantFrom<Settings['preset'][]>('random', 'own', ...(Object.keys(presets) as PresetName[])),
    seed: integer(limits.seed),
    own: systems,
    noise: numbers(ranges.noise, 0.01),
    moment: integer(ranges.moment),
    yaw: numbers(ranges.yaw, 0.5),
    pitch: numbers(ranges.pitch, 0.5),
    zoom: numbers(ranges.zoom, 0.25),
    model: constantFrom('shipped' as const, 'trained' as const),
    editing: boolean(),
    samples: constantFrom(...sampleChoices),
    epochs: integer(ranges.epochs),
    trainingSeed: integer(limits.seed),
  }).map((settings) => ({ ...settings, own: settings.preset === 'own' ? settings.own : undefined }));

  it('come back from the address', () => {
    assert(
      property(all, (settings) => {
        const address = writeSettings(settings);
        expect(readSettings((name) => address[name])).toEqual(settings);
      }),
    );
  });

  it('nonsense in the address gives the defaults', () => {
    const names = Object.keys(writeSettings(defaults));
    assert(
      property(
        dictionary(constantFrom(...names), constantFrom('x', '-1e9', '', '1.5e99', 'NaN')),
        (address) => {
          expect(readSettings((name) => address[name])).toEqual(defaults);
        },
      ),
    );
  });
});

describe('the picture', () => {
  it('a drag moves what is under the pointer, however the picture is turned', () => {
    const angle = double({ min: -90, max: 90, noNaN: true });
    assert(
      property(
        angle,
        angle,
        double({ min: 0.5, max: 4, noNaN: true }),
        vector(5),
        vector(50),
        (yaw, pitch, zoom, at, by) => {
          const camera = createCamera({ yaw, pitch, zoom }, { centre: [1, 2, 3], radius: 2 }, 640, 400);
          const before = camera.project(...at);
          const [x, y, z] = camera.unproject(by[0], by[1]);
          const after = camera.project(at[0] + x, at[1] + y, at[2] + z);
          expect(after.x - before.x).toBeCloseTo(by[0], 6);
          expect(after.y - before.y).toBeCloseTo(by[1], 6);
          expect(after.depth).toBeCloseTo(before.depth, 6);
          const there = camera.pointAt(before.x, before.y);
          expect(camera.project(...there).x).toBeCloseTo(before.x, 6);
          expect(camera.project(...there).y).toBeCloseTo(before.y, 6);
        },
      ),
    );
  });

  it('has room for nearly all places that were visited', () => {
    assert(
      property(array(vector(100), { minLength: 20, maxLength: 60 }), (points) => {
        const { centre, radius } = frameOf(points.flat());
        const inside = points.filter((point) => Math.hypot(...point.map((x, k) => x - centre[k])) <= radius);
        expect(inside.length).toBeGreaterThanOrEqual(0.93 * (points.length - 1));
      }),
    );
  });

  it('particles between two moments lie between their places', () => {
    const values = [0, 0, 0, 1, 1, 1, 10, 20, 30, 1, 1, 1];
    expect(placeAt(values, 2, 0, 0.25)).toEqual([2.5, 5, 7.5]);
    expect(placeAt(values, 2, 0, 1)).toEqual([10, 20, 30]);
    expect(placeAt(values, 2, 1, 0.5)).toEqual([1, 1, 1]);
  });
});

describe('the learning curve', () => {
  it('is thinned without losing validations or its end', () => {
    const points = Array.from({ length: 101 }, (_, step) => ({
      step,
      loss: step % 10 === 9 ? null : 1,
      validation: step % 10 === 9 ? 1 : null,
      test: null,
    }));
    const kept = thinned(points, 100);
    expect(kept.length).toBeLessThan(70);
    expect(kept.filter(({ validation }) => validation !== null)).toHaveLength(10);
    expect(kept.at(-1)).toBe(points.at(-1));
    expect(thinned(points, 101)).toEqual(points);
  });

  it('the shipped model’s error is that of its card', () => {
    const card = readFileSync(join(SHIPPED, 'README.md'), 'utf8');
    expect(/this model, .* \| (\S+) \|/.exec(card)![1]).toBe(String(shippedError));
  });
});

describe('a run', () => {
  it('has the data set’s first trajectory where the seed is 43', async () => {
    const { positions, velocities, targets, charges } = await generateOnOneThread(1, new MersenneTwister(43));
    const run = simulateRun(randomSystem(43));
    const at = (values: Float32Array, moment: number) => values.slice(moment * 15, (moment + 1) * 15);
    expect(run.charges).toEqual([...charges]);
    expect(at(run.positions, DATA_SET_MOMENT)).toEqual(positions);
    expect(at(run.velocities, DATA_SET_MOMENT)).toEqual(velocities);
    expect(at(run.positions, DATA_SET_MOMENT + MOMENTS_AHEAD)).toEqual(targets);
    const { X, A } = modelInput(observe(run, 0, 1), [DATA_SET_MOMENT]);
    const inputs = prepareInputs({ count: 1, positions, velocities, targets, charges });
    expect(Float32Array.from(X as Float64Array)).toEqual(inputs.speeds);
    for (const [k, value] of inputs.pairAttributes.entries())
      expect((A as Float64Array)[k]).toBeCloseTo(value, 4);
  });

  it('conserves momentum, and two opposite charges stay on their circle', () => {
    const { positions, velocities } = simulateRun(presets.orbit.system);
    for (let at = 0; at < positions.length; at += 6) {
      expect(Math.hypot(...positions.subarray(at, at + 3))).toBeCloseTo(1, 2);
      for (let k = 0; k < 3; k++) expect(velocities[at + k] + velocities[at + 3 + k]).toBeCloseTo(0, 5);
    }
  });

  it('errors are mean squares against 1,000 steps later', () => {
    const run = simulateRun(randomSystem(7));
    assert(
      property(component(2), (shift) => {
        const predicted = run.positions.slice(MOMENTS_AHEAD * 15).map((x) => x + shift);
        const errors = errorsOverTime(predicted, run);
        expect(errors).toHaveLength(MOMENTS_SHOWN);
        for (const error of errors) expect(error).toBeCloseTo(shift ** 2, 5);
      }),
      { numRuns: 20 },
    );
  });

  it('extrapolates along straight lines', () => {
    const observed = observe(simulateRun(randomSystem(3)), 0, 0);
    for (const [k, x] of extrapolate(observed).entries())
      expect(x).toBeCloseTo(observed.positions[k] + observed.velocities[k], 5);
  });

  it('noise is what it says, the same at all moments, and absent at 0', () => {
    const run = simulateRun(randomSystem(3));
    const exact = observe(run, 0, 1);
    expect(exact.positions).toEqual(run.positions.slice(0, exact.positions.length));
    const errors = Array.from({ length: 200 }, (_, seed) => {
      const { positions, velocities } = observe(run, 0.1, seed);
      const error = (moment: number) =>
        [0, 1, 2].map((k) => positions[15 * moment + k] - exact.positions[15 * moment + k]);
      for (const [k, value] of error(400).entries()) expect(value).toBeCloseTo(error(0)[k], 4);
      return [...error(0), velocities[0] - exact.velocities[0]];
    }).flat();
    const meanSquare = errors.reduce((sum, e) => sum + e * e, 0) / errors.length;
    expect(Math.sqrt(meanSquare)).toBeGreaterThan(0.09);
    expect(Math.sqrt(meanSquare)).toBeLessThan(0.11);
  });
});

describe('in the worker', () => {
  let engine: Engine;
  let folder: string;
  beforeAll(async () => {
    engine = await startEngine();
    folder = mkdtempSync(join(tmpdir(), 'egnn-nbody-'));
  });
  afterAll(() => {
    engine.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const contextWith = (onProgress: (progress: TrainingProgress) => void = () => {}) => {
    const controller = new AbortController();
    const context: ComputeContext = {
      engine: async () => engine,
      progress: (value) => onProgress(value as TrainingProgress),
      signal: controller.signal,
      pause: () => new Promise((resolve) => setTimeout(resolve)),
    };
    return { context, controller };
  };
  const request = { samples: 300, seed: 5, epochs: 200 };

  it('the shipped model beats straight lines on systems as the data set draws them', async () => {
    const { context } = contextWith();
    const observations = observe(simulateRun(randomSystem(1)), 0, 0);
    await expect(compute.predict({ observations, model: 'shipped' }, context)).rejects.toThrow(
      'not been loaded',
    );
    await compute.loadShipped(readFileSync(join(SHIPPED, 'model.safetensors')), context);
    let [model, linear] = [0, 0];
    for (let seed = 100; seed < 120; seed++) {
      const run = compute.simulate(randomSystem(seed));
      const observations = observe(run, 0, 0);
      const predicted = await compute.predict({ observations, model: 'shipped' }, context);
      model += errorsOverTime(predicted, run)[DATA_SET_MOMENT] / 20;
      linear += errorsOverTime(extrapolate(observations), run)[DATA_SET_MOMENT] / 20;
    }
    expect(model).toBeLessThan(0.02);
    expect(model).toBeLessThan(linear / 4);
  });

  it('says which model is missing', async () => {
    const { context } = contextWith();
    const observations = observe(simulateRun(randomSystem(1)), 0, 0);
    await expect(compute.predict({ observations, model: 'trained' }, context)).rejects.toThrow(
      'nothing was trained here yet',
    );
    expect(compute.trainedSummary()).toBeUndefined();
    expect(() => compute.archive({ observations, moment: 0 })).toThrow('nothing was trained here yet');
  });

  it('the settings are the recipe’s, with as many steps between validations whatever the number of trajectories', () => {
    expect(settingsOf({ samples: 3000, seed: 1, epochs: 100 })).toEqual({
      ...shortRecipes.egnn,
      trajectories: [3000, 2000, 2000],
    });
    const { validateEvery, patience, trajectories } = settingsOf({ samples: 300, seed: 1, epochs: 100 });
    expect([validateEvery, patience, trajectories]).toEqual([50, 200, [300, 300, 2000]]);
  });

  let outcome: TrainingOutcome;
  it('trains on simulated data, pauses, predicts meanwhile, goes on, and stops', async () => {
    const told: TrainingProgress[] = [];
    let paused = () => {};
    const pausing = new Promise<void>((resolve) => {
      paused = resolve;
    });
    let validated = () => {};
    const validating = new Promise<void>((resolve) => {
      validated = resolve;
    });
    const { context } = contextWith((progress) => {
      told.push(progress);
      if (progress.phase === 'step' && told.filter(({ phase }) => phase === 'step').length === 1)
        compute.pauseTraining();
      if (progress.phase === 'pause') paused();
      if (progress.phase === 'validation') validated();
    });
    const training = compute.train(request, context);
    await expect(compute.train(request, context)).rejects.toThrow('a training runs already');
    await pausing;
    const before = told.length;
    const run = simulateRun(randomSystem(1));
    const observations = observe(run, 0, 0);
    await compute.predict({ observations, model: 'shipped' }, context);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(told).toHaveLength(before);
    compute.resumeTraining();
    await validating;
    compute.stopTraining();
    outcome = await training;
    expect(outcome.status).toBe('interrupted');
    const phases = told.map(({ phase }) => phase);
    expect(phases[0]).toBe('simulation');
    expect(told.findLast((progress) => progress.phase === 'simulation')).toMatchObject({
      done: 2600,
      total: 2600,
    });
    expect(phases.indexOf('pause')).toBe(phases.indexOf('step') + 1);
    const validations = told.filter((progress) => progress.phase === 'validation');
    expect(validations[0].best).toBe(true);
    const summary = compute.trainedSummary()!;
    expect(summary).toMatchObject({ ...request, test: validations.findLast(({ best }) => best)!.test });
    expect(summary.step).toBeLessThanOrEqual(outcome.step);
  });

  it('stops in a pause, and while it simulates', async () => {
    const stops = (phase: TrainingProgress['phase'], before: () => void = () => {}) => {
      const { context } = contextWith((progress) => {
        if (progress.phase === phase) compute.stopTraining();
        else if (progress.phase === 'step') before();
      });
      return compute.train(request, context);
    };
    expect((await stops('pause', compute.pauseTraining)).status).toBe('interrupted');
    await expect(stops('simulation')).rejects.toThrow('the training was stopped');
    expect(compute.trainedSummary()).toBeDefined();
  });

  it('ends when the view is left', async () => {
    const { context, controller } = contextWith(({ phase }) => {
      if (phase === 'step') controller.abort(new Error('left'));
    });
    expect((await compute.train(request, context)).status).toBe('interrupted');
  });

  it('the download is a model folder, which predicts what the page shows', async () => {
    const { context } = contextWith();
    const observations = observe(simulateRun(randomSystem(8)), 0, 0);
    const predicted = await compute.predict({ observations, model: 'trained' }, context);
    const size = 15;
    const expected = predicted.slice(DATA_SET_MOMENT * size, (DATA_SET_MOMENT + 1) * size);
    const files = unzipSync(compute.archive({ observations, moment: DATA_SET_MOMENT }));
    expect(Object.keys(files).sort()).toEqual(
      ['README.md', 'config.json', EXAMPLE_FILE, 'model.safetensors'].map((name) => `${FOLDER}/${name}`),
    );
    for (const [name, bytes] of Object.entries(files)) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes);
    }
    const example = JSON.parse(new TextDecoder().decode(files[`${FOLDER}/${EXAMPLE_FILE}`]));
    const loaded = await loadModel(join(folder, FOLDER), { engine });
    const { x } = await loaded.predictGraph(example);
    for (const [k, value] of expected.entries()) expect(x[k]).toBeCloseTo(value, 4);
    const card = new TextDecoder().decode(files[`${FOLDER}/README.md`]);
    expect(card).toContain(compute.trainedSummary()!.test.toPrecision(4));
    expect(card).not.toContain('not known');
  });

  it.skipIf(!existsSync(MAIN))('and the commands take it (skipped without dist/)', async () => {
    const model = join(folder, FOLDER);
    const command = (...options: string[]) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...options], {
        encoding: 'utf8',
      });
      expect(status, stderr).toBe(0);
      return stdout;
    };
    const line = JSON.parse(command('predict', model, join(model, EXAMPLE_FILE), '--to', 'jsonl'));
    const example = JSON.parse(readFileSync(join(model, EXAMPLE_FILE), 'utf8'));
    const { x } = await (await loadModel(model, { engine })).predictGraph(example);
    expect(line.name).toBe('5 particles');
    for (const [k, value] of (line.x as number[][]).flat().entries()) expect(value).toBeCloseTo(x[k], 4);
    const onnx = join(folder, 'model.onnx');
    command('export', model, '--to', 'onnx', '--out', onnx);
    expect(readFileSync(onnx).length).toBeGreaterThan(500_000);
  });
});
