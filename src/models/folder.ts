/** @file Writing a model folder: weights, configuration, card; each file whole or absent. */
import { mkdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { writeWholeFile } from '../files.ts';
import { modelCard } from './card.ts';
import { type ModelContents, packModel } from './files.ts';
import { CONFIG_FILE, WEIGHTS_FILE } from './load.ts';

/** @throws what the file system throws */
export async function writeModelFolder(path: string, contents: ModelContents): Promise<void> {
  const { config, state } = contents;
  const parameterCount = Object.values(state).reduce((sum, { data }) => sum + data.length, 0);
  await mkdir(path, { recursive: true });
  await writeWholeFile(join(path, WEIGHTS_FILE), packModel(contents));
  await writeWholeFile(
    join(path, 'README.md'),
    modelCard({ name: basename(resolve(path)), config, parameterCount }),
  );
  // The last one: a folder with a configuration is complete.
  await writeWholeFile(join(path, CONFIG_FILE), `${JSON.stringify(config, undefined, 2)}\n`);
}
