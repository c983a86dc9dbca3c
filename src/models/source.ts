/**
 * @file The bytes of a model's files, from a path in Node or an address. Both may be a stranger's: only files are read, of
 * a folder only those in it, and no more than a limit.
 */

/** What is read, and how far. */
export interface Reading {
  /** In bytes. */
  readonly limit: number;
  /** The folder that a file has to lie in, links followed. */
  readonly folder?: string;
  /** Whether a file may be missing. */
  readonly optional?: boolean;
}

/** @throws Error saying what is in the way; with the code ENOENT where nothing is there */
export function readSource(source: string, reading: Reading): Promise<Uint8Array | undefined> {
  return isAddress(source) ? fetchBytes(source, reading) : readFileBytes(source, reading);
}

function isAddress(source: string): boolean {
  return /^(https?|blob|data):/.test(source);
}

async function fetchBytes(address: string, { limit, optional }: Reading): Promise<Uint8Array | undefined> {
  const response = await fetch(address);
  if (optional && response.status === 404) return undefined;
  if (!response.ok) throw new Error(`${address}: ${response.status} ${response.statusText}`);
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body!.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) {
      await reader.cancel();
      throw tooLong(address, limit);
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

async function readFileBytes(
  path: string,
  { limit, folder, optional }: Reading,
): Promise<Uint8Array | undefined> {
  const { readFile, realpath, stat } = process.getBuiltinModule('node:fs/promises');
  const { isAbsolute, relative } = process.getBuiltinModule('node:path');
  const place = (text: string) => (text.startsWith('file:') ? new URL(text) : text);
  try {
    // Looked at before it is opened: opening a pipe waits for whoever writes to it, and a device has no end.
    const facts = await stat(place(path));
    if (!facts.isFile()) throw new Error(`${path} is a folder, a pipe or a device; expected a file`);
    if (folder !== undefined) {
      const inside = relative(await realpath(place(folder)), await realpath(place(path)));
      if (isAbsolute(inside) || /^\.\.([\\/]|$)/.test(inside))
        throw new Error(`${path} is a link to a file outside of its folder; copy that file into the folder`);
    }
    if (facts.size > limit) throw tooLong(path, limit);
    return new Uint8Array(await readFile(place(path)));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && optional) return undefined;
    throw error;
  }
}

function tooLong(source: string, limit: number): Error {
  return new Error(`${source} is longer than ${limit.toLocaleString('en')} bytes, the most that are read`);
}
