/**
 * @file An output that is not there before it is whole. Records go to FILE.partial; FILE.partial.json says what run they
 * belong to and how far they are good, and is written anew every few seconds, after them. The same run continues there:
 * what stands beyond is cut off. Another run starts anew. FILE.partial.lock says which process is at it.
 */
import { existsSync } from 'node:fs';
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { removeTemporaries, writeWholeFile, writingError } from '../files.ts';
import { acquireLock } from '../lock.ts';
import { BEGINNING, type Progress } from './run.ts';

const SAVE_MILLISECONDS = 2_000;

/** What has to be the same for a run to be continued: plain data by name. */
export type Identity = Readonly<Record<string, unknown>>;

interface State {
  readonly identity: Identity;
  readonly progress: Progress;
  /** How much of FILE.partial is good. */
  readonly bytes: number;
}

interface OpenOptions {
  readonly path: string;
  readonly identity: Identity;
  /** Whether records that were passed over by the run so far may be missing. */
  readonly skipInvalid: boolean;
  /** Whether the run can be continued at all. */
  readonly resumable: boolean;
  readonly header: string;
}

export class PartialFile {
  /** Where the records are. */
  readonly path: string;
  /** What happened to a partial file that was there; undefined if there was none. */
  readonly notice: string | undefined;
  readonly #file: FileHandle;
  /** Gives the lock back. */
  readonly #release: () => Promise<void>;
  readonly #identity: Identity;
  readonly #statePath: string;
  #progress: Progress;
  #bytes: number;
  #lastSave = performance.now();

  private constructor(
    file: FileHandle,
    release: () => Promise<void>,
    { path, identity }: OpenOptions,
    notice: string | undefined,
    at?: State,
  ) {
    this.path = partialPath(path);
    this.notice = notice;
    this.#file = file;
    this.#release = release;
    this.#identity = identity;
    this.#statePath = statePath(path);
    this.#progress = at?.progress ?? BEGINNING;
    this.#bytes = at?.bytes ?? 0;
  }

  /** @throws LockedError if another process is writing the same file, what the file system throws */
  static async open(options: OpenOptions): Promise<PartialFile> {
    const path = partialPath(options.path);
    const release = await acquireLock(`${path}.lock`, path);
    try {
      await removeTemporaries(dirname(path), { of: basename(path) });
      return await PartialFile.#openLocked(options, release);
    } catch (error) {
      await release();
      throw error;
    }
  }

  static async #openLocked(options: OpenOptions, release: () => Promise<void>): Promise<PartialFile> {
    const path = partialPath(options.path);
    const state = await readState(options.path);
    const obstacle = existsSync(path) ? await obstacleTo(state, path, options) : undefined;
    const isContinued = existsSync(path) && obstacle === undefined;
    const notice = obstacle
      ? `starting anew: ${path} ${obstacle}`
      : isContinued
        ? `continuing ${path} after ${state!.progress.written} records`
        : undefined;
    const file = await open(path, isContinued ? 'r+' : 'w').catch((error) => {
      throw writingError(path, error);
    });
    const partial = new PartialFile(file, release, options, notice, isContinued ? state : undefined);
    try {
      await file.truncate(partial.#bytes);
      if (!isContinued) await partial.write(options.header, BEGINNING);
      await partial.save();
    } catch (error) {
      await file.close();
      throw error;
    }
    return partial;
  }

  get progress(): Progress {
    return this.#progress;
  }

  /** Appends whole records, which bring the run to `progress`. @throws what the file system throws */
  async write(text: string, progress: Progress): Promise<void> {
    const bytes = Buffer.from(text);
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, this.#bytes + done);
        done += bytesWritten;
      }
    } catch (error) {
      throw writingError(this.path, error as NodeJS.ErrnoException);
    }
    this.#bytes += bytes.length;
    this.#progress = progress;
    if (performance.now() - this.#lastSave > SAVE_MILLISECONDS) await this.save();
  }

  /** What is written so far stays, whatever happens next. */
  async save(): Promise<void> {
    await this.#file.datasync();
    const state: State = { identity: this.#identity, progress: this.#progress, bytes: this.#bytes };
    await writeWholeFile(this.#statePath, `${JSON.stringify(state)}\n`);
    this.#lastSave = performance.now();
  }

  /** Leaves the partial file for a later run. */
  async leave(): Promise<void> {
    try {
      // Where the disk is full, the last state that was saved is good too.
      await this.save().catch(() => {});
    } finally {
      await this.#file.close();
      await this.#release();
    }
  }

  /** Gives the file its name. @param convert makes another file of the records, and gives its path */
  async finish(path: string, convert?: () => Promise<string>): Promise<void> {
    await this.save();
    const whole = convert ? await convert() : this.path;
    await this.#file.close();
    await rename(whole, path);
    await rm(this.path, { force: true });
    await rm(this.#statePath, { force: true });
    await this.#release();
  }
}

function partialPath(path: string): string {
  return `${path}.partial`;
}

function statePath(path: string): string {
  return `${partialPath(path)}.json`;
}

/** Nothing if there is none, or it was damaged. */
async function readState(path: string): Promise<State | undefined> {
  try {
    const state = JSON.parse(await readFile(statePath(path), 'utf8'));
    return state?.identity && state.progress && Number.isSafeInteger(state.bytes) ? state : undefined;
  } catch {
    return undefined;
  }
}

/** Why a partial file cannot be continued; undefined if it can. */
async function obstacleTo(
  state: State | undefined,
  path: string,
  { identity, skipInvalid, resumable }: OpenOptions,
): Promise<string | undefined> {
  if (!state) return 'does not say what run it is of';
  // As it comes back from JSON.
  const own: Identity = JSON.parse(JSON.stringify(identity));
  const names = [...new Set([...Object.keys(own), ...Object.keys(state.identity)])];
  const other = names.filter((name) => JSON.stringify(own[name]) !== JSON.stringify(state.identity[name]));
  if (other.length > 0) return `is of a run that differs in ${other.join(', ')}`;
  if (!resumable) return 'is of standard input, which cannot be continued';
  if (state.progress.skipped > 0 && !skipInvalid)
    return 'lacks invalid records, which this run is not to skip';
  const file = await open(path, 'r');
  const { size } = await file.stat().finally(() => file.close());
  return size < state.bytes ? 'is shorter than it was' : undefined;
}
