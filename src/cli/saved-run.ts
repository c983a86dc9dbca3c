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
  const { task } = folder.configuration as { task?: unknown };
  if (task !== experiment.name)
    throw new UsageError(`${path} is a run of ${task}; this command takes runs of ${experiment.name}`);
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
  const { task } = (await RunFolder.open(path)).configuration as { task?: unknown };
  switch (task) {
    case qm9Experiment.name:
      return use(qm9Experiment, await openRun(qm9Experiment, path));
    case autoencoderExperiment.name:
      return use(autoencoderExperiment, await openRun(autoencoderExperiment, path));
    default:
      return use(nbodyExperiment, await openRun(nbodyExperiment, path));
  }
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
