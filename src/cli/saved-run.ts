/** @file A finished or interrupted run, opened for use: its settings, its data, and its model with the best weights. */
import type { NBodyData } from '../data/nbody/index.ts';
import { NBodyTask } from '../tasks/nbody.ts';
import type { Engine } from '../tensor/engine.ts';
import { RunFolder } from '../train/run-folder.ts';
import { parseSettings, type Settings } from './settings.ts';

export interface SavedRun {
  readonly folder: RunFolder;
  readonly settings: Settings;
}

/** @throws Error if the folder holds no run, UsageError if its configuration is not one of this version */
export async function openRun(path: string): Promise<SavedRun> {
  const folder = await RunFolder.open(path);
  return { folder, settings: parseSettings(folder.configuration, `${path}/config.json`) };
}

/** @throws Error if the run has no weights yet, or they do not fit the model */
export async function loadBestWeights(
  { folder, settings }: SavedRun,
  engine: Engine,
  data: NBodyData,
): Promise<NBodyTask> {
  const task = new NBodyTask(engine, settings, data);
  task.model.loadStateDict(await folder.readWeights('best'));
  return task;
}
