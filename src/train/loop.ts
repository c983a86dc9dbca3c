/**
 * @file The training loop: batches in random order, one optimiser step a batch, a validation every few epochs, and the
 * weights with the best validation error kept. Everything the next step depends on is in a checkpoint, so a run that is
 * interrupted and resumed ends with the same bits as one that was not.
 */
import type { Numbers } from '../backends/backend.ts';
import { unflatten } from '../nn/state-dict.ts';
import { MersenneTwister } from '../random/mersenne-twister.ts';
import type { NonFinite } from '../tensor/non-finite.ts';
import { WeightAverage } from './average.ts';
import { shuffledBatches } from './batches.ts';
import { type Best, isImprovement, isOutOfPatience } from './best.ts';
import { checkTraining } from './check-options.ts';
import { captureCheckpoint, type Position, restoreCheckpoint, type SavedState } from './checkpoint.ts';
import { clippingScale, gradientNorm } from './clipping.ts';
import { adviceAfter, describeDiverging, isDiverging, measureGradients, measureLayers } from './diverging.ts';
import { GradientSteps } from './gradient-steps.ts';
import { Adam } from './optimiser.ts';
import type { RunFolder } from './run-folder.ts';
import {
  NonFiniteError,
  type Task,
  type TrainingEvents,
  type TrainingOptions,
  type TrainingStatus,
} from './task.ts';

/** How often other work (signals, progress) gets a turn. */
const TURN_MILLISECONDS = 100;
/** A run that is killed loses at most this much. */
const CHECKPOINT_MILLISECONDS = 30_000;

export interface TrainingContext {
  /** Where metrics and checkpoints go; nothing is written if left out. */
  readonly folder?: RunFolder;
  /** Continue from the folder's checkpoint, if there is one; a folder that has one is refused without. */
  readonly resume?: boolean;
  /** Stops the training after the step at hand, with a checkpoint. */
  readonly signal?: AbortSignal;
  readonly events?: TrainingEvents;
}

export interface TrainingResult {
  readonly status: TrainingStatus;
  readonly epoch: number;
  readonly step: number;
  readonly seconds: number;
  /** Undefined if nothing was validated yet. */
  readonly best: Best | undefined;
}

/**
 * Trains `task.model`, which holds the best weights afterwards, or the last ones if interrupted.
 * @throws TypeError or RangeError naming an option that is unknown, missing or out of range; NonFiniteError if the loss,
 *   the gradient or the validation error is not a finite number; Error if the folder holds a training that is not to be
 *   resumed; LockedError if another training uses it
 */
export async function train(
  task: Task,
  options: TrainingOptions,
  context: TrainingContext = {},
): Promise<TrainingResult> {
  checkTraining(task, options, context);
  const run = async () => {
    const training = new Training(task, options, context);
    try {
      await training.begin();
      const status = await training.run();
      return await training.end(status);
    } finally {
      training.release();
    }
  };
  return context.folder ? context.folder.hold(run) : run();
}

class Training {
  readonly #task: Task;
  readonly #options: TrainingOptions;
  readonly #context: TrainingContext;
  readonly #gradientSteps: GradientSteps;
  readonly #optimiser: Adam;
  readonly #average: WeightAverage | undefined;
  readonly #steps: number;
  #position: Position;
  /** Trained on by this process. */
  #samples = 0;
  #best: Best | undefined;
  #bestIsSaved = true;
  #saidDiverging = false;
  #lastTurn = performance.now();
  #lastCheckpoint = performance.now();
  #clock = performance.now();

  constructor(task: Task, options: TrainingOptions, context: TrainingContext) {
    const { epochs, batchSize, learningRate, weightDecay, averageDecay, seed } = options;
    const { parameters } = task.model;
    this.#task = task;
    this.#gradientSteps = new GradientSteps(task);
    this.#options = options;
    this.#context = context;
    this.#optimiser = new Adam(parameters, {
      learningRate,
      weightDecay,
      decoupled: options.decoupledWeightDecay,
    });
    this.#average = averageDecay > 0 ? new WeightAverage(parameters, averageDecay) : undefined;
    this.#steps = epochs * Math.ceil(task.sampleCount / batchSize);
    const random = new MersenneTwister(seed).getState();
    this.#position = { epoch: 0, batch: 0, step: 0, lossSum: 0, random, seconds: 0 };
  }

  async begin(): Promise<void> {
    const { folder, resume } = this.#context;
    this.#task.model.parameters.clearGradients();
    if (!folder) return;
    if (!resume) await folder.expectUnused();
    const saved =
      resume && (await folder.readCheckpoint<SavedState>((line) => this.#context.events?.onNotice?.(line)));
    if (saved) {
      const restored = restoreCheckpoint(this.#parts, saved);
      this.#position = restored.position;
      this.#best = restored.best;
      // The file in the folder may be of a later moment, or damaged.
      this.#bestIsSaved = false;
    }
    // Epochs that come again, all of them where the checkpoints are gone.
    await folder.cutMetrics(this.#position.epoch);
    if (!saved) await this.#saveCheckpoint();
  }

  async run(): Promise<TrainingStatus> {
    const { epochs, batchSize, patience } = this.#options;
    const position = this.#position;
    while (position.epoch < epochs) {
      // A run that was stopped after its last epoch is out of patience when it is resumed.
      if (position.batch === 0 && isOutOfPatience(position.epoch, this.#best, patience)) return 'early';
      const random = MersenneTwister.fromState(position.random);
      const batches =
        this.#task.batches?.(batchSize, random) ?? shuffledBatches(this.#task.sampleCount, batchSize, random);
      while (position.batch < batches.length) {
        if (this.#context.signal?.aborted) return 'interrupted';
        await this.#step(batches[position.batch]);
        position.batch++;
        await this.#saveCheckpointIfDue();
      }
      await this.#endEpoch(random);
    }
    return isOutOfPatience(position.epoch, this.#best, patience) ? 'early' : 'finished';
  }

  async end(status: TrainingStatus): Promise<TrainingResult> {
    await this.#saveCheckpoint();
    if (status !== 'interrupted' && this.#best) this.#task.model.parameters.write(this.#best.weights);
    const { epoch, step, seconds } = this.#position;
    return { status, epoch, step, seconds, best: this.#best };
  }

  release(): void {
    this.#gradientSteps.release();
  }

  async #step(samples: Int32Array): Promise<void> {
    const { model } = this.#task;
    const { parameters } = model;
    const { clip } = this.#options;
    const position = this.#position;
    const batch = this.#task.batch(samples);
    const [loss, norm] = await this.#gradientSteps.run(batch, (loss) =>
      Promise.all([loss.read(), gradientNorm(parameters)]),
    );
    const before = position.step++;
    if (!Number.isFinite(loss[0]))
      this.#fail('the loss', loss[0], await measureLayers(this.#task, batch), before);
    // Adam's second moment has no room for it either.
    if (!Number.isFinite(norm))
      this.#fail('the length of the gradient', norm, await measureGradients(this.#task, batch), before);
    if (position.step === 1) position.firstLoss = loss[0];
    this.#optimiser.step({
      learningRateFactor: this.#learningRateFactor(position.step),
      gradientScale: clip > 0 ? clippingScale(norm, clip) : 1,
    });
    position.lossSum += loss[0] * samples.length;
    this.#samples += samples.length;
    this.#average?.update(position.step);
    await this.#giveTurn(loss[0]);
  }

  async #endEpoch(random: MersenneTwister): Promise<void> {
    const { epochs, validateEvery, learningRate } = this.#options;
    const { folder, events } = this.#context;
    const position = this.#position;
    const epoch = position.epoch + 1;
    const validation = epoch % validateEvery === 0 || epoch === epochs ? await this.#validate(epoch) : null;
    this.#countTime();
    const metrics = {
      epoch,
      step: position.step,
      loss: position.lossSum / this.#task.sampleCount,
      validation,
      learningRate: learningRate * this.#learningRateFactor(position.step),
      seconds: position.seconds,
    };
    Object.assign(position, { epoch, batch: 0, lossSum: 0, random: random.getState() });
    await folder?.appendMetrics(metrics);
    events?.onEpoch?.(metrics);
    if (!this.#saidDiverging && isDiverging(metrics, position.firstLoss)) {
      this.#saidDiverging = true;
      events?.onNotice?.(describeDiverging(metrics, await this.#measureAnyLayers()));
    }
    await this.#saveCheckpointIfDue();
  }

  async #validate(epoch: number): Promise<number> {
    const { parameters } = this.#task.model;
    const validate = async () => {
      const found = await this.#task.validate();
      if (!Number.isFinite(found)) this.#fail('the validation error', found, await this.#measureAnyLayers());
      return found;
    };
    const error = await (this.#average ? this.#average.whileApplied(validate) : validate());
    if (isImprovement(error, this.#best)) {
      const weights = await (this.#average ?? parameters).read();
      this.#best = { epoch, error, weights };
      this.#bestIsSaved = false;
    }
    return error;
  }

  /** Where the schedule stands in the middle of a step; the first step is 1. */
  #learningRateFactor(step: number): number {
    return this.#options.schedule((step - 0.5) / this.#steps);
  }

  #fail(what: string, value: number, found: NonFinite, stepsBefore = this.#position.step): never {
    throw new NonFiniteError(what, value, this.#position.step, found, adviceAfter(stepsBefore));
  }

  #measureAnyLayers(): Promise<NonFinite> {
    return measureLayers(this.#task, this.#task.batch(Int32Array.of(0)));
  }

  /** The gradients are looked at in each step; what the last step made of them is not. */
  async #expectFinite(tensors: Readonly<Record<string, Numbers>>): Promise<void> {
    for (const [name, values] of Object.entries(tensors)) {
      const bad = values.findIndex((value) => !Number.isFinite(value));
      if (bad < 0) continue;
      const what = `a number of ${name}, of ${this.#task.model.parameters.nameAt(bad)},`;
      this.#fail(what, values[bad], await this.#measureAnyLayers());
    }
  }

  async #giveTurn(loss: number): Promise<void> {
    if (performance.now() - this.#lastTurn < TURN_MILLISECONDS) return;
    const { epoch, step } = this.#position;
    const pause = this.#context.events?.onStep?.({
      epoch: epoch + 1,
      step,
      steps: this.#steps,
      samples: this.#samples,
      loss,
    });
    if (pause) {
      this.#countTime();
      await pause;
      this.#clock = performance.now();
    }
    await new Promise((resolve) => setTimeout(resolve));
    this.#lastTurn = performance.now();
  }

  #countTime(): void {
    const now = performance.now();
    this.#position.seconds += (now - this.#clock) / 1000;
    this.#clock = now;
  }

  get #parts() {
    const { parameters } = this.#task.model;
    return { parameters, optimiser: this.#optimiser, average: this.#average };
  }

  async #saveCheckpointIfDue(): Promise<void> {
    if (performance.now() - this.#lastCheckpoint > CHECKPOINT_MILLISECONDS) await this.#saveCheckpoint();
  }

  async #saveCheckpoint(): Promise<void> {
    const { folder } = this.#context;
    this.#countTime();
    if (!folder) return;
    const { parameters } = this.#task.model;
    const checkpoint = await captureCheckpoint(this.#parts, this.#position, this.#best);
    const { step, epoch } = this.#position;
    await this.#expectFinite(checkpoint.tensors);
    const last = unflatten(parameters, checkpoint.tensors.average ?? checkpoint.tensors.parameters);
    await folder.saveWeights('last', last, { epoch: String(epoch), step: String(step) });
    if (this.#best && !this.#bestIsSaved) {
      const { weights, error } = this.#best;
      await folder.saveWeights('best', unflatten(parameters, weights), {
        epoch: String(this.#best.epoch),
        validation: String(error),
      });
      this.#bestIsSaved = true;
    }
    await folder.saveCheckpoint(checkpoint);
    this.#lastCheckpoint = performance.now();
  }
}
