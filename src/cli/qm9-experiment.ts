/** @file The QM9 experiment on the command line: its settings, its data, and how its results read. */
import { z } from 'zod';
import { loadQM9, type QM9, qm9CachePath } from '../data/qm9/index.ts';
import type { EngineOptions } from '../start-engine.ts';
import { QM9Task } from '../tasks/qm9.ts';
import { qm9Targets } from '../tasks/qm9-model.ts';
import { type QM9Result, runQM9 } from '../tasks/qm9-run.ts';
import { type QM9Settings, qm9Presets, qm9Recipe } from '../tasks/qm9-settings.ts';
import { withHint } from './errors.ts';
import type { Experiment } from './experiment.ts';
import { qm9Report } from './qm9-report.ts';
import { formatQM9Table, ratioToPaper } from './qm9-table.ts';
import { type SettingsForm, trainingFields, whole } from './settings.ts';
import { formatDuration } from './table.ts';

const schema = z.strictObject({
  task: z.literal('qm9').default('qm9'),
  preset: z.enum(qm9Presets).describe('size of the model, with a recipe that suits it'),
  target: z.enum(qm9Targets).describe('what is predicted; one network for all twelve, or for one'),
  ...trainingFields,
  samples: whole(1).max(100_000).describe('training molecules used, spread over the split'),
  validationSamples: whole(1).max(17_748).describe('validation molecules used, spread over the split'),
  batchSize: whole(1).describe('molecules in a batch'),
}) satisfies z.ZodType<QM9Settings & EngineOptions>;

type QM9RunSettings = z.infer<typeof schema>;

const form: SettingsForm<QM9RunSettings> = {
  schema,
  recipeName: 'small',
  recipe({ preset, target }) {
    const { shape } = schema;
    return qm9Recipe(shape.preset.safeParse(preset).data ?? 'small', shape.target.safeParse(target).data);
  },
};

export const qm9Experiment: Experiment<{
  settings: QM9RunSettings;
  data: QM9;
  task: QM9Task;
  result: QM9Result;
}> = {
  name: 'qm9',
  description: 'train on QM9, properties of molecules: a folder with configuration, metrics and weights',
  examples: [
    '',
    '--preset paper --target homo --out runs/homo',
    '--preset tiny --samples 10000 --validation-samples 2000',
    '--hidden 128 --layers 4 --epochs 20',
    '--resume runs/homo',
  ],
  form,
  samples: 'molecules',
  subject: ({ target }) => target,
  async loadData() {
    const data = await loadQM9();
    if (!data)
      throw withHint(new Error(`no QM9 in ${qm9CachePath()}`), 'read it once: egnn data qm9 --from PATH');
    return data;
  },
  createTask: (engine, settings, data) => new QM9Task(engine, settings, data),
  run: runQM9,
  report: qm9Report,
  formatResult: ({ test = {}, validation, bestEpoch, epoch, parameters, seconds }, place) =>
    `${formatQM9Table(test)}\n\n` +
    `geometric mean of here / EGNN: ${ratioToPaper(test).toFixed(2)}; ` +
    `best validation error ${validation?.toFixed(5)} (epoch ${bestEpoch} of ${epoch}), ` +
    `${parameters.toLocaleString('en')} parameters, ${formatDuration(seconds)}; in ${place}`,
  async evaluate(task, { target }) {
    const [validation, test] = [await task.validationErrors(), await task.test()];
    const parameters = task.model.parameterCount;
    return {
      facts: { target, parameters, validation, test, ratioToPaper: ratioToPaper(test) },
      text:
        `${formatQM9Table(test, validation)}\n\n` +
        `geometric mean of here / EGNN: ${ratioToPaper(test).toFixed(2)}; ` +
        `${parameters.toLocaleString('en')} parameters`,
    };
  },
};
