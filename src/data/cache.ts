/**
 * @file The folder where data sets are kept between runs, and files in it that are either whole or absent.
 *
 * A file is written under a temporary name and renamed when complete, so a process killed half-way leaves no file
 * that looks finished. What a reader gets is checked against a SHA-256 in the header, so a damaged file is noticed.
 *
 *     8 bytes   'EGNNDATA'
 *     4 bytes   version of this layout, little endian
 *     4 bytes   length of the description, little endian
 *     32 bytes  SHA-256 of everything that follows
 *     ...       the description (UTF-8), then the payload
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolder, writeWholeFile } from '../files.ts';

const MAGIC = 'EGNNDATA';
const VERSION = 1;
const HEADER_LENGTH = 48;

/** A cache file that cannot be used; the message says why. */
export class CacheError extends Error {
  override name = 'CacheError';
}

/**
 * The user's cache folder for this package; it need not exist yet.
 *
 * `EGNN_CACHE` if set, else `egnn` in `XDG_CACHE_HOME`, else the system's custom: `~/.cache/egnn`,
 * `~/Library/Caches/egnn` on macOS, `%LOCALAPPDATA%\egnn\Cache` on Windows.
 */
export function cacheFolder(
  environment: Record<string, string | undefined> = process.env,
  platform: string = process.platform,
): string {
  const { EGNN_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = environment;
  if (EGNN_CACHE) return EGNN_CACHE;
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, 'egnn');
  if (platform === 'win32') return join(LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'egnn', 'Cache');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'egnn');
  return join(homedir(), '.cache', 'egnn');
}

/**
 * Writes a cache file as a whole or not at all, and makes its folder if need be.
 * @param description says what the payload is; {@link readCacheFile} wants the same
 * @throws what the file system throws, for instance when the disk is full
 */
export async function writeCacheFile(path: string, description: string, payload: Uint8Array): Promise<void> {
  const text = new TextEncoder().encode(description);
  const header = Buffer.alloc(HEADER_LENGTH);
  header.write(MAGIC, 'latin1');
  header.writeUInt32LE(VERSION, 8);
  header.writeUInt32LE(text.length, 12);
  createHash('sha256').update(text).update(payload).digest().copy(header, 16);

  await makeFolder(dirname(path));
  await writeWholeFile(path, header, text, payload);
}

/**
 * The payload of a cache file, or undefined if there is none at `path`.
 * @throws CacheError if the file is truncated, damaged, or of something other than `description`
 */
export async function readCacheFile(path: string, description: string): Promise<Uint8Array | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CacheError(`cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
  if (bytes.length < HEADER_LENGTH || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw new CacheError(`${path} is not a cache file of egnn`);
  }
  const version = bytes.readUInt32LE(8);
  if (version !== VERSION) throw new CacheError(`${path} has version ${version}, not ${VERSION}`);
  const content = bytes.subarray(HEADER_LENGTH);
  if (!createHash('sha256').update(content).digest().equals(bytes.subarray(16, HEADER_LENGTH))) {
    throw new CacheError(`${path} is truncated or damaged (its checksum does not match)`);
  }
  const textLength = bytes.readUInt32LE(12);
  const found = content.toString('utf8', 0, textLength);
  if (found !== description) throw new CacheError(`${path} holds '${found}', not '${description}'`);
  return Uint8Array.from(content.subarray(textLength));
}
