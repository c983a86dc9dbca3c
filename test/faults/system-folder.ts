/** @file What tests of the system's faults share: a folder with two small models and many inputs, and `egnn` in it. */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EGNN, type EGNNConfig, startEngine } from '../../src/index.ts';
import { checkModelConfig, packModel } from '../../src/models/index.ts';
import { MAIN } from './command.ts';

/** Three molecules. */
export const MOLECULES = fileURLToPath(new URL('../fixtures/molecules/qm9.xyz', import.meta.url));
export const TRAJECTORIES = ['--trajectories', '40,20,20', '--batch-size', '10'];
export const TINY = ['--threads', '1', '--hidden', '8', '--layers', '1', ...TRAJECTORIES];

export class SystemFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'egnn-system-'));
  /** 9,000 molecules, and a model for them. */
  readonly molecules = this.at('many.xyz');
  readonly model = this.at('model.safetensors');
  /** 20,000 graphs, and a model for them. */
  readonly graphs = this.at('graphs.jsonl');
  readonly graphModel = this.at('graphs.safetensors');

  at(...names: string[]): string {
    return join(this.path, ...names);
  }

  async writeModels(): Promise<void> {
    const engine = await startEngine({ backend: 'reference' });
    const write = async (path: string, network: EGNNConfig, rest: object) => {
      const format = { format: 'egnn-model', version: 1, edges: 'complete' };
      const config = checkModelConfig({ ...format, network: { kind: 'egnn', ...network }, ...rest });
      writeFileSync(path, packModel({ config, state: await new EGNN(engine, network).stateDict() }));
    };
    const network = { hiddenFeatures: 16, layers: 2, seed: 1 };
    await write(
      this.model,
      { inputFeatures: 5, ...network, readout: { outputs: 1 } },
      {
        atoms: { elements: ['H', 'C', 'N', 'O', 'F'], chargePowers: [0], maximumCharge: 9 },
        outputs: [{ name: 'energy', mean: 0, scale: 1 }],
      },
    );
    await write(this.graphModel, { inputFeatures: 1, ...network }, {});
    writeFileSync(this.molecules, readFileSync(MOLECULES, 'utf8').repeat(3_000));
    writeFileSync(this.graphs, '{"X":[[1],[2]],"C":[[0,0,0],[0,0,1]]}\n'.repeat(20_000));
    engine.close();
  }

  readonly #environment = (cache: string) => ({ ...process.env, EGNN_CACHE: cache });

  /** Runs a command to its end. */
  egnn(...args: string[]) {
    return this.egnnWithCache(this.at('cache'), ...args);
  }

  egnnWithCache(cache: string, ...args: string[]) {
    const options = { cwd: this.path, env: this.#environment(cache), encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], options);
    return { status, stdout, stderr };
  }

  /** Runs a command to its end, its standard output in a file. */
  egnnInto(path: string, ...args: string[]) {
    const file = openSync(path, 'w');
    const options = { cwd: this.path, env: this.#environment(this.at('cache')), encoding: 'utf8' } as const;
    const { status, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
      ...options,
      stdio: ['ignore', file, 'pipe'],
    });
    closeSync(file);
    return { status, stderr };
  }

  /** Starts a command. */
  spawn(...args: string[]) {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: this.path,
      env: this.#environment(this.at('cache')),
    });
    let errors = '';
    child.stderr.on('data', (text) => {
      errors += text;
    });
    /** Exit code, and what it said. */
    const end = new Promise<[number | null, string]>((resolve) =>
      child.on('close', (code) => resolve([code, errors])),
    );
    return { child, end };
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
