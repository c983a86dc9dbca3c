/** @file `egnn reproduce nbody`: the long form of the N-body experiment, on 3,000 training trajectories and on 10,000. */
import { join } from 'node:path';
import type { Command } from 'commander';
import type { EngineOptions } from '../start-engine.ts';
import type { NBodyResult } from '../tasks/nbody-run.ts';
import { longRecipes, paperErrors } from '../tasks/nbody-settings.ts';
import { freeFolder } from './free-folder.ts';
import { interruptible } from './interrupt.ts';
import { nbodyExperiment, nbodyForm } from './nbody-experiment.ts';
import { Reporter, reportMode } from './reporter.ts';
import { addSettingFlags, parseEngineOptions, parseSettings } from './settings.ts';
import { formatDuration, formatTable } from './table.ts';
import { trainInFolder } from './train.ts';

type ReproduceFlags = EngineOptions & {
  readonly out?: string;
  readonly quiet?: boolean;
  readonly json?: boolean;
};

export function addReproduceCommand(program: Command): void {
  const command = program
    .command('reproduce')
    .description('the long form of an experiment')
    .command('nbody')
    .description('the EGNN on 3,000 and on all 10,000 N-body trajectories')
    .option('--out <folder>', 'folder of the runs (runs/reproduce, numbered)')
    .option('--quiet', 'no progress')
    .option('--json', 'one JSON object an epoch and one at the end, nothing else on stdout');
  addSettingFlags(command, ['threads', 'backend'])
    .addHelpText(
      'after',
      '\nExamples:\n  $ egnn reproduce nbody\n  $ egnn reproduce nbody --threads 2 --out runs/long',
    )
    .action((flags: ReproduceFlags) => interruptible((signal) => reproduceCommand(flags, signal)));
}

async function reproduceCommand(flags: ReproduceFlags, signal: AbortSignal): Promise<void> {
  const reporter = new Reporter(reportMode(flags));
  const out = flags.out ?? freeFolder('reproduce');
  const results: [number, NBodyResult][] = [];
  for (const recipe of longRecipes) {
    const settings = parseSettings(nbodyForm, { ...recipe, ...parseEngineOptions(flags) });
    const place = { out: join(out, `egnn-${recipe.samples}`), reporter, signal };
    results.push([recipe.samples, await trainInFolder(nbodyExperiment, settings, place)]);
  }
  reporter.json({
    results: results.map(([samples, result]) => ({ samples, ...result })),
    paper: paperErrors.egnn,
  });
  reporter.result(
    formatTable(
      ['training trajectories', 'test MSE here', 'in the paper', 'best epoch', 'time'],
      results.map(([samples, { test, bestEpoch, seconds }]) => [
        samples.toLocaleString('en'),
        test!.toFixed(5),
        samples === 3_000 ? paperErrors.egnn.toFixed(4) : '',
        String(bestEpoch),
        formatDuration(seconds),
      ]),
    ),
  );
}
