/**
 * @file The paper's N-body experiment (section 5.1): five charged particles attract and repel each other; from their
 * positions and velocities at frame 30 predict their positions at frame 40, 1,000 steps of the simulation later.
 *
 *   node feature    |v_i|
 *   edge attributes q_i q_j and |x_i - x_j|^2 at the input
 *   graph           complete, without self loops
 *   loss            mean squared error over all coordinates
 *   training set    the first 3,000 trajectories; validation and test 2,000 each
 *   reported        test error of the weights with the best validation error
 */
import type { NBodyData, NBodySplit } from '../data/nbody/index.ts';
import { sliceSplit } from '../data/nbody/split.ts';
import type { ModelConfig } from '../models/config.ts';
import type { Model } from '../nn/model.ts';
import type { Engine } from '../tensor/engine.ts';
import { meanSquaredError } from '../tensor/operations/index.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type Batch, batchTensors } from '../train/batch.ts';
import { type NBodyInputName, type NBodyInputs, prepareInputs, selectTrajectories } from './nbody-inputs.ts';
import {
  createNBodyModel,
  type NBodyModel,
  type NBodyModelSettings,
  type NBodyTensors,
  networkOf,
} from './nbody-models.ts';
import type { TestedTask } from './run.ts';

/** Trajectories in one forward pass without gradients: as many as stay in cache. */
const EVALUATION_BATCH = 100;

export class NBodyTask implements TestedTask<NBodyInputName, number> {
  readonly sampleCount: number;
  readonly #settings: NBodyModelSettings;
  readonly #model: NBodyModel;
  readonly #train: NBodyInputs;
  readonly #valid: NBodyInputs;
  readonly #test: NBodyInputs;

  /** @param settings `samples` says how many training trajectories are used, the first ones */
  constructor(engine: Engine, settings: NBodyModelSettings & { readonly samples: number }, data: NBodyData) {
    this.#settings = settings;
    this.#model = createNBodyModel(engine, settings);
    this.#train = prepareInputs(sliceSplit(data.train, 0, settings.samples));
    this.#valid = prepareInputs(data.valid);
    this.#test = prepareInputs(data.test);
    this.sampleCount = settings.samples;
  }

  get model(): Model {
    return this.#model.model;
  }

  describeModel(): ModelConfig {
    return { format: 'egnn-model', version: 1, network: networkOf(this.#settings), edges: 'complete' };
  }

  batch(samples: Int32Array): Batch<NBodyInputName> {
    return selectTrajectories(this.#train, samples);
  }

  loss(batch: NBodyTensors): Tensor {
    return this.#loss(batch, 'mean');
  }

  validate(): Promise<number> {
    return this.#meanSquaredError(this.#valid);
  }

  /** The test error of the weights at hand. */
  test(): Promise<number> {
    return this.#meanSquaredError(this.#test);
  }

  /** Positions at frame 40, [M, 5 x 3]. */
  async predict(split: NBodySplit): Promise<Float64Array> {
    const { engine } = this.model;
    const inputs = prepareInputs(split);
    const positions = new Float64Array(split.count * 15);
    for (const batch of evaluationBatches(inputs)) {
      const values = await engine.step(() =>
        engine.withoutGradient(() =>
          this.#model.predict(batchTensors(engine, selectTrajectories(inputs, batch))).read(),
        ),
      );
      positions.set(values, batch[0] * 15);
    }
    return positions;
  }

  #loss(batch: NBodyTensors, reduction: 'mean' | 'sum'): Tensor {
    const prediction = this.#model.predict(batch);
    return this.model.engine.inLayer('loss', () =>
      meanSquaredError(prediction, batch.inputs.target, reduction),
    );
  }

  async #meanSquaredError(inputs: NBodyInputs): Promise<number> {
    const { engine } = this.model;
    let total = 0;
    for (const batch of evaluationBatches(inputs)) {
      const sum = engine.step(() =>
        engine.withoutGradient(() =>
          this.#loss(batchTensors(engine, selectTrajectories(inputs, batch)), 'sum').read(),
        ),
      );
      total += (await sum)[0];
    }
    return total / inputs.targets.length;
  }
}

function evaluationBatches({ count }: NBodyInputs): Int32Array[] {
  return Array.from({ length: Math.ceil(count / EVALUATION_BATCH) }, (_, k) => {
    const first = k * EVALUATION_BATCH;
    return Int32Array.from({ length: Math.min(EVALUATION_BATCH, count - first) }, (_, i) => first + i);
  });
}
