/** @file `egnn evaluate RUN`: validation and test error of a run's best weights. */
import type { Command } from 'commander';
import type { EngineOptions } from '../start-engine.ts';
import { Reporter, reportMode } from './reporter.ts';
import { loadBestWeights, openRun } from './saved-run.ts';
import { loadData, withEngine } from './session.ts';
import { addSettingFlags, parseEngineOptions } from './settings.ts';
import { formatTable } from './table.ts';

type EvaluateFlags = EngineOptions & { readonly json?: boolean };

export function addEvaluateCommand(program: Command): void {
  const command = program
    .command('evaluate <run>')
    .description("validation and test error of a run's best weights")
    .option('--json', 'one JSON object');
  addSettingFlags(command, ['threads', 'backend'])
    .addHelpText(
      'after',
      `
Examples:
  $ egnn evaluate runs/nbody-egnn
  $ egnn evaluate runs/nbody-egnn --backend reference`,
    )
    .action(evaluateCommand);
}

async function evaluateCommand(path: string, flags: EvaluateFlags): Promise<void> {
  const reporter = new Reporter(reportMode(flags));
  const run = await openRun(path);
  await withEngine(parseEngineOptions(flags), async (engine) => {
    const data = await loadData(run.settings.trajectories, reporter);
    const task = await loadBestWeights(run, engine, data);
    const [validation, test] = [await task.validate(), await task.test()];
    const parameters = task.model.parameterCount;
    reporter.json({ run: path, model: run.settings.model, parameters, validation, test });
    reporter.result(
      formatTable(
        ['model', 'parameters', 'validation MSE', 'test MSE'],
        [[run.settings.model, parameters.toLocaleString('en'), validation.toFixed(6), test.toFixed(6)]],
      ),
    );
  });
}
