/** @file What the tests of `egnn predict` share: a folder with two small models and their inputs, and the command. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Molecule, writeSdf, writeXyz } from '../../src/formats/index.ts';
import { buildNetwork } from '../../src/models/build.ts';
import { LoadedModel, type ModelConfig, type MoleculePrediction, packModel } from '../../src/models/index.ts';
import { reference } from '../support/engines.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
export const isBuilt = existsSync(MAIN);
const folder = mkdtempSync(join(tmpdir(), 'egnn-predict-'));
export const at = (name: string) => join(folder, name);
export const text = (name: string) => readFileSync(at(name), 'utf8');
export const removeFolder = () => rmSync(folder, { recursive: true, force: true });

/** Molecules with one to nine atoms of H, C and O. */
export const molecules: Molecule[] = Array.from({ length: 60 }, (_, m) => {
  const count = 1 + (m % 9);
  return {
    name: `molecule ${m + 1}`,
    numbers: Uint8Array.from({ length: count }, (_, atom) => [6, 1, 8][(m + atom) % 3]),
    // Four digits, which SDF has room for.
    positions: Float64Array.from(
      { length: 3 * count },
      (_, k) => Math.round(2e4 * Math.sin(m + 7 * k)) / 1e4,
    ),
    properties: new Map(),
    columns: new Map(),
  };
});

const moleculeModel: ModelConfig = {
  format: 'egnn-model',
  version: 1,
  network: {
    kind: 'egnn',
    inputFeatures: 3,
    hiddenFeatures: 8,
    layers: 2,
    readout: { outputs: 2 },
    updateCoordinates: false,
  },
  edges: 'complete',
  atoms: { elements: ['H', 'C', 'O'], chargePowers: [0], maximumCharge: 8 },
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
export const readoutModel: ModelConfig = {
  format: 'egnn-model',
  version: 1,
  network: { kind: 'egnn', inputFeatures: 2, hiddenFeatures: 8, layers: 2, readout: { outputs: 2 } },
  edges: 'complete',
  outputs: [
    { name: 'energy', unit: 'eV', mean: -3, scale: 2 },
    { name: 'strain', mean: 0, scale: 1 },
  ],
};

/**
 * Makes molecules.safetensors, graphs.safetensors and readout.safetensors, in.xyz and in.sdf.
 * @returns what the first gives for the molecules, in float64
 */
export async function makeFolder(): Promise<MoleculePrediction[]> {
  const engine = await reference.start();
  const write = async (name: string, config: ModelConfig) => {
    const state = await buildNetwork(engine, config.network).stateDict();
    writeFileSync(at(`${name}.safetensors`), packModel({ config, state }));
    return new LoadedModel(engine, { config, state });
  };
  await write('graphs', graphModel);
  await write('readout', readoutModel);
  const model = await write('molecules', moleculeModel);
  const expected = await model.predictMolecules(molecules, { forces: 'energy' });
  writeFileSync(at('in.xyz'), writeXyz(molecules));
  writeFileSync(at('in.sdf'), writeSdf(molecules));
  engine.close();
  return expected;
}

export function predict(...args: string[]) {
  return predictFrom('', ...args);
}
export function predictFrom(input: string | Uint8Array, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [MAIN, 'predict', ...args, '--threads', '1'],
    {
      cwd: folder,
      input,
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
}

/** For what happens while it runs. */
export function start(...args: string[]): { process: ChildProcess; stderr: () => string } {
  const child = spawn(process.execPath, [MAIN, 'predict', ...args, '--threads', '1'], { cwd: folder });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return { process: child, stderr: () => stderr };
}

export const jsonLines = (lines: string) =>
  lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
/** Of the rows below the header. */
export const cells = (csv: string) =>
  csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
