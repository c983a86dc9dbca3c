/**
 * @file A model named on the command line: a model folder, a single file, the folder of a training run, or the name of a
 * model that ships with the package.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkModelConfig, LoadedModel, loadModel, type ModelContents } from '../models/index.ts';
import type { Engine } from '../tensor/engine.ts';
import { RunFolder } from '../train/run-folder.ts';
import { withHint } from './errors.ts';

/** As far from here in `src` as in the built package. */
const SHIPPED = fileURLToPath(new URL('../../models/', import.meta.url));

/**
 * @param model a path; if nothing is there, the name of a model that ships with the package
 * @throws Error saying what is missing or does not fit
 */
export async function openModel(model: string, engine: Engine): Promise<LoadedModel> {
  const shipped = existsSync(SHIPPED) ? readdirSync(SHIPPED) : [];
  const path = !existsSync(model) && shipped.includes(model) ? join(SHIPPED, model) : model;
  if (existsSync(join(path, 'best.safetensors'))) return new LoadedModel(engine, await runContents(path));
  try {
    return await loadModel(path, { engine });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw withHint(
      new Error(`${path} is no model: ${(error as Error).message}`, { cause: error }),
      'egnn import makes one from a checkpoint' +
        (shipped.length > 0 ? `; models of the package: ${shipped.join(', ')}` : ''),
    );
  }
}

/** A run's best weights with the description of its model. */
async function runContents(path: string): Promise<ModelContents> {
  const folder = await RunFolder.open(path);
  return { config: checkModelConfig(await folder.readModel()), state: await folder.readWeights('best') };
}
