/**
 * @file QM9 as published: `dsgdb9nsd.xyz.tar.bz2`, a file for each of 133,885 molecules, of which the 3,054 that its
 * authors advise to leave out are left out here (https://doi.org/10.6084/m9.figshare.978904, CC0).
 */
import { readBzip2 } from './bzip2.ts';
import { excludedMolecules } from './excluded.ts';
import { finishDraft, type MoleculeSet, newDraft } from './molecules.ts';
import { pause, type ReadingOptions } from './pause.ts';
import { readTar } from './tar.ts';
import { readXyz } from './xyz.ts';

/** @throws FormatError naming the file of the archive, or the byte of it */
export async function readArchive(archive: Uint8Array, options: ReadingOptions): Promise<MoleculeSet> {
  const excluded = new Set(excludedMolecules());
  const draft = newDraft();
  for await (const { name, data } of readTar(decompress(archive, options))) {
    if (name.endsWith('.xyz')) readXyz(draft, data, name, excluded);
  }
  return finishDraft(draft);
}

async function* decompress(archive: Uint8Array, options: ReadingOptions): AsyncGenerator<Uint8Array> {
  for (const { data, position } of readBzip2(archive)) {
    await pause(options, position, archive.length);
    yield data;
  }
}
