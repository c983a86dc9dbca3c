/**
 * @file The folder of a run:
 *
 *   config.json            the resolved configuration
 *   model.json             what the model takes and gives, with which its weights can be used without the task
 *   metrics.jsonl          one line an epoch
 *   best.safetensors       the weights with the best validation error, under the authors' names
 *   last.safetensors       the weights at the last checkpoint
 *   state-STEP.safetensors a checkpoint: all that the next step depends on; the last two are kept
 *   result.json            what came out, once the run is over
 *   report.json            what a report shows and the other files do not hold: predictions, versions, memory
 *   report.html            the report, when it was last written
 *   run.lock               which process is training here; gone when none is
 *
 * Every file but metrics.jsonl is replaced as a whole, so a run that is killed at any moment can be read and resumed.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync } from 'node:fs';
import { appendFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, removeTemporaries, writeWholeFile, writingError } from '../files.ts';
import type { SafetensorsInput } from '../formats/index.ts';
import { acquireLock } from '../lock.ts';
import type { StateDict } from '../nn/state-dict.ts';
import {
  type Checkpoint,
  isCheckpoint,
  packChecked,
  readNewestCheckpoint,
  unpackChecked,
  writeCheckpoint,
} from './checkpoint-files.ts';
import type { EpochMetrics } from './task.ts';

export class RunFolder {
  readonly path: string;
  /** As it is in config.json. */
  readonly configuration: unknown;
  /** Names of checkpoints known to be whole, newest first. */
  #good: readonly string[] = [];
  /** Of the work that holds the folder's lock, and of all that it calls. */
  readonly #hold = new AsyncLocalStorage<{ ended: boolean }>();

  private constructor(path: string, configuration: unknown) {
    this.path = path;
    this.configuration = configuration;
  }

  /** @throws Error with the code EEXIST if the folder holds a run already, LockedError if another process uses it */
  static async create(path: string, configuration: unknown): Promise<RunFolder> {
    await makeFolder(path);
    const folder = new RunFolder(path, configuration);
    await folder.hold(async () => {
      if (await hasRun(path)) throw runExists(path);
      await folder.#writeJson('config.json', configuration);
    });
    return folder;
  }

  /** What `create` would refuse, before there is anything to put into the folder. @throws as `create` */
  static async expectFree(path: string): Promise<void> {
    if (!(await hasRun(path))) return;
    await new RunFolder(path, undefined).hold(async () => {});
    throw runExists(path);
  }

  /** @throws Error if there is no run in the folder */
  static async open(path: string): Promise<RunFolder> {
    return new RunFolder(
      path,
      await readJson(join(path, 'config.json'), `${path} is not the folder of a run`),
    );
  }

  /**
   * Runs `work` while nothing else may hold the folder, in this process or another. Work that holds it may call work
   * that does.
   * @throws LockedError saying which process holds it
   */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    if (this.#hold.getStore()?.ended === false) return work();
    const release = await acquireLock(join(this.path, 'run.lock'), this.path);
    const hold = { ended: false };
    try {
      await removeTemporaries(this.path);
      return await this.#hold.run(hold, work);
    } finally {
      hold.ended = true;
      await release();
    }
  }

  async saveModel(config: object): Promise<void> {
    await this.#writeJson('model.json', config);
  }

  /** @throws Error if there is none, or it is no JSON */
  readModel(): Promise<unknown> {
    return readJson(join(this.path, 'model.json'), `${this.path} does not describe its model`);
  }

  async appendMetrics(line: object): Promise<void> {
    const path = join(this.path, 'metrics.jsonl');
    await appendFile(path, `${JSON.stringify(line)}\n`).catch((error) => {
      throw writingError(path, error);
    });
  }

  /** What is known of each epoch, in their order; lines that are damaged are left out. */
  async readMetrics(): Promise<EpochMetrics[]> {
    const text = await readFile(join(this.path, 'metrics.jsonl'), 'utf8').catch(() => '');
    return text.split('\n').flatMap((line) => metricsOf(line) ?? []);
  }

  /** Drops the lines of epochs after `epoch`, which a resumed run will write again, and lines that are damaged. */
  async cutMetrics(epoch: number): Promise<void> {
    const path = join(this.path, 'metrics.jsonl');
    const lines = (await readFile(path, 'utf8').catch(() => '')).split('\n').slice(0, -1);
    const kept = lines.filter((line) => (metricsOf(line)?.epoch ?? Number.POSITIVE_INFINITY) <= epoch);
    await writeWholeFile(path, kept.map((line) => `${line}\n`).join(''));
  }

  async saveWeights(
    which: 'best' | 'last',
    weights: StateDict,
    metadata: Record<string, string>,
  ): Promise<void> {
    const named = Object.entries(weights) as [string, SafetensorsInput][];
    await this.#write(`${which}.safetensors`, packChecked(named, metadata));
  }

  /** @throws Error if the run has not come so far, or the file is damaged */
  async readWeights(which: 'best' | 'last'): Promise<StateDict> {
    const path = join(this.path, `${which}.safetensors`);
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      throw new Error(`${this.path} has no ${which}.safetensors: the run has no checkpoint yet`);
    });
    try {
      return Object.fromEntries(unpackChecked(bytes).tensors) as unknown as StateDict;
    } catch (error) {
      throw new Error(
        `${path} cannot be used: ${(error as Error).message}; resuming the run writes it anew from the checkpoint ` +
          '(one that is over needs its result.json deleted first)',
        { cause: error },
      );
    }
  }

  async saveCheckpoint<State extends { step: number }>(checkpoint: Checkpoint<State>): Promise<void> {
    this.#good = await writeCheckpoint(this.path, checkpoint, this.#good);
  }

  /**
   * The newest checkpoint that is whole; undefined if the run was stopped before its first one.
   * @param onDamaged told in a line about each newer one that is not
   * @throws Error if there are checkpoints, and all are damaged
   */
  async readCheckpoint<State>(
    onDamaged: (line: string) => void = () => {},
  ): Promise<Checkpoint<State> | undefined> {
    const found = await readNewestCheckpoint<State>(this.path);
    if (!found) return undefined;
    this.#good = [found.name];
    for (const line of found.damaged) onDamaged(`${line}; going on from ${found.name}`);
    return found.checkpoint;
  }

  /** @throws Error if a training has been here, which a new one would write over */
  async expectUnused(): Promise<void> {
    if (await hasTraining(this.path))
      throw new Error(
        `${this.path} holds a training already; resume: true continues it, a new one needs a folder of its own`,
      );
  }

  async saveResult(result: object): Promise<void> {
    await this.#writeJson('result.json', result);
  }

  /** Undefined while the run is not over. */
  async readResult<Result>(): Promise<Result | undefined> {
    return (await readJson(join(this.path, 'result.json'), '').catch(() => undefined)) as Result | undefined;
  }

  #write(name: string, content: string | Uint8Array): Promise<void> {
    return writeWholeFile(join(this.path, name), content);
  }

  #writeJson(name: string, value: unknown): Promise<void> {
    return this.#write(name, `${JSON.stringify(value, undefined, 2)}\n`);
  }
}

/** Also one whose configuration has vanished: its checkpoints are not those of another. */
async function hasRun(path: string): Promise<boolean> {
  return existsSync(join(path, 'config.json')) || (existsSync(path) && hasTraining(path));
}

async function hasTraining(path: string): Promise<boolean> {
  return (await readdir(path)).some((name) => name === 'result.json' || isCheckpoint(name));
}

function runExists(path: string): Error {
  const message = `${path} holds a run already; resume it, or choose another folder`;
  return Object.assign(new Error(message), { code: 'EEXIST' });
}

/** Undefined for a line that is damaged. */
function metricsOf(line: string): EpochMetrics | undefined {
  try {
    const metrics = JSON.parse(line) as EpochMetrics;
    const { epoch, step, loss, validation, learningRate, seconds } = metrics;
    const numbers = [epoch, step, loss, validation ?? 0, learningRate, seconds];
    return numbers.every(Number.isFinite) ? metrics : undefined;
  } catch {
    return undefined;
  }
}

async function readJson(path: string, absent: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw Object.assign(new Error(`${absent}: cannot read ${path} (${code})`), { code });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is not JSON: ${(error as Error).message}`);
  }
}
