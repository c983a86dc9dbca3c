/** @file `egnn check RUN`: how equivariant a trained N-body model is, measured on random transformations. */
import type { Command } from 'commander';
import { type NBodySplit, sliceSplit } from '../data/nbody/index.ts';
import type { EngineOptions } from '../start-engine.ts';
import { type EquivarianceErrors, measureEquivariance, transformationNames } from '../tasks/equivariance.ts';
import type { NBodyTask } from '../tasks/nbody.ts';
import { nbodyExperiment } from './nbody-experiment.ts';
import { Reporter, reportMode } from './reporter.ts';
import { loadBestWeights, openRun } from './saved-run.ts';
import { loadData, withEngine } from './session.ts';
import { addSettingFlags, parseEngineOptions } from './settings.ts';
import { formatTable } from './table.ts';

type CheckFlags = EngineOptions & { readonly json?: boolean };

const TRAJECTORIES = 100;

export function addCheckCommand(program: Command): void {
  const command = program
    .command('check <run>')
    .description('equivariance and permutation errors of the model of a run of egnn train nbody')
    .option('--json', 'one JSON object');
  addSettingFlags(command, ['threads', 'backend'])
    .addHelpText(
      'after',
      `
f(g x) is held against g f(x) for random g; an equivariant model differs by rounding alone, about 1e-6 in float32.

Examples:
  $ egnn check runs/nbody-egnn
  $ egnn check runs/nbody-gnn --json`,
    )
    .action(checkCommand);
}

async function checkCommand(path: string, flags: CheckFlags): Promise<void> {
  const reporter = new Reporter(reportMode(flags));
  const run = await openRun(nbodyExperiment, path);
  await withEngine(parseEngineOptions(flags), async (engine) => {
    const data = await loadData(run.settings.trajectories, reporter);
    const errors = await checkTask(await loadBestWeights(nbodyExperiment, run, engine, data), data.test);
    reporter.json({ run: path, model: run.settings.model, errors });
    reporter.result(formatChecks({ [run.settings.model]: errors }));
  });
}

/** Measured on the first trajectories of the test set. */
export function checkTask(task: NBodyTask, test: NBodySplit): Promise<EquivarianceErrors> {
  const some = sliceSplit(test, 0, Math.min(TRAJECTORIES, test.count));
  return measureEquivariance((split) => task.predict(split), some);
}

/** One column a model, one row a transformation. */
export function formatChecks(errors: Record<string, EquivarianceErrors>): string {
  const models = Object.keys(errors);
  return formatTable(
    ['largest relative error under', ...models],
    transformationNames.map((name) => [name, ...models.map((model) => errors[model][name].toExponential(1))]),
  );
}
