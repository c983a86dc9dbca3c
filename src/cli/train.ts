/** @file `egnn train EXPERIMENT`: one training in a folder of its own, new or resumed. */
import type { Command } from 'commander';
import type { EngineOptions } from '../start-engine.ts';
import type { Engine } from '../tensor/engine.ts';
import { RunFolder } from '../train/run-folder.ts';
import { NonFiniteError } from '../train/task.ts';
import { autoencoderExperiment } from './autoencoder-experiment.ts';
import { InterruptedError, UsageError, withHint } from './errors.ts';
import type { Experiment, ExperimentParts } from './experiment.ts';
import { expectFolder, freeFolder } from './free-folder.ts';
import { interruptible } from './interrupt.ts';
import { nbodyExperiment } from './nbody-experiment.ts';
import { qm9Experiment } from './qm9-experiment.ts';
import { Reporter, reportMode } from './reporter.ts';
import { reportTraining, writeMissingReport } from './run-report.ts';
import { openRun, type SavedRun } from './saved-run.ts';
import { withEngine } from './session.ts';
import { addSettingFlags, givenSettings, resolveSettings } from './settings.ts';

interface TrainFlags extends Record<string, unknown> {
  readonly config?: string;
  readonly out?: string;
  readonly resume?: string;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

export function addTrainCommand(program: Command): void {
  const train = program.command('train').description('train a model');
  addExperiment(train, nbodyExperiment);
  addExperiment(train, qm9Experiment);
  addExperiment(train, autoencoderExperiment);
}

function addExperiment<Parts extends ExperimentParts>(train: Command, experiment: Experiment<Parts>): void {
  const { name, description, examples, form } = experiment;
  const command = train
    .command(name)
    .description(description)
    .option('--config <file>', 'JSON file of settings, under the names of the flags in camelCase')
    .option('--out <folder>', `folder of the run (runs/${name}-..., numbered)`)
    .option('--resume <run>', 'continue an interrupted run with its own settings')
    .option('--quiet', 'no progress')
    .option('--json', 'one JSON object an epoch and one at the end, nothing else on stdout');
  addSettingFlags(command, undefined, form)
    .addHelpText(
      'after',
      `\nExamples:\n${examples.map((options) => `  $ egnn train ${name} ${options}`.trimEnd()).join('\n')}`,
    )
    .action((flags: TrainFlags) => interruptible((signal) => trainCommand(experiment, flags, signal)));
}

async function trainCommand<Parts extends ExperimentParts>(
  experiment: Experiment<Parts>,
  flags: TrainFlags,
  signal: AbortSignal,
): Promise<void> {
  const { form } = experiment;
  const reporter = new Reporter(reportMode(flags));
  if (flags.resume !== undefined) {
    const extra = [
      ...Object.keys(givenSettings(form, flags)),
      ...['config', 'out'].filter((key) => flags[key]),
    ];
    if (extra.length > 0)
      throw new UsageError(`a resumed run keeps its settings; leave out ${extra.join(', ')}`);
    await resumeRun(experiment, await openRun(experiment, flags.resume), { reporter, signal });
    return;
  }
  const settings = await resolveSettings(form, flags, flags.config);
  await trainInFolder(experiment, settings, { out: flags.out, reporter, signal });
}

/** Brings a run to its end, or says how it ended. @returns the result */
export async function resumeRun<Parts extends ExperimentParts>(
  experiment: Experiment<Parts>,
  run: SavedRun<Parts['settings']>,
  { reporter, signal }: Pick<Place, 'reporter' | 'signal'>,
): Promise<Parts['result']> {
  const { folder, settings } = run;
  const finished = await folder.readResult<Parts['result']>();
  if (!finished) return trainInFolder(experiment, settings, { folder, resume: true, reporter, signal });
  reportResult(experiment, finished, folder, reporter);
  // It may have been killed in between.
  await writeMissingReport(experiment, run, reporter);
  return finished;
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
export async function trainInFolder<Parts extends ExperimentParts>(
  experiment: Experiment<Parts>,
  settings: Parts['settings'],
  { out, folder: existing, resume = false, reporter, signal }: Place,
  use: (task: Parts['task'], data: Parts['data']) => Promise<void> = async () => {},
): Promise<Parts['result']> {
  return withEngine(settings, async (engine) => {
    expectFolder(out);
    if (out !== undefined) await RunFolder.expectFree(out);
    const data = await experiment.loadData(settings, reporter, signal);
    const { name } = experiment;
    const subject = experiment.subject(settings);
    const folder =
      existing ??
      (await RunFolder.create(out ?? freeFolder(`${name}-${subject}`), resolved(settings, engine)));
    reporter.say(
      `${resume ? 'resuming' : 'training'} ${subject} in ${folder.path} on ${engine.backend.description}`,
    );
    reporter.begin(experiment.samples);
    const context = { folder, resume, signal, events: reporter };
    const run = { folder, settings };
    const { task, result } = await experiment.run(engine, settings, data, context).catch(async (error) => {
      if (!(error instanceof NonFiniteError)) throw error;
      const end = { status: 'failed', failure: error.message, engine, data } as const;
      await reportTraining(experiment, run, end, reporter);
      throw withHint(
        error,
        `${folder.path} keeps the last good checkpoint; the settings are --learning-rate, --warm-up and --clip`,
      );
    });
    const { status } = result;
    if (status === 'interrupted') {
      reporter.json({ ...result, folder: folder.path });
      await reportTraining(experiment, run, { status, engine, task, data }, reporter);
      throw new InterruptedError(
        `interrupted at step ${result.step}; continue with: egnn train ${name} --resume ${folder.path}`,
      );
    }
    await use(task, data);
    reporter.curve(await folder.readMetrics());
    reportResult(experiment, result, folder, reporter);
    await reportTraining(experiment, run, { status, engine, task, data }, reporter);
    return result;
  });
}

/** What config.json holds: every choice as it was made. */
function resolved(settings: EngineOptions, { backend }: Engine): EngineOptions {
  // In one order, whether the settings had them or not.
  const { backend: _, threads: __, ...rest } = settings;
  return { ...rest, threads: backend.threads, backend: backend.name };
}

function reportResult<Parts extends ExperimentParts>(
  experiment: Experiment<Parts>,
  result: Parts['result'],
  folder: RunFolder,
  reporter: Reporter,
): void {
  reporter.json({ ...result, folder: folder.path });
  reporter.result(experiment.formatResult(result, folder.path));
}
