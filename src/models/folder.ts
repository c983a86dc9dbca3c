/** @file Writing a model folder; each file whole or absent. */
import { basename, join, resolve } from 'node:path';
import { makeFolder, writeWholeFile } from '../files.ts';
import { type ModelContents, modelFiles } from './files.ts';

/** @throws what the file system throws */
export async function writeModelFolder(path: string, contents: ModelContents): Promise<void> {
  await makeFolder(path);
  for (const [file, bytes] of Object.entries(modelFiles(basename(resolve(path)), contents)))
    await writeWholeFile(join(path, file), bytes);
}
