/** @file `egnn evaluate RUN`: validation and test error of a run's best weights. */
import type { Command } from 'commander';
import type { EngineOptions } from '../start-engine.ts';
import { expectFile } from './free-folder.ts';
import { Reporter, reportMode } from './reporter.ts';
import { evaluatedRun, writeRunReport } from './run-report.ts';
import { loadBestWeights, useRun } from './saved-run.ts';
import { withEngine } from './session.ts';
import { addSettingFlags, parseEngineOptions } from './settings.ts';

type EvaluateFlags = EngineOptions & { readonly json?: boolean; readonly report?: string };

export function addEvaluateCommand(program: Command): void {
  const command = program
    .command('evaluate <run>')
    .description("validation and test error of a run's best weights")
    .option('--report <file>', 'an HTML report as well, measured now on the whole test set')
    .option('--json', 'one JSON object');
  addSettingFlags(command, ['threads', 'backend'])
    .addHelpText(
      'after',
      `
Examples:
  $ egnn evaluate runs/nbody-egnn
  $ egnn evaluate runs/nbody-egnn --backend reference
  $ egnn evaluate runs/qm9-all --report qm9.html`,
    )
    .action(evaluateCommand);
}

async function evaluateCommand(path: string, flags: EvaluateFlags): Promise<void> {
  const reporter = new Reporter(reportMode(flags));
  expectFile(flags.report);
  return useRun(path, (experiment, run) =>
    withEngine(parseEngineOptions(flags), async (engine) => {
      const data = await experiment.loadData(run.settings, reporter);
      const task = await loadBestWeights(experiment, run, engine, data);
      const { facts, text } = await experiment.evaluate(task, run.settings);
      if (flags.report !== undefined)
        await writeRunReport(
          flags.report,
          await evaluatedRun(experiment, run, { engine, task, data }, facts.test),
        );
      reporter.json({ run: path, ...facts });
      reporter.result(text);
    }),
  );
}
