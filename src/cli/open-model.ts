/** @file A model named on the command line: a model folder, a single file, or the folder of a training run. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LoadedModel, loadModel, type ModelContents } from '../models/index.ts';
import { networkOf } from '../tasks/nbody-models.ts';
import type { Engine } from '../tensor/engine.ts';
import { withHint } from './errors.ts';
import { openRun } from './saved-run.ts';

/** @throws Error saying what is missing or does not fit */
export async function openModel(path: string, engine: Engine): Promise<LoadedModel> {
  if (existsSync(join(path, 'best.safetensors'))) return new LoadedModel(engine, await runContents(path));
  try {
    return await loadModel(path, { engine });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw withHint(
      new Error(`${path} is no model: ${(error as Error).message}`),
      'a model folder has model.safetensors and config.json; egnn import makes one from a checkpoint',
    );
  }
}

/** A run's best weights with the configuration of its network. */
async function runContents(path: string): Promise<ModelContents> {
  const { folder, settings } = await openRun(path);
  const config = {
    format: 'egnn-model',
    version: 1,
    network: networkOf(settings),
    edges: 'complete',
  } as const;
  return { config, state: await folder.readWeights('best') };
}
