/**
 * @file The folder of a run:
 *
 *   config.json            the resolved configuration
 *   model.json             what the model takes and gives, with which its weights can be used without the task
 *   metrics.jsonl          one line an epoch
 *   best.safetensors       the weights with the best validation error, under the authors' names
 *   last.safetensors       the weights at the last checkpoint
 *   state.json             everything else that the next step depends on; names the file of its tensors
 *   state-STEP.safetensors parameters, optimiser moments, averages in the order of the parameters
 *   result.json            what came out, once the run is over
 *
 * Every file but metrics.jsonl is replaced as a whole. state.json is written last and is what a resumed run reads, so
 * a run that is killed at any moment has a checkpoint whose parts belong together.
 */
import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Numbers } from '../backends/backend.ts';
import { writeWholeFile } from '../files.ts';
import { readSafetensors, type SafetensorsInput, writeSafetensors } from '../formats/index.ts';
import type { StateDict } from '../nn/state-dict.ts';

/** What a resumed run needs: plain data, and flat arrays by name. */
export interface Checkpoint<State> {
  readonly state: State;
  readonly tensors: Record<string, Numbers>;
}

export class RunFolder {
  readonly path: string;
  /** As it is in config.json. */
  readonly configuration: unknown;

  private constructor(path: string, configuration: unknown) {
    this.path = path;
    this.configuration = configuration;
  }

  /** @throws Error if the folder holds a run already */
  static async create(path: string, configuration: unknown): Promise<RunFolder> {
    await mkdir(path, { recursive: true });
    const folder = new RunFolder(path, configuration);
    if ((await readdir(path)).includes('config.json'))
      throw new Error(`${path} holds a run already; resume it, or choose another folder`);
    await folder.#writeJson('config.json', configuration);
    return folder;
  }

  /** @throws Error if there is no run in the folder */
  static async open(path: string): Promise<RunFolder> {
    return new RunFolder(
      path,
      await readJson(join(path, 'config.json'), `${path} is not the folder of a run`),
    );
  }

  async saveModel(config: object): Promise<void> {
    await this.#writeJson('model.json', config);
  }

  /** @throws Error if there is none, or it is no JSON */
  readModel(): Promise<unknown> {
    return readJson(join(this.path, 'model.json'), `${this.path} does not describe its model`);
  }

  async appendMetrics(line: object): Promise<void> {
    await appendFile(join(this.path, 'metrics.jsonl'), `${JSON.stringify(line)}\n`);
  }

  /** Drops the lines of epochs after `epoch`, which a resumed run will write again, and half a line at the end. */
  async cutMetrics(epoch: number): Promise<void> {
    const path = join(this.path, 'metrics.jsonl');
    const lines = (await readFile(path, 'utf8').catch(() => '')).split('\n').slice(0, -1);
    const kept = lines.filter((line) => (JSON.parse(line) as { epoch: number }).epoch <= epoch);
    await writeWholeFile(path, kept.map((line) => `${line}\n`).join(''));
  }

  async saveWeights(
    which: 'best' | 'last',
    weights: StateDict,
    metadata: Record<string, string>,
  ): Promise<void> {
    await this.#write(
      `${which}.safetensors`,
      writeSafetensors(weights as Record<string, SafetensorsInput>, metadata),
    );
  }

  /** @throws Error if the run has not come so far, FormatError if the file is damaged */
  async readWeights(which: 'best' | 'last'): Promise<StateDict> {
    const path = join(this.path, `${which}.safetensors`);
    const bytes = await readFile(path).catch(() => {
      throw new Error(`${this.path} has no ${which}.safetensors: the run has no checkpoint yet`);
    });
    return Object.fromEntries(readSafetensors(bytes).tensors) as unknown as StateDict;
  }

  async saveCheckpoint<State extends { step: number }>({ state, tensors }: Checkpoint<State>): Promise<void> {
    const file = `state-${state.step}.safetensors`;
    const named = Object.entries(tensors).map(
      ([name, data]) => [name, { data, shape: [data.length] }] as [string, SafetensorsInput],
    );
    await this.#write(file, writeSafetensors(named));
    await this.#writeJson('state.json', { tensors: file, ...state });
    for (const name of await readdir(this.path))
      if (/^state-\d+\.safetensors$/.test(name) && name !== file) await rm(join(this.path, name));
  }

  /** @throws Error if there is no checkpoint, or it is damaged */
  async readCheckpoint<State>(): Promise<Checkpoint<State>> {
    const path = join(this.path, 'state.json');
    const { tensors: file, ...state } = (await readJson(path, `${this.path} has no checkpoint`)) as {
      tensors: string;
    };
    const { tensors } = readSafetensors(await readFile(join(this.path, file)));
    return {
      state: state as State,
      tensors: Object.fromEntries([...tensors].map(([name, { data }]) => [name, data as Numbers])),
    };
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

async function readJson(path: string, absent: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new Error(`${absent}: cannot read ${path} (${(error as NodeJS.ErrnoException).code})`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is not JSON: ${(error as Error).message}`);
  }
}
