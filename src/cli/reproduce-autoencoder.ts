/**
 * @file `egnn reproduce autoencoder`: the tables of the paper's section 5.2, one training a row.
 *
 *   models     every encoder on both kinds of graphs, beside the paper's figures
 *   embedding  the EGNN with embeddings of 8, 4 and 2 numbers; those of 2 diverge at the learning rate of the others
 *   overfit    every encoder on 100 graphs that it may learn by heart, for five edge probabilities: what it cannot
 *              reconstruct then, it cannot express
 */
import { type Command, Option } from 'commander';
import type { EngineOptions } from '../start-engine.ts';
import { autoencoderModels, paperScores } from '../tasks/autoencoder-settings.ts';
import { autoencoderExperiment } from './autoencoder-experiment.ts';
import { freeFolder } from './free-folder.ts';
import { interruptible } from './interrupt.ts';
import { Reporter, reportMode } from './reporter.ts';
import { trainSeries } from './series.ts';
import { addSettingFlags, givenSettings, resolveSettings } from './settings.ts';
import { formatDuration, formatTable } from './table.ts';

const datasets = ['community', 'erdos-renyi'] as const;

const tables = {
  models: datasets.flatMap((dataset) => autoencoderModels.map((model) => ({ dataset, model }))),
  embedding: datasets.flatMap((dataset) =>
    [8, 4, 2].map((embedding) => ({ dataset, embedding, ...(embedding < 4 && { learningRate: 2e-4 }) })),
  ),
  overfit: [0.1, 0.2, 0.3, 0.4, 0.5].flatMap((edgeProbability) =>
    autoencoderModels.map((model) => ({ dataset: 'overfit', edgeProbability, model })),
  ),
} as const;

interface ReproduceFlags extends EngineOptions, Record<string, unknown> {
  readonly table: keyof typeof tables;
  readonly out?: string;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

export function addReproduceAutoencoderCommand(reproduce: Command): void {
  const { form } = autoencoderExperiment;
  const command = reproduce
    .command('autoencoder')
    .description('the graph autoencoder: every model, sizes of the embedding, or learning by heart')
    .addOption(new Option('--table <table>', 'which table').choices(Object.keys(tables)).default('models'))
    .option('--out <folder>', 'folder of the runs; what is in it already is not trained again')
    .option('--quiet', 'no progress')
    .option('--json', 'one JSON object an epoch and one at the end, nothing else on stdout');
  addSettingFlags(command, ['epochs', 'samples', 'seed', 'threads', 'backend'], form)
    .addHelpText(
      'after',
      '\nExamples:\n  $ egnn reproduce autoencoder --out runs/models\n' +
        '  $ egnn reproduce autoencoder --table embedding --epochs 20',
    )
    .action((flags: ReproduceFlags) => interruptible((signal) => reproduceCommand(flags, signal)));
}

async function reproduceCommand(flags: ReproduceFlags, signal: AbortSignal): Promise<void> {
  const { form } = autoencoderExperiment;
  const reporter = new Reporter(reportMode(flags));
  const given = givenSettings(form, flags);
  const members = await Promise.all(
    tables[flags.table].map(async (row) => ({
      name: Object.entries(row)
        .filter(([key]) => key !== 'learningRate')
        .map(([, value]) => value)
        .join('-'),
      settings: await resolveSettings(form, { ...given, ...row }, undefined),
    })),
  );
  const out = flags.out ?? freeFolder(`reproduce-autoencoder-${flags.table}`);
  const results = await trainSeries(autoencoderExperiment, members, { out, reporter, signal });
  reporter.json({ table: flags.table, results });
  reporter.result(
    formatTable(
      ['graphs', 'model', 'embedding', 'cross-entropy', '% wrong', 'F1', 'paper', '% wrong', 'F1', 'time'],
      results.map(({ dataset, model, test, seconds }, row) => {
        const { embedding, edgeProbability } = members[row].settings;
        const paper = dataset === 'overfit' || embedding !== 8 ? undefined : paperScores[dataset][model];
        return [
          dataset === 'overfit' ? `${dataset}, p = ${edgeProbability}` : dataset,
          model,
          String(embedding),
          ...columns(test?.all),
          ...columns(paper),
          formatDuration(seconds),
        ];
      }),
    ),
  );
}

function columns(scores: { crossEntropy: number; error: number; f1: number } | undefined): string[] {
  if (!scores) return ['', '', ''];
  const { crossEntropy, error, f1 } = scores;
  return [crossEntropy.toFixed(2), (100 * error).toFixed(3), f1.toFixed(4)];
}
