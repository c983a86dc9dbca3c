/**
 * @file What commands on the pages assume: files that a reader has, and commands that are not run here, each with its
 * reason. The flags of those are checked all the same.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { EGNN } from '../../src/index.ts';
import { type ModelConfig, packModel } from '../../src/models/index.ts';
import { reference } from '../support/engines.ts';
import { root } from './markdown.ts';

const MINUTES = 'it trains for minutes or longer; test/cli runs the same commands on little data';

/** By page. A block may also say `no-run: REASON` on the page. */
export const notRun: Readonly<Record<string, string>> = {
  'README.md':
    'it installs the package, trains for minutes, or runs these very tests; .ci/run does all three',
  'docs/autoencoder.md': MINUTES,
  'docs/data.md': 'it needs QM9, some 100 MB; test/data/qm9 reads a small archive of the same form',
  'docs/onnx.md':
    "onnxruntime for Python is not among this package's dependencies; test/onnx runs the files in Node",
  'docs/playground.md': 'esbuild is not among the dependencies',
  'docs/qm9.md': MINUTES,
  'docs/reproducing.md': MINUTES,
  'docs/server.md': 'it serves until it is stopped; test/server does the same on ports of its own',
};

/** Puts what a page's commands read into `folder`, where they run. */
export const given: Readonly<Record<string, (folder: string) => Promise<void>>> = {
  'docs/importing.md': async (folder) => {
    // A safetensors file is told by its content, so that this stands for PyTorch's own.
    await writeFile(join(folder, 'best_checkpoint.pt'), await moleculeModel({ inputAttributes: true }));
    await givenModel(folder, 'mu');
    await train(folder, 'runs/nbody-egnn');
  },
  'docs/predict.md': async (folder) => {
    await givenModel(folder, 'mu');
    await givenModel(folder, 'energy');
    const molecules = join(root, 'test', 'fixtures', 'molecules');
    await mkdir(join(folder, 'screening', 'batch-1'), { recursive: true });
    await cp(join(molecules, 'qm9.sdf'), join(folder, 'molecules.sdf'));
    await cp(join(molecules, 'qm9.sdf'), join(folder, 'screening', 'batch-1', 'a.sdf'));
    await cp(join(molecules, 'qm9.xyz'), join(folder, 'ethanol.xyz'));
    await writeFile(join(folder, 'library.smi.gz'), gzipSync('CCO ethanol\nC methane\n'));
  },
  'docs/reports.md': async (folder) => {
    await train(folder, 'runs/nbody-egnn');
    await train(folder, 'runs/nbody-gnn', '--model', 'gnn');
  },
};

/** A network for dipole moments with random weights, as one file. */
async function moleculeModel(options: { inputAttributes?: boolean } = {}): Promise<Uint8Array> {
  const network = {
    inputFeatures: 5,
    hiddenFeatures: 8,
    layers: 2,
    updateCoordinates: false,
    attention: true,
    readout: { outputs: 1 },
    ...options,
  };
  const config: ModelConfig = {
    format: 'egnn-model',
    version: 1,
    network: { kind: 'egnn', ...network },
    edges: 'complete',
    atoms: { elements: ['H', 'C', 'N', 'O', 'F'], chargePowers: [0], maximumCharge: 9 },
    outputs: [{ name: 'mu', unit: 'D', mean: 2.6753, scale: 1.1772 }],
  };
  const model = new EGNN(await reference.start(), network);
  return packModel({ config, state: await model.stateDict() });
}

/** A model folder such as `egnn import` makes. */
async function givenModel(folder: string, name: string): Promise<void> {
  const path = join(folder, 'models', name);
  await mkdir(path, { recursive: true });
  const bytes = await moleculeModel();
  await writeFile(join(path, 'model.safetensors'), bytes);
}

/** A run of the N-body experiment, as small as it can be. */
async function train(folder: string, run: string, ...options: string[]): Promise<void> {
  const small = ['--trajectories', '20,5,5', '--samples', '20', '--epochs', '1', '--hidden', '8', ...options];
  const main = join(root, 'dist', 'cli', 'main.js');
  await promisify(execFile)(process.execPath, [main, 'train', 'nbody', ...small, '--quiet', '--out', run], {
    cwd: folder,
    env: { ...process.env, EGNN_CACHE: join(folder, 'cache') },
  });
}
