/** @file A model named on the command line: a model folder, a single file, or the folder of a training run. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkModelConfig, LoadedModel, loadModel, type ModelContents } from '../models/index.ts';
import type { Engine } from '../tensor/engine.ts';
import { RunFolder } from '../train/run-folder.ts';
import { withHint } from './errors.ts';

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

/** A run's best weights with the description of its model. */
async function runContents(path: string): Promise<ModelContents> {
  const folder = await RunFolder.open(path);
  return { config: checkModelConfig(await folder.readModel()), state: await folder.readWeights('best') };
}
