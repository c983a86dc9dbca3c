/**
 * @file The authors' charged N-body data set, from the cache or generated.
 *
 * The authors seed numpy with 43 and draw 10,000 trajectories to train on, then 2,000 to validate, then 2,000 to
 * test, all from one stream. With the default counts this is their set; other counts cut the same stream elsewhere.
 */
import { join } from 'node:path';
import { MersenneTwister } from '../../random/mersenne-twister.ts';
import { CacheError, cacheFolder as defaultFolder, readCacheFile, writeCacheFile } from '../cache.ts';
import { generateNBody } from './generate.ts';
import { emptySplit, type NBodySplit, sliceSplit } from './split.ts';

/** The three parts of the data set. */
export interface NBodyData {
  train: NBodySplit;
  valid: NBodySplit;
  test: NBodySplit;
}

/** Options of {@link loadNBodyData}. */
export interface NBodyOptions {
  /** An integer in [0, 2^32); the authors use 43. */
  seed?: number;
  /** 10,000 when left out */
  trainCount?: number;
  /** 2,000 when left out */
  validCount?: number;
  /** 2,000 when left out */
  testCount?: number;
  /** Where the set is kept; the user's cache folder when left out. */
  cacheFolder?: string;
  /** How many threads generate; as many as there are cores when left out. */
  threads?: number;
  /** Called while generating, with how many trajectories are done, and how many there will be. */
  onProgress?: (done: number, total: number) => void;
  /** Told, in a line, when the cache could not be used; printed as a warning when left out. */
  onNotice?: (line: string) => void;
  /** Stops the generation; the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Loads the data set, or generates it (a few seconds) and keeps it. A cache file that is damaged is generated anew; a
 * cache that cannot be written is done without. Either is said in one line through `onNotice`.
 * @throws RangeError if the seed or a count is out of range; the signal's reason when aborted
 */
export async function loadNBodyData(options: NBodyOptions = {}): Promise<NBodyData> {
  const { seed = 43, trainCount = 10_000, validCount = 2_000, testCount = 2_000, signal } = options;
  const { threads, onProgress, onNotice = (line) => console.warn(line) } = options;
  const counts = { trainCount, validCount, testCount };
  for (const [name, count] of Object.entries(counts)) {
    if (!Number.isInteger(count) || count < 0) {
      throw new RangeError(`invalid ${name}; not an integer of at least 0: ${count}`);
    }
  }
  const random = new MersenneTwister(seed);
  const total = trainCount + validCount + testCount;
  const name = `nbody-seed${seed}-${trainCount}-${validCount}-${testCount}`;
  const path = join(options.cacheFolder ?? defaultFolder(), `${name}.egnn`);

  signal?.throwIfAborted();
  let all = await fromCache(path, name, total, onNotice);
  if (all === undefined) {
    all = await generateNBody(total, random, { threads, onProgress, signal });
    try {
      await writeCacheFile(path, name, pack(all));
    } catch (error) {
      onNotice(`N-body data not kept: ${(error as Error).message}`);
    }
  }
  return {
    train: sliceSplit(all, 0, trainCount),
    valid: sliceSplit(all, trainCount, trainCount + validCount),
    test: sliceSplit(all, trainCount + validCount, total),
  };
}

async function fromCache(
  path: string,
  name: string,
  total: number,
  onNotice: (line: string) => void,
): Promise<NBodySplit | undefined> {
  try {
    const payload = await readCacheFile(path, name);
    return payload && unpack(payload, total);
  } catch (error) {
    if (!(error instanceof CacheError)) throw error;
    onNotice(`N-body data generated anew: ${error.message}`);
    return undefined;
  }
}

/** The arrays of a split, in the order in which a cache file holds them. */
function arrays(split: NBodySplit): (Float32Array | Int8Array)[] {
  return [split.positions, split.velocities, split.targets, split.charges];
}

function pack(split: NBodySplit): Uint8Array {
  const parts = arrays(split);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), offset);
    offset += part.byteLength;
  }
  return bytes;
}

function unpack(bytes: Uint8Array, count: number): NBodySplit {
  const split = emptySplit(count);
  const parts = arrays(split);
  const expected = parts.reduce((sum, part) => sum + part.byteLength, 0);
  if (bytes.length !== expected) {
    throw new CacheError(`${bytes.length} bytes of data where ${expected} were expected`);
  }
  let offset = 0;
  for (const part of parts) {
    new Uint8Array(part.buffer).set(bytes.subarray(offset, offset + part.byteLength));
    offset += part.byteLength;
  }
  return split;
}
