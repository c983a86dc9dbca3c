/**
 * @file The report of a run, from what its folder holds and from what its model says of the data. What draws takes a moment
 * to load, so it is imported when a report is written, and by no other command.
 */
import { readFile, stat } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { readSafetensors } from '../formats/index.ts';
import type { Measurement } from '../report/measurement.ts';
import { type ReportRecord, readRecord, saveRecord } from '../report/record.ts';
import type { RunFacts } from '../report/run-report.ts';
import type { EngineOptions } from '../start-engine.ts';
import type { Engine } from '../tensor/engine.ts';
import type { RunFolder } from '../train/run-folder.ts';
import type { Experiment, ExperimentParts } from './experiment.ts';
import type { MeasuringOptions } from './report-source.ts';
import type { Reporter } from './reporter.ts';
import { loadBestWeights, type SavedRun } from './saved-run.ts';
import { withEngine } from './session.ts';
import { version } from './version.ts';

/** Samples that are measured of a run that was interrupted: whoever pressed Ctrl-C is waiting. */
const MOST_WHEN_INTERRUPTED = 1_000;

/** What is left of a training when it ends, however it ends. */
interface TrainingEnd<Parts extends ExperimentParts> {
  readonly status: 'finished' | 'early' | 'interrupted' | 'failed';
  /** Why it failed. */
  readonly failure?: string;
  readonly engine: Engine;
  /** Undefined where nothing is left that could be measured. */
  readonly task?: Parts['task'];
  readonly data: Parts['data'];
}

/**
 * Writes report.json and report.html into a run's folder. A report that fails is a warning: the run is there.
 * @param end how the training of this process ended
 */
export async function reportTraining<Parts extends ExperimentParts>(
  experiment: Experiment<Parts>,
  run: SavedRun<Parts['settings']>,
  { status, failure, engine, task, data }: TrainingEnd<Parts>,
  reporter: Reporter,
): Promise<void> {
  const { folder, settings } = run;
  const path = join(folder.path, 'report.html');
  try {
    const record: ReportRecord = {
      ...newRecord(status, engine),
      failure,
      peakMemory: process.resourceUsage().maxRSS * 1024,
    };
    let measurement: Measurement | undefined;
    const epoch = await weightsEpoch(folder);
    if (task && epoch !== undefined) {
      if (status === 'interrupted') task.model.loadStateDict(await folder.readWeights('best'));
      const options: MeasuringOptions =
        status === 'interrupted' ? { set: 'validation', most: MOST_WHEN_INTERRUPTED } : { set: 'test' };
      measurement = { ...(await experiment.report.measure(task, data, settings, options)), epoch };
    }
    await saveRecord(folder.path, { ...record, measurement });
    await writeRunReport(path, await readRun(experiment, run, { ...record, measurement }));
    reporter.say(`report in ${path}`);
  } catch (error) {
    reporter.onNotice(`no report of ${folder.path}: ${(error as Error).message}`);
  }
}

/** Writes the report of a finished run that was killed before it did. A report that fails is a warning. */
export async function writeMissingReport<Parts extends ExperimentParts>(
  experiment: Experiment<Parts>,
  run: SavedRun<Parts['settings']>,
  reporter: Reporter,
): Promise<void> {
  const { folder, settings } = run;
  const path = join(folder.path, 'report.html');
  if (await reportIsWhole(folder)) return;
  try {
    await folder.hold(async () => {
      const record = await currentRecord(experiment, run, settings, reporter);
      await writeRunReport(path, await readRun(experiment, run, record));
    });
    reporter.say(`report in ${path}`);
  } catch (error) {
    reporter.onNotice(`no report of ${folder.path}: ${(error as Error).message}`);
  }
}

/** Whether the report is there, and of the run's end: there may be one of an interruption before it. */
async function reportIsWhole(folder: RunFolder): Promise<boolean> {
  const [page, record] = await Promise.all(
    ['report.html', 'report.json'].map((name) => stat(join(folder.path, name)).catch(() => undefined)),
  );
  if (!page || !record || page.mtimeMs < record.mtimeMs) return false;
  const result = await folder.readResult<{ status: string }>();
  return (await readRecord(folder.path))?.status === result?.status;
}

export async function writeRunReport(path: string, facts: RunFacts): Promise<void> {
  const { runReport, writeReport } = await import('../report/index.ts');
  await writeReport(path, runReport(facts));
}

/** What a report shows of a run. */
export async function readRun<Parts extends ExperimentParts>(
  experiment: Experiment<Parts>,
  { folder, settings }: SavedRun<Parts['settings']>,
  record: ReportRecord,
): Promise<RunFacts> {
  const result = await folder.readResult<Parts['result']>();
  const { report } = experiment;
  const test = result?.test as NonNullable<Parts['result']['test']> | undefined;
  return {
    // A report may travel: it does not say where on this machine the run is.
    name: basename(resolve(folder.path)),
    task: experiment.name,
    subject: report.title(settings),
    errorName: report.errorName,
    configuration: folder.configuration as Record<string, unknown>,
    metrics: await folder.readMetrics(),
    record,
    parameters: result?.parameters,
    scores: test === undefined ? [] : report.scores(test, settings),
  };
}

/** What a report shows of a run whose best weights have just been tested, here and now. @param test what came out */
export async function evaluatedRun<Parts extends ExperimentParts>(
  experiment: Experiment<Parts>,
  run: SavedRun<Parts['settings']>,
  { engine, task, data }: Pick<Required<TrainingEnd<Parts>>, 'engine' | 'task' | 'data'>,
  test: NonNullable<Parts['result']['test']>,
): Promise<RunFacts> {
  const known = await readRecord(run.folder.path);
  const result = await run.folder.readResult<Parts['result']>();
  const measurement = await experiment.report.measure(task, data, run.settings, { set: 'test' });
  const record: ReportRecord = {
    ...newRecord(result?.status ?? known?.status ?? 'running', engine),
    peakMemory: known?.peakMemory,
    measurement: { ...measurement, epoch: await weightsEpoch(run.folder) },
  };
  return {
    ...(await readRun(experiment, run, record)),
    parameters: task.model.parameterCount,
    scores: experiment.report.scores(test, run.settings),
  };
}

/** The run's record if it is of the weights that there are, else a new one, which needs the data. */
export async function currentRecord<Parts extends ExperimentParts>(
  experiment: Experiment<Parts>,
  run: SavedRun<Parts['settings']>,
  engineOptions: EngineOptions,
  reporter: Reporter,
): Promise<ReportRecord> {
  const { folder, settings } = run;
  const known = await readRecord(folder.path);
  const result = await folder.readResult<Parts['result']>();
  const epoch = await weightsEpoch(folder);
  const set = result ? 'test' : 'validation';
  const isCurrent =
    known?.measurement?.epoch === epoch && (epoch === undefined || known?.measurement?.set === `${set} set`);
  if (known && isCurrent) return known;
  return withEngine(engineOptions, async (engine) => {
    const record: ReportRecord = {
      ...newRecord(result ? result.status : (known?.status ?? 'running'), engine),
      peakMemory: known?.peakMemory,
      failure: known?.failure,
      // Who trained is more to the point than who reports.
      ...(known && { environment: known.environment }),
    };
    if (epoch === undefined) return record;
    try {
      const data = await experiment.loadData(settings, reporter);
      const task = await loadBestWeights(experiment, run, engine, data);
      const measurement = await experiment.report.measure(task, data, settings, { set });
      const measured = { ...record, measurement: { ...measurement, epoch } };
      // The folder may be one that can only be read.
      await saveRecord(folder.path, measured).catch((error: Error) =>
        reporter.onNotice(`the predictions will be measured again: ${error.message}`),
      );
      return measured;
    } catch (error) {
      reporter.onNotice(`${folder.path} without predictions: ${(error as Error).message}`);
      return record;
    }
  });
}

function newRecord(status: ReportRecord['status'], { backend }: Engine): ReportRecord {
  return {
    format: 'egnn-report',
    version: 1,
    status,
    written: writtenNow(),
    environment: {
      egnn: version(),
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
      backend: backend.description,
      threads: backend.threads,
    },
  };
}

/** `2021-02-19 12:00`, in UTC. */
export function writtenNow(): string {
  return new Date().toISOString().slice(0, 16).replace('T', ' ');
}

/** Of which epoch the best weights are; undefined while there are none. */
async function weightsEpoch(folder: RunFolder): Promise<number | undefined> {
  try {
    const { metadata } = readSafetensors(await readFile(join(folder.path, 'best.safetensors')));
    return metadata.epoch === undefined ? undefined : Number(metadata.epoch);
  } catch {
    return undefined;
  }
}
