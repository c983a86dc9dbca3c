/** @file `egnn train nbody`: one training in a folder of its own, new or resumed. */
import type { Command } from 'commander';
import type { NBodyData } from '../data/nbody/index.ts';
import { type NBodyResult, type NBodyRun, runNBody } from '../tasks/nbody-run.ts';
import type { Engine } from '../tensor/engine.ts';
import { RunFolder } from '../train/run-folder.ts';
import { NonFiniteError } from '../train/task.ts';
import { InterruptedError, UsageError, withHint } from './errors.ts';
import { freeFolder } from './free-folder.ts';
import { interruptible } from './interrupt.ts';
import { Reporter, reportMode } from './reporter.ts';
import { openRun } from './saved-run.ts';
import { loadData, withEngine } from './session.ts';
import { addSettingFlags, givenSettings, resolveSettings, type Settings } from './settings.ts';
import { formatDuration } from './table.ts';

interface TrainFlags extends Record<string, unknown> {
  readonly config?: string;
  readonly out?: string;
  readonly resume?: string;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

export function addTrainCommand(program: Command): void {
  const command = program
    .command('train')
    .description('train a model')
    .command('nbody')
    .description("train on the paper's N-body data: a folder with configuration, metrics and weights")
    .option('--config <file>', 'JSON file of settings, under the names of the flags in camelCase')
    .option('--out <folder>', 'folder of the run (runs/nbody-MODEL, numbered)')
    .option('--resume <run>', 'continue an interrupted run with its own settings')
    .option('--quiet', 'no progress')
    .option('--json', 'one JSON object an epoch and one at the end, nothing else on stdout');
  addSettingFlags(command)
    .addHelpText(
      'after',
      `
Examples:
  $ egnn train nbody
  $ egnn train nbody --model gnn --epochs 100 --out runs/gnn
  $ egnn train nbody --samples 10000 --schedule cosine --learning-rate 1e-3
  $ egnn train nbody --config runs/gnn/config.json --seed 2
  $ egnn train nbody --resume runs/gnn`,
    )
    .action((flags: TrainFlags) => interruptible((signal) => trainCommand(flags, signal)));
}

async function trainCommand(flags: TrainFlags, signal: AbortSignal): Promise<void> {
  const reporter = new Reporter(reportMode(flags));
  if (flags.resume !== undefined) {
    const extra = [...Object.keys(givenSettings(flags)), ...['config', 'out'].filter((key) => flags[key])];
    if (extra.length > 0)
      throw new UsageError(`a resumed run keeps its settings; leave out ${extra.join(', ')}`);
    const run = await openRun(flags.resume);
    const finished = await run.folder.readResult<NBodyResult>();
    if (finished) reportResult(finished, run.folder, reporter);
    else await trainInFolder(run.settings, { folder: run.folder, resume: true, reporter, signal });
    return;
  }
  const settings = await resolveSettings(flags, flags.config);
  await trainInFolder(settings, { out: flags.out, reporter, signal });
}

interface Place {
  /** A folder to make; one that is free if left out. */
  readonly out?: string;
  /** A folder that there is. */
  readonly folder?: RunFolder;
  readonly resume?: boolean;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/** Trains and reports; what `use` makes of the trained model happens before the engine closes. */
export async function trainInFolder(
  settings: Settings,
  { out, folder: existing, resume = false, reporter, signal }: Place,
  use: (run: NBodyRun, data: NBodyData) => Promise<void> = async () => {},
): Promise<NBodyResult> {
  return withEngine(settings, async (engine) => {
    const data = await loadData(settings.trajectories, reporter, signal);
    const folder =
      existing ??
      (await RunFolder.create(out ?? freeFolder(`nbody-${settings.model}`), resolved(settings, engine)));
    reporter.say(
      `${resume ? 'resuming' : 'training'} ${settings.model} in ${folder.path} on ${engine.backend.description}`,
    );
    reporter.begin();
    const run = await runNBody(engine, settings, data, { folder, resume, signal, events: reporter }).catch(
      (error) => {
        throw error instanceof NonFiniteError
          ? withHint(
              error,
              `${folder.path} keeps the last good checkpoint; try a lower --learning-rate or --clip 1`,
            )
          : error;
      },
    );
    if (run.result.status === 'interrupted')
      throw new InterruptedError(
        `interrupted at step ${run.result.step}; continue with: egnn train nbody --resume ${folder.path}`,
      );
    await use(run, data);
    reportResult(run.result, folder, reporter);
    return run.result;
  });
}

/** What config.json holds: every choice as it was made. */
function resolved(settings: Settings, { backend }: Engine): Settings {
  return { ...settings, backend: backend.name, threads: backend.threads };
}

function reportResult(result: NBodyResult, folder: RunFolder, reporter: Reporter): void {
  reporter.json({ ...result, folder: folder.path });
  reporter.result(
    `${result.model}: test MSE ${result.test?.toFixed(5)} at the best validation MSE ${result.validation?.toFixed(5)} ` +
      `(epoch ${result.bestEpoch} of ${result.epoch}), ${result.parameters.toLocaleString('en')} ` +
      `parameter${result.parameters === 1 ? '' : 's'}, ${formatDuration(result.seconds)}; in ${folder.path}`,
  );
}
