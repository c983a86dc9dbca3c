/** @file `egnn reproduce`: the long forms of the experiments; that of N-body is on 3,000 training trajectories and on 10,000. */
import type { Command } from 'commander';
import type { EngineOptions } from '../start-engine.ts';
import { longRecipes, paperErrors } from '../tasks/nbody-settings.ts';
import { freeFolder } from './free-folder.ts';
import { interruptible } from './interrupt.ts';
import { nbodyExperiment, nbodyForm } from './nbody-experiment.ts';
import { Reporter, reportMode } from './reporter.ts';
import { addReproduceAutoencoderCommand } from './reproduce-autoencoder.ts';
import { trainSeries } from './series.ts';
import { addSettingFlags, parseEngineOptions, parseSettings } from './settings.ts';
import { formatDuration, formatTable } from './table.ts';

type ReproduceFlags = EngineOptions & {
  readonly out?: string;
  readonly quiet?: boolean;
  readonly json?: boolean;
};

export function addReproduceCommand(program: Command): void {
  const reproduce = program.command('reproduce').description('the long form of an experiment');
  const command = reproduce
    .command('nbody')
    .description('the EGNN on 3,000 and on all 10,000 N-body trajectories')
    .option('--out <folder>', 'folder of the runs; what is in it already is not trained again')
    .option('--quiet', 'no progress')
    .option('--json', 'one JSON object an epoch and one at the end, nothing else on stdout');
  addSettingFlags(command, ['threads', 'backend'])
    .addHelpText(
      'after',
      '\nExamples:\n  $ egnn reproduce nbody\n  $ egnn reproduce nbody --threads 2 --out runs/long',
    )
    .action((flags: ReproduceFlags) => interruptible((signal) => reproduceCommand(flags, signal)));
  addReproduceAutoencoderCommand(reproduce);
}

async function reproduceCommand(flags: ReproduceFlags, signal: AbortSignal): Promise<void> {
  const reporter = new Reporter(reportMode(flags));
  const out = flags.out ?? freeFolder('reproduce');
  const members = longRecipes.map((recipe) => ({
    name: `egnn-${recipe.samples}`,
    settings: parseSettings(nbodyForm, { ...recipe, ...parseEngineOptions(flags) }),
  }));
  const results = await trainSeries(nbodyExperiment, members, { out, reporter, signal });
  reporter.json({
    results: results.map((result, k) => ({ samples: longRecipes[k].samples, ...result })),
    paper: paperErrors.egnn,
  });
  reporter.result(
    formatTable(
      ['training trajectories', 'test MSE here', 'in the paper', 'best epoch', 'time'],
      results.map(({ test, bestEpoch, seconds }, k) => [
        longRecipes[k].samples.toLocaleString('en'),
        test!.toFixed(5),
        longRecipes[k].samples === 3_000 ? paperErrors.egnn.toFixed(4) : '',
        String(bestEpoch),
        formatDuration(seconds),
      ]),
    ),
  );
}
