/**
 * @file Files that are either whole or absent: written under another name, flushed to the disk, then renamed; the
 * folder is flushed too, so that the new name outlives a loss of power.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const TEMPORARY = /\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;
/** What systems that cannot flush a folder answer. */
const CANNOT_FLUSH = ['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP', 'EBADF'];

/**
 * @param parts what the file holds, one after the other
 * @throws what the file system throws, with the path in its message; the file at `path` is then as it was before
 */
export async function writeWholeFile(
  path: string,
  ...parts: readonly (string | Uint8Array)[]
): Promise<void> {
  const temporary = temporaryName(path);
  try {
    const file = await open(temporary, 'wx');
    try {
      for (const part of parts) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw writingError(path, error as NodeJS.ErrnoException);
  }
  await syncFolder(dirname(path));
}

/**
 * Makes a folder where there is none, and those that it is in.
 * @throws what the file system throws, with the path in its message
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeFolders(path);
  } catch (error) {
    throw writingError(path, error as NodeJS.ErrnoException);
  }
}

/**
 * Node's own way, `recursive`, never ends where a folder that is there takes no others and says that nothing is there: a
 * working directory that was removed, and /proc.
 */
async function makeFolders(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Some systems say of folders that are there that they cannot be written.
    if ((await stat(path).catch(() => undefined))?.isDirectory()) return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolders(dirname(path));
    await mkdir(path).catch((again: NodeJS.ErrnoException) => {
      // Another process was quicker.
      if (again.code !== 'EEXIST') throw again;
    });
  }
}

/** A name beside `path` that no other process takes, and that `removeTemporaries` knows. */
export function temporaryName(path: string): string {
  return `${path}.${randomUUID()}.tmp`;
}

/**
 * Removes what processes have left in a folder that were killed while they wrote.
 * @param of only temporary files of the file with this name
 * @param age only those that nobody has written to for so many milliseconds
 */
export async function removeTemporaries(folder: string, { of = '', age = 0 } = {}): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!TEMPORARY.test(name) || !name.startsWith(of)) continue;
    const path = join(folder, name);
    const written = await stat(path).catch(() => undefined);
    if (written && Date.now() - written.mtimeMs >= age) await rm(path, { force: true });
  }
}

/** The same error, saying which file could not be written. */
export function writingError(path: string, error: NodeJS.ErrnoException): Error {
  if (error.code === undefined) return error;
  const { code, syscall } = error;
  const reason = error.message.replace(/^[A-Z0-9]+: /, '').replace(/,.*$/, '');
  return Object.assign(new Error(`cannot write ${path}: ${reason} (${code})`, { cause: error }), {
    code,
    syscall,
    path,
  });
}

async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    if (!CANNOT_FLUSH.includes((error as NodeJS.ErrnoException).code ?? ''))
      throw writingError(path, error as NodeJS.ErrnoException);
  }
}
