/** @file Finds out which form of QM9 a path leads to, and reads it. */
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FormatError } from '../../formats/error.ts';
import type { MoleculeSet } from './molecules.ts';
import type { ReadingOptions } from './pause.ts';
import { readArchive } from './read-archive.ts';
import { readNpzFiles } from './read-npz.ts';
import { readQm9Pack } from './read-qm9pack.ts';

/** The authors' three npz files, the archive of xyz files, or the Python package. */
export type QM9Form = 'npz' | 'xyz' | 'qm9pack';

/** Where QM9 is, and in which form. */
export interface QM9Source {
  form: QM9Form;
  /** One file, or the three npz files. */
  paths: string[];
}

const NPZ_NAMES = ['qm9_train.npz', 'qm9_valid.npz', 'qm9_test.npz'];
const ARCHIVE_NAME = 'dsgdb9nsd.xyz.tar.bz2';
const WHEEL_NAME = /^qm9pack-.*\.whl$/;
const EXPECTED = `expected ${NPZ_NAMES.join(', ')}, or ${ARCHIVE_NAME}, or a wheel qm9pack-*.whl`;

/**
 * Which form of QM9 a file or folder holds; a file by its first bytes, a folder by the names in it.
 * @throws Error if there is none, or nothing can be read
 */
export async function findQM9(from: string): Promise<QM9Source> {
  const found = await stat(from).catch((error: Error) => {
    throw new Error(`cannot read QM9 from ${from}: ${error.message}`, { cause: error });
  });
  if (found.isDirectory()) return findInFolder(from);
  const file = await open(from);
  const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0).finally(() => file.close());
  const start = buffer.toString('latin1');
  if (start.startsWith('BZh')) return { form: 'xyz', paths: [from] };
  if (start === 'PK\x03\x04' && !from.endsWith('.npz')) return { form: 'qm9pack', paths: [from] };
  throw new FormatError(
    `${from} is neither a bz2 file nor a wheel; ${EXPECTED}, or a folder with one of these`,
  );
}

async function findInFolder(folder: string): Promise<QM9Source> {
  const names = await readdir(folder);
  const paths = (found: string[]) => found.map((name) => join(folder, name));
  if (NPZ_NAMES.every((name) => names.includes(name))) return { form: 'npz', paths: paths(NPZ_NAMES) };
  if (names.includes(ARCHIVE_NAME)) return { form: 'xyz', paths: paths([ARCHIVE_NAME]) };
  const wheel = names.find((name) => WHEEL_NAME.test(name));
  if (wheel !== undefined) return { form: 'qm9pack', paths: paths([wheel]) };
  throw new FormatError(`there is no QM9 in ${folder}; ${EXPECTED}`);
}

/** All molecules of a source, ordered by number. @throws FormatError naming the file */
export async function readSource(source: QM9Source, options: ReadingOptions): Promise<MoleculeSet> {
  const contents = await Promise.all(source.paths.map((path) => readFile(path)));
  options.signal?.throwIfAborted();
  if (source.form === 'npz') {
    return readNpzFiles(Object.fromEntries(contents.map((bytes, k) => [source.paths[k], bytes])), options);
  }
  const read = source.form === 'xyz' ? readArchive : readQm9Pack;
  try {
    return await read(contents[0], options);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(`${source.paths[0]}: ${error.message}`, { cause: error });
  }
}
