/** @file What the tests of `egnn serve` share: a folder with models and molecules, and the server as a process. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Molecule, writeSdf, writeXyz } from '../../src/formats/index.ts';
import { writeModelFolder } from '../../src/models/folder.ts';
import { buildNetwork, type ModelConfig } from '../../src/models/index.ts';
import { reference } from '../support/engines.ts';
import { Draw } from '../support/random.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
export const isBuilt = existsSync(MAIN);

const draw = new Draw(3);
/** With one to 24 atoms of H, C, N and O. */
export const molecules: Molecule[] = Array.from({ length: 40 }, (_, m) => {
  const count = 1 + ((7 * m) % 24);
  return {
    name: `molecule ${m + 1}`,
    numbers: Uint8Array.from({ length: count }, (_, atom) => [6, 1, 8, 7][(m + atom) % 4]),
    // Four digits, which SDF has room for.
    positions: draw.normal(3 * count, 2).map((value) => Math.round(value * 1e4) / 1e4),
    properties: new Map(),
    columns: new Map(),
  };
});

export const graph = {
  name: 'triangle',
  X: [
    [1, 0.5],
    [0, 0.25],
    [-1, 2],
  ],
  C: [
    [0, 0, 0],
    [1, 0, 0.1],
    [0, 1, 0],
  ],
  E: [
    [0, 1, 2, 1],
    [1, 2, 0, 0],
  ],
};

export const moleculeModel: ModelConfig = {
  format: 'egnn-model',
  version: 1,
  network: {
    kind: 'egnn',
    inputFeatures: 4,
    hiddenFeatures: 16,
    layers: 2,
    attention: true,
    readout: { outputs: 2 },
    updateCoordinates: false,
  },
  edges: 'complete',
  atoms: { elements: ['H', 'C', 'N', 'O'], chargePowers: [0], maximumCharge: 8 },
  outputs: [
    { name: 'energy', unit: 'eV', mean: -3, scale: 2, atomReferences: { H: -13.6 } },
    { name: 'gap', mean: 0, scale: 1 },
  ],
};
const graphModel: ModelConfig = {
  format: 'egnn-model',
  version: 1,
  network: { kind: 'egnn', inputFeatures: 2, hiddenFeatures: 8, outputFeatures: 3, layers: 2 },
  edges: 'complete',
};

/** Numbers a graph, of graphs that are no molecules. */
const readoutModel: ModelConfig = {
  format: 'egnn-model',
  version: 1,
  network: { kind: 'egnn', inputFeatures: 2, hiddenFeatures: 8, layers: 2, readout: { outputs: 2 } },
  edges: 'complete',
  outputs: [
    { name: 'energy', unit: 'eV', mean: -3, scale: 2 },
    { name: 'strain', mean: 0, scale: 1 },
  ],
};

/** A folder with the models `mu`, `points` and `rings`, and molecules.xyz, molecules.sdf, molecules.smi and graphs.jsonl. */
export async function makeFolder(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'egnn-serve-'));
  await writeModel(join(folder, 'mu'), moleculeModel, 1);
  await writeModel(join(folder, 'points'), graphModel, 1);
  await writeModel(join(folder, 'rings'), readoutModel, 1);
  writeFileSync(join(folder, 'molecules.xyz'), writeXyz(molecules));
  writeFileSync(join(folder, 'molecules.sdf'), writeSdf(molecules));
  writeFileSync(join(folder, 'molecules.smi'), 'CCO ethanol\nC(\nCC#N acetonitrile\nCCl\nO\n');
  writeFileSync(
    join(folder, 'graphs.jsonl'),
    `${JSON.stringify(graph)}\n${JSON.stringify({ X: [[1, 2]], C: [[3, 4]] })}\n`,
  );
  return folder;
}

export async function writeModel(path: string, config: ModelConfig, seed: number): Promise<void> {
  const engine = await reference.start();
  const network = { ...config.network, seed } as ModelConfig['network'];
  const state = await buildNetwork(engine, network).stateDict();
  await writeModelFolder(path, { config: { ...config, network }, state });
  engine.close();
}

export const removeFolder = (folder: string) => rmSync(folder, { recursive: true, force: true });

/** The lines that `egnn predict` gives, parsed. */
export function predict(folder: string, ...args: string[]) {
  const all = [MAIN, 'predict', ...args, '--to', 'jsonl', '--skip-invalid', '--quiet'];
  const { stdout } = spawnSync(process.execPath, all, { cwd: folder, encoding: 'utf8' });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

export interface Running {
  readonly process: ChildProcess;
  readonly address: string;
  /** The log so far, a record a line. */
  readonly log: Record<string, unknown>[];
  post(path: string, body: BodyInit, headers?: Record<string, string>): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** Waits until the log has a record with this message, and gives it. */
  logged(message: string, after?: number): Promise<Record<string, unknown>>;
  /** Sends SIGTERM and waits. @returns the exit code */
  stop(): Promise<number | null>;
}

/** How a server that should not start ends. */
export function serveFails(folder: string, args: string[], environment = {}) {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'serve', ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    timeout: 20_000,
  });
  return { status, stderr };
}

export async function start(folder: string, args: readonly string[], environment = {}): Promise<Running> {
  const child = spawn(process.execPath, [MAIN, 'serve', ...args, '--port', '0', '--threads', '1'], {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log: Record<string, unknown>[] = [];
  const waiting: (() => void)[] = [];
  let rest = '';
  let errors = '';
  child.stderr!.on('data', (text) => {
    errors += text;
  });
  child.stdout!.on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    log.push(...lines.map((line) => JSON.parse(line)));
    for (const look of waiting) look();
  });
  const logged = (message: string, after = 0) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      const ended = () => reject(new Error(`the server ended before "${message}": ${errors}`));
      const look = () => {
        const found = log.slice(after).find(({ msg }) => msg === message);
        if (!found) return;
        child.off('exit', ended);
        resolve(found);
      };
      waiting.push(look);
      child.once('exit', ended);
      look();
    });
  const address = String((await logged('listening')).address);
  const running: Running = {
    process: child,
    address,
    log,
    logged,
    post: (path, body, headers = { 'content-type': 'application/json' }) =>
      fetch(address + path, { method: 'POST', body, headers }),
    get: (path, headers = {}) => fetch(address + path, { headers }),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      return (await exit)[0];
    },
  };
  return running;
}

/** A molecule as JSON has it. */
export function asJson({ name, numbers, positions }: Molecule) {
  const rows = Array.from(numbers, (_, i) => [...positions.subarray(3 * i, 3 * i + 3)]);
  return { name, numbers: [...numbers], positions: rows };
}
