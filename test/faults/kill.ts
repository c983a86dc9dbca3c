/**
 * @file Kills trainings at random moments, resumes them, and holds what comes out against a training that nobody killed.
 * After each kill the folder is read.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCacheFile } from '../../src/data/cache.ts';
import { MersenneTwister } from '../../src/random/mersenne-twister.ts';
import { RunFolder } from '../../src/train/run-folder.ts';
import { MAIN } from './command.ts';
import { writeSmallQM9 } from './small-qm9.ts';

const PRELOAD = fileURLToPath(new URL('./kill-preload.mjs', import.meta.url));
const COMMON = ['--threads', '1', '--hidden', '8', '--layers', '1', '--ema', '0.9', '--validate-every', '1'];
export const experiments = {
  nbody: ['nbody', ...COMMON, '--trajectories', '60,400,100', '--batch-size', '10', '--epochs', '4'],
  qm9: [
    'qm9',
    ...COMMON,
    ...['--preset', 'tiny', '--samples', '144', '--validation-samples', '240', '--batch-size', '24'],
    ...['--epochs', '3'],
  ],
} as const;
export type ExperimentName = keyof typeof experiments;

/** Where a training was when it was killed. */
export type Moment = 'start' | 'data' | 'step' | 'evaluation' | 'checkpoint' | 'report' | 'by the clock';

interface Counts {
  readonly kernel: number;
  readonly file: number;
  readonly milliseconds: number;
}

export class KillTest {
  readonly #name: ExperimentName;
  readonly #folder: string;
  readonly #random: MersenneTwister;
  #counts!: Counts;
  readonly moments = new Map<Moment, number>();

  /** @param folder empty, for runs and data */
  constructor(name: ExperimentName, folder: string, seed: number) {
    this.#name = name;
    this.#folder = folder;
    this.#random = new MersenneTwister(seed);
  }

  /** Trains undisturbed. */
  async begin(): Promise<void> {
    mkdirSync(this.#path('cache'), { recursive: true });
    if (this.#name === 'qm9') await writeSmallQM9(this.#path('cache'));
    const start = performance.now();
    const { report } = this.#run([...experiments[this.#name], '--out', 'whole'], {});
    this.#counts = { ...report.counts, milliseconds: performance.now() - start };
  }

  /** One training, killed until it is over or has been killed often enough. @returns how often it was killed */
  async chain(most: number): Promise<number> {
    rmSync(this.#path('run'), { recursive: true, force: true });
    // So that data are made anew.
    if (this.#name === 'nbody') rmSync(this.#path('cache'), { recursive: true, force: true });
    let kills = 0;
    for (;;) {
      const begun = existsSync(this.#path('run/config.json'));
      const args = begun ? [this.#name, '--resume', 'run'] : [...experiments[this.#name], '--out', 'run'];
      const { killed, report } = this.#run(args, kills < most ? this.#choose() : {});
      if (!killed) break;
      kills++;
      const moment = momentOf(report.stack);
      this.moments.set(moment, (this.moments.get(moment) ?? 0) + 1);
      await this.#expectReadable();
    }
    this.#expectSame();
    await this.#expectSameState();
    return kills;
  }

  #choose(): { kind?: 'kernel' | 'file' | 'clock'; at?: number } {
    const share = this.#random.uniform();
    const at = (count: number) => 1 + Math.floor((this.#random.uniform() * count) / 2);
    if (share < 0.4) return { kind: 'kernel', at: at(this.#counts.kernel) };
    if (share < 0.8) return { kind: 'file', at: at(this.#counts.file) };
    return { kind: 'clock', at: at(2 * this.#counts.milliseconds) };
  }

  #run(args: readonly string[], wanted: { kind?: string; at?: number }) {
    const reportPath = this.#path('report.json');
    rmSync(reportPath, { force: true });
    const options = {
      cwd: this.#folder,
      encoding: 'utf8',
      env: {
        ...process.env,
        EGNN_CACHE: this.#path('cache'),
        EGNN_KILL: JSON.stringify(wanted),
        EGNN_KILL_REPORT: reportPath,
      },
      timeout: wanted.kind === 'clock' ? wanted.at : 120_000,
      killSignal: 'SIGKILL',
    } as const;
    const { status, signal, stderr } = spawnSync(
      process.execPath,
      ['--import', PRELOAD, MAIN, 'train', ...args, '--quiet'],
      options,
    );
    if (signal !== 'SIGKILL' && status !== 0)
      throw new Error(`egnn train ${args.join(' ')} ended with ${status ?? signal}: ${stderr}`);
    if (stderr !== '') throw new Error(`egnn train ${args.join(' ')} said: ${stderr}`);
    const report = existsSync(reportPath) ? JSON.parse(readFileSync(reportPath, 'utf8')) : {};
    return { killed: signal === 'SIGKILL', report };
  }

  /** Whatever is in the folders is whole. */
  async #expectReadable(): Promise<void> {
    if (this.#name === 'nbody') {
      const name = 'nbody-seed43-60-400-100';
      await readCacheFile(this.#path(`cache/${name}.egnn`), name);
    }
    if (!existsSync(this.#path('run/config.json'))) return;
    const folder = await RunFolder.open(this.#path('run'));
    const damaged: string[] = [];
    await folder.readCheckpoint((line) => damaged.push(line));
    if (damaged.length > 0) throw new Error(damaged.join('; '));
    for (const which of ['best', 'last'] as const)
      if (existsSync(this.#path(`run/${which}.safetensors`))) await folder.readWeights(which);
    if (existsSync(this.#path('run/model.json'))) await folder.readModel();
    if (existsSync(this.#path('run/metrics.jsonl'))) metricsOf(this.#path('run'));
  }

  /** The run has the bits of the one that nobody disturbed, and nothing is left over. */
  #expectSame(): void {
    const [run, whole] = [this.#path('run'), this.#path('whole')];
    // When checkpoints are made but for the last depends on the clock.
    const files = (path: string) =>
      [...new Set(readdirSync(path).map((name) => name.replace(/^state-\d+/, 'state')))]
        // Where a process was killed after the report was there, its lock is left, which blocks nobody.
        .filter((name) => name !== 'run.lock')
        .sort()
        .join(' ');
    if (files(run) !== files(whole)) throw new Error(`${files(run)}; expected ${files(whole)}`);
    for (const name of ['best.safetensors', 'last.safetensors', 'model.json', 'config.json'])
      if (!readFileSync(join(run, name)).equals(readFileSync(join(whole, name))))
        throw new Error(`${name} of a run that was killed differs from that of one that was not`);
    for (const contents of [metricsOf, resultOf])
      if (JSON.stringify(contents(run)) !== JSON.stringify(contents(whole)))
        throw new Error(`${JSON.stringify(contents(run))}; expected ${JSON.stringify(contents(whole))}`);
  }

  async #expectSameState(): Promise<void> {
    const [run, whole] = await Promise.all(
      ['run', 'whole'].map(async (name) => {
        const folder = await RunFolder.open(this.#path(name));
        const { state, tensors } = (await folder.readCheckpoint<object>())!;
        const bits = Object.entries(tensors).map(([key, { buffer, byteOffset, byteLength }]) => [
          key,
          Buffer.from(buffer, byteOffset, byteLength).toString('hex'),
        ]);
        return JSON.stringify([{ ...state, seconds: 0 }, bits]);
      }),
    );
    if (run !== whole) throw new Error('the last checkpoint of a run that was killed differs');
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}

function metricsOf(run: string): unknown[] {
  const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => ({ ...JSON.parse(line), seconds: 0 }));
}

function resultOf(run: string): unknown {
  return { ...JSON.parse(readFileSync(join(run, 'result.json'), 'utf8')), seconds: 0 };
}

function momentOf(stack: string | undefined): Moment {
  if (stack === undefined) return 'by the clock';
  if (/writeCacheFile|loadNBodyData/.test(stack)) return 'data';
  if (/reportTraining|writeMissingReport/.test(stack)) return 'report';
  if (/aveCheckpoint|writeCheckpoint|saveWeights/.test(stack)) return 'checkpoint';
  if (/validat|\.test|evaluat/i.test(stack.replace(/.*kill-preload.*|.*node:.*|\(.*\)/g, '')))
    return 'evaluation';
  return /#step|GradientSteps/.test(stack) ? 'step' : 'start';
}
