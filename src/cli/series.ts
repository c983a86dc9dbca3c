/**
 * @file Several trainings in one folder, as `egnn reproduce` runs them. Started again on the same folder, it reads what is
 * finished, resumes what was interrupted, and trains the rest.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { UsageError } from './errors.ts';
import type { Experiment, ExperimentParts } from './experiment.ts';
import type { Reporter } from './reporter.ts';
import { openRun } from './saved-run.ts';
import { resumeRun, trainInFolder } from './train.ts';

interface Member<Settings> {
  /** Of its folder. */
  readonly name: string;
  readonly settings: Settings;
}

interface SeriesPlace {
  /** The folder that holds one folder a member. */
  readonly out: string;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/**
 * @returns the members' results, in their order
 * @throws InterruptedError as soon as the signal is aborted; UsageError if a folder holds a run with other settings
 */
export async function trainSeries<Parts extends ExperimentParts>(
  experiment: Experiment<Parts>,
  members: readonly Member<Parts['settings']>[],
  { out, reporter, signal }: SeriesPlace,
): Promise<Parts['result'][]> {
  const results: Parts['result'][] = [];
  for (const { name, settings } of members) {
    const path = join(out, name);
    if (!existsSync(join(path, 'config.json'))) {
      results.push(await trainInFolder(experiment, settings, { out: path, reporter, signal }));
      continue;
    }
    const run = await openRun(experiment, path);
    if (!isDeepStrictEqual(comparable(run.settings), comparable(settings)))
      throw new UsageError(`${path} holds a run with other settings; choose another --out`);
    results.push(await resumeRun(experiment, run, { reporter, signal }));
  }
  return results;
}

/** A run keeps the engine that it began with. */
function comparable(settings: ExperimentParts['settings']): object {
  return { ...settings, threads: undefined, backend: undefined };
}
