/** @file A finished or interrupted run, opened for use: which experiment it is of, its settings, its best weights. */
import type { Engine } from '../tensor/engine.ts';
import { RunFolder } from '../train/run-folder.ts';
import { autoencoderExperiment } from './autoencoder-experiment.ts';
import { UsageError } from './errors.ts';
import type { Experiment, ExperimentParts } from './experiment.ts';
import { nbodyExperiment } from './nbody-experiment.ts';
import { qm9Experiment } from './qm9-experiment.ts';
import { parseSettings } from './settings.ts';

export interface SavedRun<Settings> {
  readonly folder: RunFolder;
  readonly settings: Settings;
}

/**
 * @throws Error if the folder holds no run, UsageError if it is of another experiment or its configuration is not one of
 *   this version
 */
export async function openRun<Parts extends ExperimentParts>(
  experiment: Experiment<Parts>,
  path: string,
): Promise<SavedRun<Parts['settings']>> {
  const folder = await RunFolder.open(path);
  if (taskOf(folder) !== experiment.name) throw otherTask(folder, [experiment.name]);
  return { folder, settings: parseSettings(experiment.form, folder.configuration, `${path}/config.json`) };
}

/** Opens a run of any experiment for `use`. @throws as `openRun` */
export async function useRun<T>(
  path: string,
  use: <Parts extends ExperimentParts>(
    experiment: Experiment<Parts>,
    run: SavedRun<Parts['settings']>,
  ) => Promise<T>,
): Promise<T> {
  const folder = await RunFolder.open(path);
  switch (taskOf(folder)) {
    case qm9Experiment.name:
      return use(qm9Experiment, await openRun(qm9Experiment, path));
    case autoencoderExperiment.name:
      return use(autoencoderExperiment, await openRun(autoencoderExperiment, path));
    case nbodyExperiment.name:
      return use(nbodyExperiment, await openRun(nbodyExperiment, path));
    default:
      throw otherTask(folder, [nbodyExperiment.name, qm9Experiment.name, autoencoderExperiment.name]);
  }
}

function taskOf({ configuration }: RunFolder): unknown {
  return (configuration as { task?: unknown } | null)?.task;
}

/** A folder with a configuration that the command cannot use. @param names of experiments whose runs it takes */
function otherTask(folder: RunFolder, names: readonly string[]): UsageError {
  const task = taskOf(folder);
  const { format } = (folder.configuration ?? {}) as { format?: unknown };
  const what =
    format === 'egnn-model'
      ? 'a model, not a training run'
      : task === undefined
        ? "a run of a program of one's own, whose data are not known here"
        : `a run of ${typeof task === 'string' ? task : JSON.stringify(task)}`;
  return new UsageError(`${folder.path} is ${what}; this command takes runs of ${names.join(', ')}`);
}

/** @throws Error if the run has no weights yet, or they do not fit the model */
export async function loadBestWeights<Parts extends ExperimentParts>(
  experiment: Experiment<Parts>,
  { folder, settings }: SavedRun<Parts['settings']>,
  engine: Engine,
  data: Parts['data'],
): Promise<Parts['task']> {
  const task = experiment.createTask(engine, settings, data);
  task.model.loadStateDict(await folder.readWeights('best'));
  return task;
}
