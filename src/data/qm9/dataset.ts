/**
 * @file QM9 (Ramakrishnan et al. 2014) in the paper's split: read once from whatever form the user has, then from the
 * cache. Nothing is downloaded. All forms give the same bits, so there is one cache file, and it does not matter
 * which form it came from.
 */
import { join } from 'node:path';
import { CacheError, cacheFolder as defaultFolder, readCacheFile, writeCacheFile } from '../cache.ts';
import { keptMolecules } from './excluded.ts';
import type { MoleculeSet } from './molecules.ts';
import type { ReadingOptions } from './pause.ts';
import { findQM9, type QM9Source, readSource } from './source.ts';
import { checkComplete, type QM9, splitQM9 } from './split.ts';
import { TARGET_NAMES } from './targets.ts';

const DESCRIPTION = `QM9: offsets, index, positions, ${TARGET_NAMES.join(', ')}, numbers`;

/** Where the cache file is. */
export interface QM9CacheOptions {
  /** The user's cache folder when left out. */
  cacheFolder?: string;
}

/** Options of {@link readQM9}. */
export interface QM9Options extends QM9CacheOptions, ReadingOptions {
  /** Told, in a line, when the cache could not be written, and why; printed as a warning when left out. */
  onNotice?: (line: string, reason: Error) => void;
}

/** The path of the cache file; it need not exist. */
export function qm9CachePath({ cacheFolder = defaultFolder() }: QM9CacheOptions = {}): string {
  return join(cacheFolder, 'qm9.egnn');
}

/**
 * Reads QM9 and keeps it in the cache, for {@link loadQM9}.
 * @param from a folder with the authors' `qm9_train.npz`, `qm9_valid.npz` and `qm9_test.npz`; or the archive
 * `dsgdb9nsd.xyz.tar.bz2`; or the wheel of the Python package `qm9pack`; or a folder with one of these
 * @throws FormatError, naming file and place, if it is none of these, or damaged; RangeError if it is not all of QM9;
 * the signal's reason when aborted
 */
export async function readQM9(from: string | QM9Source, options: QM9Options = {}): Promise<QM9> {
  const { onNotice = (line) => console.warn(line) } = options;
  const source = typeof from === 'string' ? await findQM9(from) : from;
  const all = await readSource(source, options);
  try {
    checkComplete(all);
  } catch (error) {
    throw new RangeError(`${source.paths.join(', ')} ${(error as Error).message}`, { cause: error });
  }
  try {
    await writeCacheFile(qm9CachePath(options), DESCRIPTION, pack(all));
  } catch (error) {
    onNotice(`QM9 not kept: ${(error as Error).message}`, error as Error);
  }
  return splitQM9(all);
}

/**
 * QM9 from the cache; undefined if {@link readQM9} has not put it there.
 * @throws CacheError if the cache file is damaged
 */
export async function loadQM9(options: QM9CacheOptions = {}): Promise<QM9 | undefined> {
  const payload = await readCacheFile(qm9CachePath(options), DESCRIPTION);
  return payload && splitQM9(unpack(payload));
}

function pack(set: MoleculeSet): Uint8Array {
  const targets = TARGET_NAMES.map((name) => set.targets[name]);
  const arrays = [set.offsets, set.index, set.positions, ...targets, set.numbers];
  return Buffer.concat(arrays.map((a) => new Uint8Array(a.buffer, a.byteOffset, a.byteLength)));
}

/** The arrays as views of the payload, a buffer of its own; all but the last have elements of four bytes. */
function unpack({ buffer, byteLength }: Uint8Array): MoleculeSet {
  const count = keptMolecules().length;
  const offsets = new Int32Array(buffer, 0, count + 1);
  const atoms = offsets[count];
  const expected = 4 * (count + 1 + count * (1 + TARGET_NAMES.length) + 3 * atoms) + atoms;
  if (byteLength !== expected) {
    throw new CacheError(`QM9 in the cache has ${byteLength} bytes; expected ${expected}`);
  }
  let at = offsets.byteLength;
  const floats = (length: number) => {
    const start = at;
    at += 4 * length;
    return new Float32Array(buffer, start, length);
  };
  const index = new Int32Array(buffer, at, count);
  at += index.byteLength;
  const positions = floats(3 * atoms);
  const targets = Object.fromEntries(TARGET_NAMES.map((name) => [name, floats(count)]));
  const numbers = new Uint8Array(buffer, at, atoms);
  return { count, index, offsets, numbers, positions, targets: targets as MoleculeSet['targets'] };
}
