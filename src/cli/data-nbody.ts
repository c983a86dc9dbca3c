/** @file `egnn data nbody`: makes the data set, or finds it in the cache. */
import type { Command } from 'commander';
import { cacheFolder } from '../data/cache.ts';
import { shortRecipes } from '../tasks/nbody-settings.ts';
import { interruptible } from './interrupt.ts';
import { type NBodyRunSettings, nbodyForm } from './nbody-experiment.ts';
import { Reporter, reportMode } from './reporter.ts';
import { loadData } from './session.ts';
import { addSettingFlags, parseSettings } from './settings.ts';
import { formatDuration } from './table.ts';

type NBodyFlags = Partial<Pick<NBodyRunSettings, 'trajectories' | 'threads'>> & {
  readonly quiet?: boolean;
  readonly json?: boolean;
};

export function addNBodyDataCommand(data: Command): void {
  const command = data
    .command('nbody')
    .description("the paper's charged N-body set, generated once and kept in the cache")
    .option('--quiet', 'no progress')
    .option('--json', 'one JSON object');
  addSettingFlags(command, ['trajectories', 'threads'], nbodyForm)
    .addHelpText(
      'after',
      `
Examples:
  $ egnn data nbody
  $ EGNN_CACHE=/data/egnn egnn data nbody --threads 8`,
    )
    .action((flags: NBodyFlags) => interruptible((signal) => nbodyDataCommand(flags, signal)));
}

async function nbodyDataCommand(flags: NBodyFlags, signal: AbortSignal): Promise<void> {
  const reporter = new Reporter(reportMode(flags));
  const { trajectories = shortRecipes.egnn.trajectories, threads } = flags;
  const settings = parseSettings(nbodyForm, { ...shortRecipes.egnn, trajectories, threads });
  const start = performance.now();
  const { train, valid, test } = await loadData(settings.trajectories, reporter, signal, settings.threads);
  const seconds = (performance.now() - start) / 1000;
  reporter.json({ train: train.count, valid: valid.count, test: test.count, seconds, cache: cacheFolder() });
  reporter.result(
    `${train.count} training, ${valid.count} validation and ${test.count} test trajectories, ` +
      `${formatDuration(seconds)}, in ${cacheFolder()}`,
  );
}
