/** @file The N-body experiment on the command line: its settings, its data, and how its results read. */
import { z } from 'zod';
import type { NBodyData } from '../data/nbody/index.ts';
import type { EngineOptions } from '../start-engine.ts';
import { NBodyTask } from '../tasks/nbody.ts';
import { nbodyModels } from '../tasks/nbody-models.ts';
import { type NBodyResult, runNBody } from '../tasks/nbody-run.ts';
import { type NBodySettings, shortRecipes } from '../tasks/nbody-settings.ts';
import { UsageError } from './errors.ts';
import type { Experiment } from './experiment.ts';
import { nbodyReport } from './nbody-report.ts';
import { loadData } from './session.ts';
import { type SettingsForm, trainingFields, whole } from './settings.ts';
import { formatDuration, formatTable } from './table.ts';

/** Of a part; generating as many takes a quarter of an hour, and 180 bytes each. */
const trajectoryCount = whole(1).max(1_000_000);

const schema = z.strictObject({
  task: z.literal('nbody').default('nbody'),
  model: z.enum(nbodyModels).describe('which model'),
  ...trainingFields,
  samples: whole(1).describe('training trajectories used, the first ones'),
  batchSize: whole(1).describe('trajectories in a batch'),
  trajectories: z
    .tuple([trajectoryCount, trajectoryCount, trajectoryCount])
    .describe('sizes of the training, validation and test set'),
}) satisfies z.ZodType<NBodySettings & EngineOptions>;

export type NBodyRunSettings = z.infer<typeof schema>;

export const nbodyForm: SettingsForm<NBodyRunSettings> = {
  schema,
  recipeName: 'egnn',
  recipe({ model }) {
    return shortRecipes[schema.shape.model.safeParse(model).data ?? 'egnn'];
  },
  finish(settings, given) {
    const [train] = settings.trajectories;
    if (settings.samples > train && given.samples !== undefined)
      throw new UsageError(
        `samples must be at most ${train}, the size of the training set; got ${settings.samples}`,
      );
    return { ...settings, samples: Math.min(settings.samples, train) };
  },
};

export const nbodyExperiment: Experiment<{
  settings: NBodyRunSettings;
  data: NBodyData;
  task: NBodyTask;
  result: NBodyResult;
}> = {
  name: 'nbody',
  description: "train on the paper's N-body data: a folder with configuration, metrics and weights",
  examples: [
    '',
    '--model gnn --epochs 100 --out runs/gnn',
    '--samples 10000 --schedule cosine --learning-rate 1e-3',
    '--config runs/gnn/config.json --seed 2',
    '--resume runs/gnn',
  ],
  form: nbodyForm,
  samples: 'trajectories',
  subject: ({ model }) => model,
  loadData: ({ trajectories }, reporter, signal) => loadData(trajectories, reporter, signal),
  createTask: (engine, settings, data) => new NBodyTask(engine, settings, data),
  run: runNBody,
  report: nbodyReport,
  formatResult: (result, place) =>
    `${result.model}: test MSE ${result.test?.toFixed(5)} at the best validation MSE ${result.validation?.toFixed(5)} ` +
    `(epoch ${result.bestEpoch} of ${result.epoch}), ${result.parameters.toLocaleString('en')} ` +
    `parameter${result.parameters === 1 ? '' : 's'}, ${formatDuration(result.seconds)}; in ${place}`,
  async evaluate(task, { model }) {
    const [validation, test] = [await task.validate(), await task.test()];
    const parameters = task.model.parameterCount;
    return {
      facts: { model, parameters, validation, test },
      text: formatTable(
        ['model', 'parameters', 'validation MSE', 'test MSE'],
        [[model, parameters.toLocaleString('en'), validation.toFixed(6), test.toFixed(6)]],
      ),
    };
  },
};
