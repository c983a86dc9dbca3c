/**
 * @file A lock that processes agree on: a small file that says who holds it. It appears with its content in one step,
 * and a lock whose process has died counts for nothing, so that a crash blocks nobody.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { constants, copyFile, link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { temporaryName, writingError } from './files.ts';

interface Holder {
  readonly host: string;
  readonly process: number;
  /** When that process began, as the system counts; a later process may have the same number. */
  readonly began?: string;
  /** ISO date. */
  readonly since: string;
  /** Different for each lock that is taken. */
  readonly token: string;
}

/** Another process, or another part of this one, holds the lock. */
export class LockedError extends Error {
  override name = 'LockedError';
}

/** Tokens of the locks that this process holds, by path. */
const held = new Map<string, string>();

/**
 * @param path of the lock's file; its folder exists
 * @param what is locked, for the message
 * @returns gives the lock back
 * @throws LockedError saying who holds it; what the file system throws
 */
export async function acquireLock(path: string, what: string): Promise<() => Promise<void>> {
  const place = resolve(path);
  const own: Holder = {
    host: hostname(),
    process: process.pid,
    began: readProcess(process.pid)?.began,
    since: new Date().toISOString(),
    token: randomUUID(),
  };
  const temporary = temporaryName(place);
  try {
    for (;;) {
      await writeFile(temporary, `${JSON.stringify(own)}\n`);
      if (await appears(temporary, place)) {
        // At once: whoever in this process reads the file next must find that its holder is alive.
        if (held.size === 0) process.on('exit', releaseAll);
        held.set(place, own.token);
        break;
      }
      const holder = await readHolder(place);
      if (holder && isAlive(holder, place)) throw new LockedError(refusal(holder, place, what));
      await removeStale(place, holder);
    }
  } catch (error) {
    throw error instanceof LockedError ? error : writingError(path, error as NodeJS.ErrnoException);
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
  }
  return async () => {
    release(place);
    if (held.size === 0) process.off('exit', releaseAll);
  };
}

/** Whether there was no file at `path` and now is one; no reader ever sees half of it. */
async function appears(from: string, path: string): Promise<boolean> {
  // The holder may have cleared `from` away with what dead processes left.
  const isOrdinary = (error: NodeJS.ErrnoException) => error.code === 'EEXIST' || error.code === 'ENOENT';
  try {
    await link(from, path);
    return true;
  } catch (error) {
    if (isOrdinary(error as NodeJS.ErrnoException)) return false;
  }
  // Not every file system has links.
  try {
    await copyFile(from, path, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (isOrdinary(error as NodeJS.ErrnoException)) return false;
    throw error;
  }
}

/** Undefined if there is none, or it says nothing. */
async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const holder = JSON.parse(await readFile(path, 'utf8'));
    return Number.isSafeInteger(holder?.process) && holder.process > 0 ? holder : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(holder: Holder, path: string): boolean {
  // Nothing is known of the processes of other machines.
  if (holder.host !== hostname()) return true;
  if (holder.process === process.pid) return held.get(path) === holder.token;
  try {
    process.kill(holder.process, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const found = readProcess(holder.process);
  if (found === undefined) return true;
  return !found.hasEnded && (holder.began === undefined || found.began === holder.began);
}

function refusal({ host, process: id, since, token }: Holder, path: string, what: string): string {
  if (held.get(path) === token) return `this process is using ${what} already`;
  const who = `process ${id} on ${host} has been using ${what} since ${since}`;
  return host === hostname()
    ? `${who}; wait for it, or end it`
    : `${who}; if it no longer runs there, delete ${path}`;
}

/** Takes away the lock of a dead process, unless somebody was quicker. */
async function removeStale(path: string, stale: Holder | undefined): Promise<void> {
  const aside = temporaryName(path);
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const taken = await readHolder(aside);
  // Somebody has replaced it since it was read: it goes back.
  if (taken?.token !== stale?.token) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

/** What Linux says of a process; undefined elsewhere. */
function readProcess(id: number): { readonly began: string; readonly hasEnded: boolean } | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
    // The name of the program, in brackets, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // One that was killed keeps its number until its parent asks for it, which in a container may be never.
    return { began: `${boot} ${fields[19]}`, hasEnded: 'ZX'.includes(fields[0]) };
  } catch {
    return undefined;
  }
}

function release(path: string): void {
  const token = held.get(path);
  held.delete(path);
  try {
    if (JSON.parse(readFileSync(path, 'utf8')).token === token) rmSync(path);
  } catch {
    // It is gone, or its folder is.
  }
}

function releaseAll(): void {
  for (const path of [...held.keys()]) release(path);
}
