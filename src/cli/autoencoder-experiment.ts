/** @file The graph autoencoder on the command line: its settings, its graphs, and how its results read. */
import { z } from 'zod';
import type { GraphParts } from '../data/graphs/index.ts';
import type { EngineOptions } from '../start-engine.ts';
import { type AutoencoderScores, AutoencoderTask } from '../tasks/autoencoder.ts';
import { autoencoderGraphs } from '../tasks/autoencoder-graphs.ts';
import type { ReconstructionScores } from '../tasks/autoencoder-metrics.ts';
import { type AutoencoderResult, runAutoencoder } from '../tasks/autoencoder-run.ts';
import {
  type AutoencoderDataSet,
  type AutoencoderModelName,
  type AutoencoderSettings,
  autoencoderDataSets,
  autoencoderModels,
  autoencoderRecipe,
  paperScores,
} from '../tasks/autoencoder-settings.ts';
import { autoencoderReport } from './autoencoder-report.ts';
import { UsageError } from './errors.ts';
import type { Experiment } from './experiment.ts';
import { type SettingsForm, trainingFields, whole } from './settings.ts';
import { formatDuration, formatTable } from './table.ts';

const schema = z.strictObject({
  task: z.literal('autoencoder').default('autoencoder'),
  dataset: z.enum(autoencoderDataSets).describe('which graphs'),
  model: z.enum(autoencoderModels).describe('which encoder'),
  embedding: whole(1).max(1024).describe('dimensions of the embedding of a node'),
  edgeProbability: z.number().min(0).max(1).describe('share of pairs that are joined, in --dataset overfit'),
  ...trainingFields,
  samples: whole(1).max(5_000).describe('training graphs used, the first ones'),
  batchSize: whole(1).describe('graphs in a batch'),
}) satisfies z.ZodType<AutoencoderSettings & EngineOptions>;

type AutoencoderRunSettings = z.infer<typeof schema>;

const form: SettingsForm<AutoencoderRunSettings> = {
  schema,
  recipeName: 'community',
  recipe({ dataset }) {
    // Small graphs leave nothing for a second thread to do.
    return { ...autoencoderRecipe(schema.shape.dataset.safeParse(dataset).data ?? 'community'), threads: 1 };
  },
  finish(settings) {
    if (settings.dataset === 'overfit' && settings.samples > 100)
      throw new UsageError(`samples must be at most 100 in --dataset overfit; got ${settings.samples}`);
    return settings;
  },
};

export const autoencoderExperiment: Experiment<{
  settings: AutoencoderRunSettings;
  data: GraphParts;
  task: AutoencoderTask;
  result: AutoencoderResult;
}> = {
  name: 'autoencoder',
  description: 'train the graph autoencoder of the paper: a folder with configuration, metrics and weights',
  examples: [
    '',
    '--dataset erdos-renyi --model noise-gnn',
    '--embedding 4 --out runs/four',
    '--dataset overfit --edge-probability 0.4 --model gnn',
    '--resume runs/four',
  ],
  form,
  samples: 'graphs',
  subject: ({ dataset, model }) => `${dataset}-${model}`,
  loadData: async (settings) => autoencoderGraphs(settings),
  createTask: (engine, settings, data) => new AutoencoderTask(engine, settings, data),
  run: runAutoencoder,
  report: autoencoderReport,
  formatResult: (result, place) =>
    `${formatScores(result.dataset, result.model, result.test!)}\n\n` +
    `best validation cross-entropy ${result.validation?.toFixed(4)} (epoch ${result.bestEpoch} of ${result.epoch}), ` +
    `${result.parameters.toLocaleString('en')} parameters, ${formatDuration(result.seconds)}; in ${place}`,
  async evaluate(task, { dataset, model }) {
    const [validation, test] = [await task.validate(), await task.test()];
    const parameters = task.model.parameterCount;
    return {
      facts: { dataset, model, parameters, validation, test },
      text:
        `${formatScores(dataset, model, test)}\n\n` +
        `validation cross-entropy ${validation.toFixed(4)}, ${parameters.toLocaleString('en')} parameters`,
    };
  },
};

/** One row for all test graphs, one for those that are new, and one for the paper's figures where there are any. */
function formatScores(
  dataset: AutoencoderDataSet,
  model: AutoencoderModelName,
  { all, unseen }: AutoencoderScores,
): string {
  const row = (
    name: string,
    { crossEntropy, error, f1 }: Omit<ReconstructionScores, 'graphs'>,
    graphs: string,
  ) => [name, graphs, crossEntropy.toFixed(2), (100 * error).toFixed(3), f1.toFixed(4)];
  const rows = [row('test', all, String(all.graphs))];
  if (unseen) rows.push(row('not seen in training', unseen, String(unseen.graphs)));
  if (dataset !== 'overfit') rows.push(row('paper', paperScores[dataset][model], '500'));
  return formatTable([`${dataset}, ${model}`, 'graphs', 'cross-entropy', '% wrong', 'F1'], rows);
}
