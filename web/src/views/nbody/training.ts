/**
 * @file Training the paper's model on freshly simulated trajectories, in the worker: it tells how it goes, pauses, goes
 * on, stops, and keeps the weights with the best validation error.
 */
import { type Engine, MersenneTwister, type StateDict } from 'egnn';
import type { ModelConfig } from 'egnn/models';
import {
  generateOnOneThread,
  type NBodyData,
  type NBodySettings,
  NBodyTask,
  runTask,
  shortRecipes,
  sliceSplit,
  type TrainingStatus,
} from 'egnn/nbody';

export interface TrainingRequest {
  /** Training trajectories. */
  readonly samples: number;
  /** Of the simulated data and of the first weights. */
  readonly seed: number;
  readonly epochs: number;
}

/** Where a training stands; sent several times a second. */
export type TrainingProgress =
  | { readonly phase: 'simulation'; readonly done: number; readonly total: number }
  | ({ readonly phase: 'step'; readonly loss: number; readonly stepsPerSecond: number } & StepCount)
  | ({ readonly phase: 'validation' } & Validation)
  | { readonly phase: 'pause' };

export interface StepCount {
  readonly epoch: number;
  readonly step: number;
  readonly steps: number;
}

export interface Validation {
  readonly step: number;
  /** Mean squared errors. */
  readonly validation: number;
  readonly test: number;
  /** Whether these weights are better than all before, and kept. */
  readonly best: boolean;
}

/** The best weights so far, and where they come from. */
export interface TrainedModel extends TrainingRequest {
  readonly config: ModelConfig;
  readonly state: StateDict;
  readonly step: number;
  readonly validation: number;
  readonly test: number;
}

export interface TrainingOutcome {
  readonly status: TrainingStatus;
  readonly epoch: number;
  readonly step: number;
  /** Training time without pauses, the simulation not included. */
  readonly seconds: number;
}

export interface Training {
  /** Resolves when it has ended; fails with the signal's reason where it was aborted while simulating. */
  readonly outcome: Promise<TrainingOutcome>;
  pause(): void;
  /** Goes on after a pause. */
  resume(): void;
  /** Ends it after the step at hand. */
  stop(): void;
}

export interface TrainingSurroundings {
  engine(): Promise<Engine>;
  readonly signal: AbortSignal;
  tell(progress: TrainingProgress): void;
  /** Told of each model that is better than all before in this training. */
  keep(model: TrainedModel): void;
  /** Lets messages in. */
  turn(): Promise<void>;
}

/** As many as the paper takes each of, to validate and to test. */
export const EVALUATION_TRAJECTORIES = 2000;
const MESSAGE_INTERVAL_MS = 100;
/** Over how many messages the speed is measured. */
const SPEED_WINDOW = 20;

/**
 * The recipe of `egnn train nbody`, with as many steps from one validation to the next however many trajectories there
 * are: validating and testing takes as long as several epochs of a small training set.
 */
export function settingsOf({ samples, seed, epochs }: TrainingRequest): NBodySettings {
  const recipe = shortRecipes.egnn;
  const validateEvery = Math.max(1, Math.round((recipe.validateEvery * recipe.samples) / samples));
  return {
    ...recipe,
    samples,
    seed,
    epochs,
    validateEvery,
    patience: (recipe.patience / recipe.validateEvery) * validateEvery,
    trajectories: [samples, Math.min(samples, EVALUATION_TRAJECTORIES), EVALUATION_TRAJECTORIES],
  };
}

/** Starts a training. */
export function startTraining(request: TrainingRequest, surroundings: TrainingSurroundings): Training {
  const stopped = new AbortController();
  const gate = createGate();
  const signal = AbortSignal.any([surroundings.signal, stopped.signal]);
  return {
    outcome: runTraining(request, { ...surroundings, signal }, gate),
    pause: gate.close,
    resume: gate.open,
    stop: () => stopped.abort(new DOMException('the training was stopped', 'AbortError')),
  };
}

async function runTraining(
  request: TrainingRequest,
  surroundings: TrainingSurroundings,
  gate: Gate,
): Promise<TrainingOutcome> {
  const { signal, tell, keep } = surroundings;
  const settings = settingsOf(request);
  const data = await simulateData(settings, surroundings);
  const task = new NBodyTask(await surroundings.engine(), settings, data);
  const speed = createSpeed();
  let validated: { validation: number; test: number; state: StateDict } | undefined;
  let lowest = Number.POSITIVE_INFINITY;
  const testedTask = {
    model: task.model,
    sampleCount: task.sampleCount,
    batch: task.batch.bind(task),
    loss: task.loss.bind(task),
    test: task.test.bind(task),
    /** Tests too, because the averaged weights are in the model then. */
    async validate() {
      const validation = await task.validate();
      validated = { validation, test: await task.test(), state: await task.model.stateDict() };
      return validation;
    },
  };
  const { status, epoch, step, seconds } = await runTask(
    testedTask,
    settings,
    {},
    {
      signal,
      events: {
        onStep({ epoch, step, steps, loss }) {
          tell({ phase: 'step', epoch, step, steps, loss, stepsPerSecond: speed.at(step) });
          if (!gate.isClosed()) return undefined;
          tell({ phase: 'pause' });
          speed.forget();
          return gate.opened(signal);
        },
        onEpoch({ step }) {
          if (!validated) return;
          const { validation, test, state } = validated;
          validated = undefined;
          const best = validation < lowest;
          if (best) {
            lowest = validation;
            keep({ ...request, config: task.describeModel(), state, step, validation, test });
          }
          tell({ phase: 'validation', step, validation, test, best });
        },
      },
    },
  );
  return { status, epoch, step, seconds };
}

async function simulateData(
  { seed, trajectories }: NBodySettings,
  { tell, turn, signal }: TrainingSurroundings,
): Promise<NBodyData> {
  const [train, valid, test] = trajectories;
  const total = train + valid + test;
  let told = Number.NEGATIVE_INFINITY;
  const all = await generateOnOneThread(total, new MersenneTwister(seed), {
    signal,
    turn,
    onProgress(done) {
      const now = performance.now();
      if (now - told < MESSAGE_INTERVAL_MS && done < total) return;
      told = now;
      tell({ phase: 'simulation', done, total });
    },
  });
  return {
    train: sliceSplit(all, 0, train),
    valid: sliceSplit(all, train, train + valid),
    test: sliceSplit(all, train + valid, total),
  };
}

/** What a pause waits at. */
interface Gate {
  isClosed(): boolean;
  close(): void;
  open(): void;
  /** Resolves when it is open, or the signal is aborted. */
  opened(signal: AbortSignal): Promise<void>;
}

function createGate(): Gate {
  let closed = false;
  let release = () => {};
  return {
    isClosed: () => closed,
    close() {
      closed = true;
    },
    open() {
      closed = false;
      release();
    },
    opened: (signal) =>
      new Promise((resolve) => {
        if (!closed || signal.aborted) return resolve();
        release = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      }),
  };
}

/** Steps a second over the last messages. */
function createSpeed() {
  let marks: { time: number; step: number }[] = [];
  return {
    at(step: number): number {
      marks = [...marks, { time: performance.now(), step }].slice(-SPEED_WINDOW);
      const [first, last] = [marks[0], marks[marks.length - 1]];
      return last.time > first.time ? ((last.step - first.step) * 1000) / (last.time - first.time) : 0;
    },
    forget(): void {
      marks = [];
    },
  };
}
