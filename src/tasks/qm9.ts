/**
 * @file The paper's QM9 experiment (section 5.3): properties of small molecules from their atoms and positions.
 *
 *   node features   the element, one-hot, times powers of its charge: 15
 *   graph           complete, without self loops
 *   targets         in the paper's units, isolated atoms subtracted; (y - mean) / mean absolute deviation of the
 *                   molecules trained on
 *   loss            mean absolute error of the normalised targets
 *   batches         balanced: every one costs about the same
 *   reported        test error, in the paper's units, of the weights with the best validation error
 */
import type { Numbers } from '../backends/backend.ts';
import { balancedBatches } from '../data/balanced-batches.ts';
import {
  type MoleculeSet,
  type QM9,
  selectMolecules,
  spreadOf,
  type TargetName,
  targetValues,
} from '../data/qm9/index.ts';
import type { ModelConfig } from '../models/config.ts';
import { EGNN } from '../nn/egnn.ts';
import type { MersenneTwister } from '../random/mersenne-twister.ts';
import type { Engine } from '../tensor/engine.ts';
import { l1Loss } from '../tensor/operations/index.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type Batch, type BatchTensors, batchTensors } from '../train/batch.ts';
import {
  type MoleculeInputs,
  prepareMolecules,
  type QM9InputName,
  selectInputs,
  type TargetSpreads,
} from './qm9-inputs.ts';
import {
  describeQM9Model,
  type QM9ModelSettings,
  qm9Network,
  type TargetErrors,
  targetsOf,
} from './qm9-model.ts';
import type { TestedTask } from './run.ts';

/** Molecules in one forward pass without gradients. */
const EVALUATION_BATCH = 96;

export interface QM9TaskSettings extends QM9ModelSettings {
  /** Training molecules used. */
  readonly samples: number;
  /** Validation molecules used. */
  readonly validationSamples: number;
}

export class QM9Task implements TestedTask<QM9InputName, TargetErrors> {
  readonly model: EGNN;
  readonly sampleCount: number;
  /** Of the molecules trained on. */
  readonly spreads: TargetSpreads;
  readonly #settings: QM9ModelSettings;
  readonly #train: MoleculeInputs;
  readonly #valid: MoleculeInputs;
  readonly #testSet: MoleculeSet;

  /** @throws RangeError if more molecules are asked for than there are */
  constructor(engine: Engine, settings: QM9TaskSettings, { train, valid, test }: QM9) {
    const used = evenlySpaced(train, settings.samples);
    this.#settings = settings;
    this.model = new EGNN(engine, qm9Network(settings));
    this.spreads = new Map(
      targetsOf(settings.target).map((name) => [name, spreadOf(targetValues(used, name))]),
    );
    this.#train = prepareMolecules(used, this.spreads);
    this.#valid = prepareMolecules(evenlySpaced(valid, settings.validationSamples), this.spreads);
    this.#testSet = test;
    this.sampleCount = used.count;
  }

  describeModel(errors?: TargetErrors): ModelConfig {
    return describeQM9Model(this.#settings, this.spreads, errors);
  }

  batches(batchSize: number, random: MersenneTwister): Int32Array[] {
    return balancedBatches(this.#train.sizes, batchSize, random);
  }

  batch(samples: Int32Array): Batch<QM9InputName> {
    return selectInputs(this.#train, samples);
  }

  loss(batch: BatchTensors<QM9InputName>): Tensor {
    const prediction = this.#predict(batch);
    return this.model.engine.inLayer('loss', () => l1Loss(prediction, batch.inputs.target));
  }

  /** Mean absolute error of the normalised targets. */
  async validate(): Promise<number> {
    const errors = await this.#normalisedErrors(this.#valid);
    return errors.reduce((sum, error) => sum + error, 0) / errors.length;
  }

  /** On the validation molecules, in the paper's units. */
  validationErrors(): Promise<TargetErrors> {
    return this.#errors(this.#valid);
  }

  test(): Promise<TargetErrors> {
    return this.#errors(prepareMolecules(this.#testSet, this.spreads));
  }

  async #errors(inputs: MoleculeInputs): Promise<TargetErrors> {
    const errors = await this.#normalisedErrors(inputs);
    return Object.fromEntries(
      [...this.spreads].map(([name, { meanAbsoluteDeviation }], k): [TargetName, number] => [
        name,
        errors[k] * meanAbsoluteDeviation,
      ]),
    );
  }

  /** The targets of molecules, in the paper's units: [M, T], targets in the order of `spreads`. */
  async predict(molecules: MoleculeSet): Promise<Float64Array> {
    const values = new Float64Array(molecules.count * this.spreads.size);
    const spreads = [...this.spreads.values()];
    await this.#forEachBatch(prepareMolecules(molecules, this.spreads), (predicted, _, first) => {
      for (let k = 0; k < predicted.length; k++) {
        const { mean, meanAbsoluteDeviation } = spreads[k % spreads.length];
        values[first * spreads.length + k] = mean + meanAbsoluteDeviation * predicted[k];
      }
    });
    return values;
  }

  /** Mean absolute error of each normalised target: [T] */
  async #normalisedErrors(inputs: MoleculeInputs): Promise<Float64Array> {
    const width = this.spreads.size;
    const sums = new Float64Array(width);
    await this.#forEachBatch(inputs, (predicted, expected) => {
      for (let k = 0; k < predicted.length; k++) sums[k % width] += Math.abs(predicted[k] - expected[k]);
    });
    return sums.map((sum) => sum / inputs.count);
  }

  /** @param use normalised targets, predicted and expected, [molecules, T], and the number of the first molecule */
  async #forEachBatch(
    inputs: MoleculeInputs,
    use: (predicted: Numbers, expected: ArrayLike<number>, first: number) => void,
  ): Promise<void> {
    const { engine } = this.model;
    for (let first = 0; first < inputs.count; first += EVALUATION_BATCH) {
      const length = Math.min(EVALUATION_BATCH, inputs.count - first);
      const batch = selectInputs(
        inputs,
        Int32Array.from({ length }, (_, k) => first + k),
      );
      const predicted = await engine.step(() =>
        engine.withoutGradient(() => this.#predict(batchTensors(engine, batch)).read()),
      );
      use(predicted, batch.inputs.target.values, first);
    }
  }

  /** Normalised targets, [M, T]. */
  #predict({ graph, inputs: { h, x } }: BatchTensors<QM9InputName>): Tensor {
    return this.model.forward({ graph, h, x }).y!;
  }
}

/** So many molecules at even distances: a split is ordered by number, and its first molecules are the smallest. */
function evenlySpaced(set: MoleculeSet, count: number): MoleculeSet {
  if (count > set.count)
    throw new RangeError(`${count} molecules are more than the ${set.count} that there are`);
  if (count === set.count) return set;
  const rows = Int32Array.from({ length: count }, (_, k) => Math.floor((k * set.count) / count));
  return selectMolecules(set, rows);
}
