// The loop on a small regression: it learns, stops, continues with the same bits, and says where numbers go wrong.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Engine } from '../../src/index.ts';
import {
  EGNN,
  Graph,
  MersenneTwister,
  meanSquaredError,
  rowSums,
  square,
  subtract,
  sum,
} from '../../src/index.ts';
import {
  type Batch,
  type BatchTensors,
  batchTensors,
  constantSchedule,
  cosineSchedule,
  type EpochMetrics,
  NonFiniteError,
  RunFolder,
  type SavedState,
  type Task,
  type TrainingOptions,
  train,
} from '../../src/train/index.ts';
import { engines } from '../support/engines.ts';

const SAMPLES = 30;
const options: TrainingOptions = {
  epochs: 4,
  batchSize: 8,
  learningRate: 0.01,
  schedule: cosineSchedule(),
  seed: 5,
  weightDecay: 1e-3,
  decoupledWeightDecay: true,
  clip: 0.5,
  averageDecay: 0.9,
  validateEvery: 1,
  patience: 0,
};

/** The sum of the squared coordinates of a triangle, from an EGNN's features. */
class TriangleTask implements Task<'h' | 'x'> {
  readonly sampleCount = SAMPLES;
  readonly model: EGNN;
  readonly losses: number[] = [];
  readonly #points = Float64Array.from({ length: SAMPLES * 9 }, random(1));
  readonly #graphs: Graph[] = [];
  /** Whether batches of one size have the same graph, which the loop then plans. */
  sharedGraphs = true;
  /** Called before each batch. */
  disturb: () => void = () => {};
  validationError: () => number | undefined = () => undefined;

  constructor(engine: Engine) {
    this.model = new EGNN(engine, {
      inputFeatures: 1,
      outputFeatures: 1,
      hiddenFeatures: 8,
      layers: 2,
      seed: 2,
    });
  }

  batch(samples: Int32Array): Batch<'h' | 'x'> {
    this.disturb();
    const points = Float64Array.from(
      { length: samples.length * 9 },
      (_, k) => this.#points[samples[Math.floor(k / 9)] * 9 + (k % 9)],
    );
    return {
      graph: this.#graphOf(samples.length),
      inputs: {
        h: { rows: 'nodes', columns: 1, values: new Float64Array(samples.length * 3).fill(1) },
        x: { rows: 'nodes', columns: 3, values: points },
      },
    };
  }

  loss({ graph, inputs: { h, x } }: BatchTensors<'h' | 'x'>) {
    return meanSquaredError(this.model.forward({ graph, h, x }).h!, rowSums(square(x)));
  }

  #graphOf(count: number): Graph {
    if (!this.sharedGraphs) return Graph.complete(new Int32Array(count).fill(3));
    this.#graphs[count] ??= Graph.complete(new Int32Array(count).fill(3));
    return this.#graphs[count];
  }

  async validate(): Promise<number> {
    const { engine } = this.model;
    const all = Int32Array.from({ length: SAMPLES }, (_, k) => k);
    const loss = engine.step(() =>
      engine.withoutGradient(() => this.loss(batchTensors(engine, this.batch(all))).read()),
    );
    return this.validationError() ?? (await loss)[0];
  }
}

function random(seed: number): () => number {
  const twister = new MersenneTwister(seed);
  return () => twister.randn();
}

describe.each(engines)('training on $name', ({ start }) => {
  let engine: Engine;
  let path: string;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.close());
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'egnn-loop-'));
  });
  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(path, { recursive: true, force: true });
  });

  const metricsOf = (folder: RunFolder) =>
    readFileSync(join(folder.path, 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as EpochMetrics)
      .map(({ seconds: _, ...metrics }) => metrics);

  /** Weights and checkpoint of two runs, all but the time that they took. */
  async function expectSameFiles(a: RunFolder, b: RunFolder): Promise<void> {
    for (const name of ['last.safetensors', 'best.safetensors'])
      expect(readFileSync(join(a.path, name)).equals(readFileSync(join(b.path, name))), name).toBe(true);
    const [one, other] = [(await a.readCheckpoint<SavedState>())!, (await b.readCheckpoint<SavedState>())!];
    expect(one.tensors).toEqual(other.tensors);
    expect({ ...one.state, seconds: 0 }).toEqual({ ...other.state, seconds: 0 });
  }

  it('learns, and leaves the best weights in the model and in the folder', async () => {
    const task = new TriangleTask(engine);
    const before = await task.validate();
    const folder = await RunFolder.create(join(path, 'run'), {});
    const epochs = 20;
    const { status, best, step } = await train(task, { ...options, epochs }, { folder });
    expect(status).toBe('finished');
    expect(step).toBe(epochs * 4);
    expect(best!.error).toBeLessThan(before / 2);
    expect(await task.validate()).toBe(best!.error);
    expect(metricsOf(folder).map(({ epoch }) => epoch)).toEqual(
      Array.from({ length: epochs }, (_, k) => k + 1),
    );
    const fresh = new TriangleTask(engine);
    fresh.model.loadStateDict(await folder.readWeights('best'));
    expect(await fresh.validate()).toBe(best!.error);
  });

  it.each([1, 4, 6, 11])('interrupted after %i steps and resumed, ends with the same bits', async (steps) => {
    const whole = await RunFolder.create(join(path, 'whole'), {});
    const expected = await train(new TriangleTask(engine), options, { folder: whole });

    const parts = await RunFolder.create(join(path, 'parts'), {});
    const controller = new AbortController();
    const interrupted = new TriangleTask(engine);
    let losses = 0;
    interrupted.disturb = () => {
      if (engine.recording && ++losses === steps) controller.abort();
    };
    const half = await train(interrupted, options, { folder: parts, signal: controller.signal });
    expect(half.status).toBe('interrupted');
    expect(half.step).toBe(steps);

    const opened = await RunFolder.open(parts.path);
    const found = await train(new TriangleTask(engine), options, { folder: opened, resume: true });
    expect(found.status).toBe('finished');
    expect(found.best).toEqual(expected.best);
    await expectSameFiles(parts, whole);
    expect(metricsOf(parts)).toEqual(metricsOf(whole));
  });

  it('waits for the promise that onStep returns, between two steps, and does not count that time', async () => {
    // A clock that stands still but for pauses, and for what makes every step a turn.
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const task = new TriangleTask(engine);
    let paused = false;
    let steps = 0;
    task.disturb = () => {
      expect(paused).toBe(false);
      if (!engine.recording) return;
      steps++;
      now += 1000;
    };
    const turns: number[] = [];
    const { status, seconds, best } = await train(task, options, {
      events: {
        async onStep({ step }) {
          turns.push(step);
          paused = true;
          await new Promise((resolve) => setTimeout(resolve));
          now += 60_000;
          paused = false;
        },
      },
    });
    vi.restoreAllMocks();
    expect(status).toBe('finished');
    expect(turns).toEqual(Array.from({ length: 16 }, (_, k) => k + 1));
    expect([steps, seconds]).toEqual([16, 16]);
    expect(best).toEqual((await train(new TriangleTask(engine), options)).best);
  });

  it.each([2, 4, 7])(
    'killed after %i steps of long epochs, loses none and ends with the same bits',
    async (steps) => {
      const whole = await RunFolder.create(join(path, 'whole'), {});
      const expected = await train(new TriangleTask(engine), options, { folder: whole });

      const parts = await RunFolder.create(join(path, 'parts'), {});
      const killed = new TriangleTask(engine);
      let losses = 0;
      let minutes = 0;
      killed.disturb = () => {
        if (engine.recording && ++losses > steps) throw new Error('killed');
      };
      vi.spyOn(performance, 'now').mockImplementation(() => 60_000 * minutes++);
      await expect(train(killed, options, { folder: parts })).rejects.toThrow('killed');
      vi.restoreAllMocks();

      const { state } = (await parts.readCheckpoint<SavedState>())!;
      expect([state.step, state.batch]).toEqual([steps, steps % 4]);
      const found = await train(new TriangleTask(engine), options, { folder: parts, resume: true });
      expect(found.best).toEqual(expected.best);
      await expectSameFiles(parts, whole);
      expect(metricsOf(parts)).toEqual(metricsOf(whole));
    },
  );

  it('batches of a graph seen before are planned, which changes no bit', async () => {
    const weights = async (sharedGraphs: boolean) => {
      const task = new TriangleTask(engine);
      task.sharedGraphs = sharedGraphs;
      let passes = 0;
      const loss = task.loss.bind(task);
      task.loss = (batch) => {
        if (engine.recording) passes++;
        return loss(batch);
      };
      await train(task, options);
      return { passes, weights: await task.model.parameters.read() };
    };
    const [planned, stepped] = [await weights(true), await weights(false)];
    // Batches of 8 and of 6: each in a step, then in a plan, which then repeats itself.
    expect([planned.passes, stepped.passes]).toEqual([4, 16]);
    expect(planned.weights).toEqual(stepped.weights);
  });

  it('a loss that is not finite stops it, with step and layer named and the last checkpoint kept', async () => {
    const task = new TriangleTask(engine);
    const folder = await RunFolder.create(join(path, 'run'), {});
    let losses = 0;
    task.disturb = () => {
      if (engine.recording && ++losses === 3)
        [...task.model.parameters]
          .find(({ name }) => name === 'gcl_1.node_mlp.2.bias')!
          .tensor.engine.backend.write(
            [...task.model.parameters].find(({ name }) => name === 'gcl_1.node_mlp.2.bias')!.tensor.matrix,
            new Float64Array(8).fill(Number.NaN),
          );
    };
    const error = await train(task, options, { folder }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(NonFiniteError);
    expect((error as NonFiniteError).step).toBe(3);
    expect((error as NonFiniteError).layer).toBe('gcl_1');
    expect((error as NonFiniteError).message).toMatch(
      /^the loss is NaN at step 3; the first numbers that are not finite come from gcl_1; largest finite values: .*gcl_0 \d.*; try a lower learning rate first/,
    );
    const { tensors } = (await folder.readCheckpoint())!;
    expect(tensors.parameters.every(Number.isFinite)).toBe(true);
  });
});

describe('training', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await engines[0].start();
  });
  afterAll(() => engine.close());

  it.each<[object, string | RegExp]>([
    [{ epochs: undefined }, 'RangeError: epochs must be a positive integer; got undefined'],
    [{ epochs: '3' }, 'RangeError: epochs must be a positive integer; got "3"'],
    [{ epochs: 0 }, 'RangeError: epochs must be a positive integer; got 0'],
    [{ batchSize: 0 }, 'RangeError: batchSize must be a positive integer; got 0'],
    [{ batchSize: undefined }, 'RangeError: batchSize must be a positive integer; got undefined'],
    [{ batchSize: 2.5 }, 'RangeError: batchSize must be a positive integer; got 2.5'],
    [{ learningRate: Number.NaN }, 'RangeError: learningRate must be a finite number of at least 0; got NaN'],
    [{ schedule: undefined }, /^RangeError: schedule must be a function .*; got undefined$/],
    [{ schedule: 'cosine' }, /^RangeError: schedule must be a function .*; got "cosine"$/],
    [
      { schedule: cosineSchedule },
      /^RangeError: schedule must be a function from .* to a number, .*; got the function cosineSchedule$/,
    ],
    [{ seed: -1 }, 'RangeError: seed must be an integer in [0, 2^32); got -1'],
    [{ weightDecay: -1 }, 'RangeError: weightDecay must be a finite number of at least 0; got -1'],
    [{ decoupledWeightDecay: 'no' }, 'RangeError: decoupledWeightDecay must be a boolean; got "no"'],
    [{ clip: -1 }, 'RangeError: clip must be a finite number of at least 0; got -1'],
    [{ clip: undefined }, 'RangeError: clip must be a finite number of at least 0; got undefined'],
    [{ averageDecay: 1 }, 'RangeError: averageDecay must be a number in [0, 1); got 1'],
    [{ validateEvery: 0 }, 'RangeError: validateEvery must be a positive integer; got 0'],
    [{ patience: undefined }, 'RangeError: patience must be 0 or a positive integer; got undefined'],
    [{ epoch: 3 }, /^TypeError: train has no option epoch; it has epochs, batchSize, .*, patience$/],
  ])('with %o says which option is wrong, and touches nothing', async (wrong, message) => {
    const task = new TriangleTask(engine);
    task.disturb = () => expect.fail('a batch was asked for');
    const error = await train(task, { ...options, ...wrong }).catch(String);
    expect(error).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });

  it('says what is wrong with its context, and with a task without samples', async () => {
    await expect(train(new TriangleTask(engine), options, { resumed: true } as object)).rejects.toThrow(
      new TypeError('the context of train has no option resumed; it has folder, resume, signal, events'),
    );
    const empty = Object.assign(new TriangleTask(engine), { sampleCount: 0 });
    await expect(train(empty, options)).rejects.toThrow(
      "the task's sampleCount must be a positive integer; got 0",
    );
  });

  it('a validation error that is not finite stops it', async () => {
    const task = new TriangleTask(engine);
    task.validationError = () => Number.POSITIVE_INFINITY;
    await expect(train(task, options)).rejects.toThrow('the validation error is Infinity at step 4');
  });

  it('stops when the error has not improved for as many epochs as its patience', async () => {
    const task = new TriangleTask(engine);
    const errors = [3, 2, 2.5, 2.5, 1];
    task.validationError = () => errors.shift();
    const { status, best, epoch } = await train(task, { ...options, epochs: 9, patience: 2 });
    expect([status, best!.epoch, best!.error, epoch]).toEqual(['early', 2, 2, 4]);
  });

  it('stopped after it ran out of patience, and before its result, trains no further', async () => {
    const path = mkdtempSync(join(tmpdir(), 'egnn-patience-'));
    try {
      const patient = { ...options, epochs: 9, patience: 2 };
      const folder = await RunFolder.create(path, {});
      const task = new TriangleTask(engine);
      const errors = [3, 2, 2.5, 2.5];
      task.validationError = () => errors.shift();
      const before = await train(task, patient, { folder });
      const resumed = new TriangleTask(engine);
      const after = await train(resumed, patient, { folder, resume: true });
      expect([after.status, after.epoch, after.best]).toEqual(['early', 4, before.best]);
      expect(await resumed.model.parameters.read()).toEqual(await task.model.parameters.read());
    } finally {
      rmSync(path, { recursive: true });
    }
  });

  describe('in a folder', () => {
    let path: string;
    beforeEach(() => {
      path = mkdtempSync(join(tmpdir(), 'egnn-used-'));
    });
    afterEach(() => rmSync(path, { recursive: true }));
    const filesOf = () =>
      Object.fromEntries(readdirSync(path).map((name) => [name, readFileSync(join(path, name), 'latin1')]));

    it('that holds a training, writes nothing unless it resumes it', async () => {
      await train(new TriangleTask(engine), options, { folder: await RunFolder.create(path, {}) });
      const before = filesOf();
      const folder = await RunFolder.open(path);
      await expect(train(new TriangleTask(engine), options, { folder })).rejects.toThrow(
        `${path} holds a training already; resume: true continues it`,
      );
      expect(filesOf()).toEqual(before);
      const { status, step } = await train(new TriangleTask(engine), options, { folder, resume: true });
      expect([status, step]).toEqual(['finished', 16]);
    });

    it('that holds a result, writes nothing', async () => {
      const folder = await RunFolder.create(path, {});
      await folder.saveResult({ test: 1 });
      await expect(train(new TriangleTask(engine), options, { folder })).rejects.toThrow(
        'holds a training already',
      );
      expect(Object.keys(filesOf()).sort()).toEqual(['config.json', 'result.json']);
    });

    it('whose checkpoints were deleted, begins anew, and so do its metrics', async () => {
      const folder = await RunFolder.create(path, {});
      await train(new TriangleTask(engine), options, { folder });
      for (const name of readdirSync(path)) if (name.startsWith('state-')) rmSync(join(path, name));
      await train(new TriangleTask(engine), options, { folder, resume: true });
      expect((await folder.readMetrics()).map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    });

    it('whose best weights are damaged, has them again once it is resumed', async () => {
      const folder = await RunFolder.create(path, {});
      await train(new TriangleTask(engine), options, { folder });
      const file = join(path, 'best.safetensors');
      const whole = readFileSync(file);
      writeFileSync(file, whole.subarray(0, whole.length / 2));
      await expect(folder.readWeights('best')).rejects.toThrow('resuming the run writes it anew');
      await train(new TriangleTask(engine), options, { folder, resume: true });
      expect(readFileSync(file).equals(whole)).toBe(true);
    });

    it('that another training of this process uses, does not begin', async () => {
      const folder = await RunFolder.create(path, {});
      const outcomes = await Promise.allSettled(
        [1, 2].map(() => train(new TriangleTask(engine), options, { folder })),
      );
      const [won] = outcomes.filter((each) => each.status === 'fulfilled');
      const [lost] = outcomes.filter((each) => each.status === 'rejected');
      expect([won.value.status, String(lost.reason)]).toEqual([
        'finished',
        `LockedError: this process is using ${path} already`,
      ]);
      expect((await folder.readMetrics()).map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    });
  });

  it('that cannot begin with its data says so, and does not speak of the learning rate', async () => {
    const task = new TriangleTask(engine);
    const batch = task.batch.bind(task);
    task.batch = (samples) => {
      const { graph, inputs } = batch(samples);
      return {
        graph,
        inputs: { ...inputs, x: { ...inputs.x, values: Array.from(inputs.x.values, () => Number.NaN) } },
      };
    };
    await expect(train(task, options)).rejects.toThrow(
      /^the loss is NaN at step 1; .*; no step had been taken: look for numbers in the inputs and targets/,
    );
  });

  it('names a validation error that is no number as it came', async () => {
    const task = new TriangleTask(engine);
    task.validationError = () => '3' as unknown as number;
    await expect(train(task, options)).rejects.toThrow(/^the validation error is "3" at step 4/);
  });

  it('validates every few epochs and after the last', async () => {
    const validated: number[] = [];
    await train(
      new TriangleTask(engine),
      { ...options, epochs: 5, validateEvery: 2, schedule: constantSchedule },
      { events: { onEpoch: ({ epoch, validation }) => validation !== null && validated.push(epoch) } },
    );
    expect(validated).toEqual([2, 4, 5]);
  });

  it('takes the batches of a task that makes its own', async () => {
    const task = new TriangleTask(engine);
    const seen: number[][] = [];
    const batch = task.batch.bind(task);
    const own = (batchSize: number, random: MersenneTwister) => {
      const first = random.permutation(SAMPLES).slice(0, batchSize);
      return [first, Int32Array.from([...Array(SAMPLES).keys()].filter((k) => !first.includes(k)))];
    };
    Object.assign(task, {
      batches: own,
      batch: (samples: Int32Array) => {
        if (engine.recording) seen.push([...samples]);
        return batch(samples);
      },
    });
    await train(task, { ...options, epochs: 1 });
    const expected = own(options.batchSize, new MersenneTwister(options.seed));
    expect(seen).toEqual(expected.map((samples) => [...samples]));
  });

  it('the seed decides the weights', async () => {
    const weights = async (seed: number) => {
      const task = new TriangleTask(engine);
      await train(task, { ...options, epochs: 1, seed });
      return task.model.parameters.read();
    };
    expect(await weights(1)).toEqual(await weights(1));
    expect(await weights(1)).not.toEqual(await weights(2));
  });

  it('gradients of an earlier use of the model do not leak into the first step', async () => {
    const [clean, used] = [new TriangleTask(engine), new TriangleTask(engine)];
    const batch = used.batch(Int32Array.of(1));
    engine.step(() => engine.backward(sum(subtract(used.loss(batchTensors(engine, batch)), 1))));
    await train(clean, { ...options, epochs: 1 });
    await train(used, { ...options, epochs: 1 });
    expect(await used.model.parameters.read()).toEqual(await clean.model.parameters.read());
  });
});
