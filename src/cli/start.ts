/**
 * @file `egnn start`, what `npm start` runs: the paper's table 2 from nothing. Makes the data, trains the EGNN and the
 * three baselines with the short recipes, shows the table, and then how equivariant each trained model is.
 */
import { join } from 'node:path';
import type { Command } from 'commander';
import type { EngineOptions } from '../start-engine.ts';
import type { EquivarianceErrors } from '../tasks/equivariance.ts';
import type { NBodyModelName } from '../tasks/nbody-models.ts';
import type { NBodyResult } from '../tasks/nbody-run.ts';
import { type NBodySettings, paperErrors, shortRecipes } from '../tasks/nbody-settings.ts';
import { checkTask, formatChecks } from './check.ts';
import { freeFolder } from './free-folder.ts';
import { interruptible } from './interrupt.ts';
import { nbodyExperiment, nbodyForm } from './nbody-experiment.ts';
import { Reporter, reportMode } from './reporter.ts';
import { addSettingFlags, parseEngineOptions, parseSettings } from './settings.ts';
import { formatDuration, formatTable } from './table.ts';
import { trainInFolder } from './train.ts';

type StartFlags = EngineOptions & {
  readonly out?: string;
  readonly quiet?: boolean;
  readonly json?: boolean;
};

/** In the order of training, the EGNN first; the table shows them the other way round, as the paper does. */
export const order = ['egnn', 'radial-field', 'gnn', 'linear'] as const satisfies NBodyModelName[];
const titles = { linear: 'Linear', gnn: 'GNN', 'radial-field': 'Radial Field', egnn: 'EGNN' } as const;

export function addStartCommand(program: Command): void {
  const command = program
    .command('start')
    .description("the paper's N-body table in a few minutes: data, training, comparison, equivariance")
    .option('--out <folder>', 'folder of the runs (runs/start, numbered)')
    .option('--quiet', 'no progress')
    .option('--json', 'one JSON object an epoch and one at the end, nothing else on stdout');
  addSettingFlags(command, ['threads', 'backend'])
    .addHelpText('after', '\nExamples:\n  $ egnn start\n  $ egnn start --threads 2 --out runs/table2')
    .action((flags: StartFlags) =>
      interruptible(async (signal) => {
        const reporter = new Reporter(reportMode(flags));
        const recipes = order.map((model) => shortRecipes[model]);
        await compareModels(recipes, { out: flags.out, engine: parseEngineOptions(flags), reporter, signal });
      }),
    );
}

interface ComparisonContext {
  readonly out?: string;
  readonly engine: EngineOptions;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/** Trains one model a recipe, each in a folder of its own, and shows them side by side. */
export async function compareModels(
  recipes: readonly NBodySettings[],
  { out = freeFolder('start'), engine, reporter, signal }: ComparisonContext,
): Promise<void> {
  const start = performance.now();
  const results: NBodyResult[] = [];
  const errors: Partial<Record<NBodyModelName, EquivarianceErrors>> = {};
  for (const recipe of recipes) {
    const settings = parseSettings(nbodyForm, { ...recipe, ...engine });
    const place = { out: join(out, recipe.model), reporter, signal };
    const result = await trainInFolder(nbodyExperiment, settings, place, async (task, { test }) => {
      errors[recipe.model] = await checkTask(task, test);
    });
    results.push(result);
  }
  const seconds = (performance.now() - start) / 1000;
  reporter.json({ results, equivariance: errors, paper: paperErrors, seconds });
  reporter.result(`\nCharged N-body, mean squared error of the predicted positions\n`);
  reporter.result(formatResults(results));
  reporter.result(`\n${verdict(results)} ${formatDuration(seconds)} in all; the runs are in ${out}\n`);
  reporter.result(
    formatChecks(
      Object.fromEntries([...results].reverse().map(({ model }) => [titles[model], errors[model]!])),
    ),
  );
}

/** The paper's table 2. */
function formatResults(results: readonly NBodyResult[]): string {
  const rows = [...results]
    .reverse()
    .map(({ model, test, parameters, seconds }) => [
      titles[model],
      test!.toFixed(4),
      paperErrors[model].toFixed(4),
      parameters.toLocaleString('en'),
      formatDuration(seconds),
    ]);
  return formatTable(['model', 'test MSE here', 'in the paper', 'parameters', 'time'], rows);
}

function verdict(results: readonly NBodyResult[]): string {
  const [best] = [...results].sort((a, b) => a.test! - b.test!);
  return best.model === 'egnn'
    ? 'The EGNN has the smallest error.'
    : `The smallest error is that of ${titles[best.model]}: not what the paper found.`;
}
