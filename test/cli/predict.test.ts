// `egnn predict` as people and programs call it. Skipped when dist/ is not built.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  findStateDicts,
  type Molecule,
  readNpz,
  readPyTorch,
  readXyz,
  symbolOf,
  writeNpz,
  writeSdf,
  writeXyz,
} from '../../src/formats/index.ts';
import { buildNetwork } from '../../src/models/build.ts';
import {
  importWeights,
  LoadedModel,
  type ModelConfig,
  packModel,
  type Weights,
} from '../../src/models/index.ts';
import { reference } from '../support/engines.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const SHARED = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

let folder: string;
const at = (name: string) => join(folder, name);
const text = (name: string) => readFileSync(at(name), 'utf8');

/** Molecules with one to nine atoms of H, C and O. */
const molecules: Molecule[] = Array.from({ length: 60 }, (_, m) => {
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
let expected: { values: Record<string, number>; forces?: Float64Array }[];

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

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'egnn-predict-'));
  const engine = await reference.start();
  for (const [name, config] of Object.entries({ molecules: moleculeModel, graphs: graphModel })) {
    const state = await buildNetwork(engine, config.network).stateDict();
    writeFileSync(at(`${name}.safetensors`), packModel({ config, state }));
    if (config !== moleculeModel) continue;
    const model = new LoadedModel(engine, { config, state });
    expected = await model.predictMolecules(molecules, { forces: 'energy' });
  }
  writeFileSync(at('in.xyz'), writeXyz(molecules));
  writeFileSync(at('in.sdf'), writeSdf(molecules));
  const lines = writeXyz(molecules).split('\n');
  // The tenth record gets an element that the model does not know, and the twentieth a coordinate that is none.
  const ninth =
    lines.indexOf(
      '1',
      lines.findIndex((line) => line.includes('name="molecule 9"')),
    ) + 2;
  lines[ninth] = `${symbolOf(92)} 0 0 0`;
  const twentieth = lines.findIndex((line) => line.includes('name="molecule 20"')) + 1;
  lines[twentieth] = 'C 0 zero 0';
  writeFileSync(at('bad.xyz'), lines.join('\n'));
  engine.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function predict(...args: string[]) {
  return predictFrom('', ...args);
}
function predictFrom(input: string | Uint8Array, ...args: string[]) {
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
const jsonLines = (lines: string) =>
  lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const cells = (csv: string) =>
  csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));

function expectEnergies(energies: readonly number[], digits = 4) {
  expect(energies).toHaveLength(expected.length);
  for (const [k, energy] of energies.entries()) expect(energy).toBeCloseTo(expected[k].values.energy, digits);
}

describe.skipIf(!existsSync(MAIN))('egnn predict (skipped when dist/ is not built)', () => {
  it('writes CSV on standard output: where from, which, how much', () => {
    const { status, stdout, stderr } = predict('molecules.safetensors', 'in.xyz');
    expect(stdout.split('\n')[0]).toBe('file,record,name,energy (eV),gap');
    expect(cells(stdout)[11].slice(0, 3)).toEqual(['in.xyz', '12', 'molecule 12']);
    expectEnergies(cells(stdout).map((row) => Number(row[3])));
    expect(stderr).toMatch(/^60 molecules predicted, .* a second\n$/);
    expect(status).toBe(0);
  });

  it('gives the same for the same molecules in other formats, from files, patterns and standard input', () => {
    const xyz = cells(predict('molecules.safetensors', 'in.xyz').stdout).map((row) => row.slice(2));
    expect(cells(predict('molecules.safetensors', 'in.sd?').stdout).map((row) => row.slice(2))).toEqual(xyz);
    const piped = predictFrom(readFileSync(at('in.sdf')), 'molecules.safetensors', '-', '--format', 'sdf');
    expect(cells(piped.stdout).map((row) => row.slice(2))).toEqual(xyz);
    writeFileSync(at('in.npz'), writeNpz(asArrays(molecules)));
    const npz = cells(predict('molecules.safetensors', 'in.npz', 'in.xyz').stdout);
    expect(npz.map((row) => row.slice(3))).toEqual([...xyz, ...xyz].map((row) => row.slice(1)));
    expect(npz[60].slice(0, 2)).toEqual(['in.xyz', '1']);
  });

  it('writes the same numbers in every format, with forces where there is room', () => {
    for (const out of ['a.csv', 'a.jsonl', 'a.xyz', 'a.npz']) {
      const forces = out === 'a.csv' ? [] : ['--forces', 'energy'];
      const { status, stdout } = predict(
        'molecules.safetensors',
        'in.xyz',
        '--out',
        out,
        '--json',
        ...forces,
      );
      expect([status, JSON.parse(stdout)]).toMatchObject([
        0,
        { out, records: 60, skipped: 0, continuedAfter: 0 },
      ]);
    }
    const energies = cells(text('a.csv')).map((row) => Number(row[3]));
    const lines = jsonLines(text('a.jsonl'));
    const frames = readXyz(text('a.xyz'));
    const arrays = readNpz(readFileSync(at('a.npz')));
    // Forces take the way with derivatives, whose sums may end in other bits.
    expectEnergies(energies);
    expectEnergies(lines.map(({ values }) => values.energy));
    expect(lines.map(({ values }) => values.energy)).toEqual(Array.from(arrays.energy.data as Float64Array));
    expect(frames.map(({ properties }) => properties.get('energy'))).toEqual(
      lines.map(({ values }) => values.energy),
    );
    expect(frames[4]).toMatchObject({ name: 'molecule 5', numbers: molecules[4].numbers });
    const forces = arrays.forces.data as Float32Array;
    expect(forces).toEqual(Float32Array.from(lines.flatMap((line) => line.forces.values.flat())));
    expect(forces).toEqual(
      Float32Array.from(
        frames.flatMap(({ columns }) => [...(columns.get('forces')!.values as Float64Array)]),
      ),
    );
    const exact = expected.flatMap((prediction) => [...prediction.forces!]);
    for (const [k, force] of exact.entries()) expect(forces[k]).toBeCloseTo(force, 4);
  });

  it('ends at the first invalid record, and goes on from there with --skip-invalid', () => {
    const first = predict('molecules.safetensors', 'bad.xyz', '--out', 'bad.csv');
    expect(first.status).toBe(1);
    expect(first.stderr).toBe(
      'egnn: bad.xyz, record 10 (line 64): atom 1 is U; the model knows H, C, O ' +
        '(--skip-invalid goes on after such records; bad.csv.partial keeps the 9 records before it)\n',
    );
    expect(existsSync(at('bad.csv'))).toBe(false);
    const second = predict('molecules.safetensors', 'bad.xyz', '--out', 'bad.csv', '--skip-invalid');
    expect(second.stderr).toContain('continuing bad.csv.partial after 9 records\n');
    expect(second.stderr).toContain('egnn: skipped: bad.xyz, record 10 (line 64): atom 1 is U');
    expect(second.stderr).toMatch(/egnn: skipped: bad\.xyz, line \d+: .*"zero"/);
    expect(second.stderr).toContain('egnn: skipped 2 of 60 records\n');
    expect(second.status).toBe(0);
    const records = cells(text('bad.csv')).map((row) => Number(row[1]));
    expect(records).toEqual(
      molecules.map((_, m) => m + 1).filter((record) => record !== 10 && record !== 20),
    );
    const whole = predict('molecules.safetensors', 'bad.xyz', '--skip-invalid');
    expect(whole.stdout).toBe(text('bad.csv'));
    expect(existsSync(at('bad.csv.partial'))).toBe(false);
  });

  it('ends at Ctrl-C with code 130, says what is kept, and continues no standard input', async () => {
    const child = start('molecules.safetensors', '-', '--format', 'xyz', '--out', 'stopped.csv');
    const exit = once(child.process, 'exit');
    while (!existsSync(at('stopped.csv.partial.json'))) await setTimeout(20);
    child.process.stdin!.write(text('in.xyz'));
    await setTimeout(300);
    child.process.kill('SIGINT');
    expect((await exit)[0]).toBe(130);
    expect(child.stderr()).toMatch(
      /^egnn: interrupted after \d+ molecules; they are in stopped\.csv\.partial, but/,
    );
    const again = predictFrom(
      text('in.xyz'),
      'molecules.safetensors',
      '-',
      '--format',
      'xyz',
      '--out',
      'stopped.csv',
    );
    expect(again.stderr).toContain('starting anew: stopped.csv.partial is of standard input');
    expect(cells(text('stopped.csv'))).toHaveLength(60);
  });

  it('ends quietly when nobody reads on', async () => {
    writeFileSync(at('long.xyz'), text('in.xyz').repeat(100));
    const child = start('molecules.safetensors', 'long.xyz');
    child.process.stdout!.once('data', () => child.process.stdout!.destroy());
    expect((await once(child.process, 'exit'))[0]).toBe(0);
    expect(child.stderr()).toBe('');
  });

  it('predicts graphs from JSON lines and arrays', () => {
    const graphs = molecules.slice(0, 9).map(({ numbers, positions, name }) => ({
      X: Array.from(numbers, (number) => [number / 8, 1]),
      C: Array.from(numbers, (_, k) => [...positions.slice(3 * k, 3 * k + 3)]),
      name,
    }));
    writeFileSync(at('graphs.jsonl'), graphs.map((graph) => `${JSON.stringify(graph)}\n`).join(''));
    const X = Float64Array.from(graphs.flatMap((graph) => graph.X.flat()));
    writeFileSync(
      at('graphs.npz'),
      writeNpz({
        X: { data: X, shape: [X.length / 2, 2] },
        C: { data: Float64Array.from(graphs.flatMap(({ C }) => C.flat())), shape: [X.length / 2, 3] },
        node_counts: { data: Int32Array.from(graphs, (graph) => graph.X.length), shape: [9] },
      }),
    );
    const lines = jsonLines(predict('graphs.safetensors', 'graphs.jsonl').stdout);
    expect(lines[3]).toMatchObject({ file: 'graphs.jsonl', record: 4, name: 'molecule 4', nodes: 4 });
    expect(lines[3].h).toHaveLength(4);
    expect(lines[3].h[0]).toHaveLength(3);
    expect(predict('graphs.safetensors', 'graphs.npz', '--out', 'graphs-out.npz').status).toBe(0);
    const { h, x, num_nodes } = readNpz(readFileSync(at('graphs-out.npz')));
    expect(Array.from(num_nodes.data as Int32Array)).toEqual(graphs.map((graph) => graph.X.length));
    expect(h.data).toEqual(Float32Array.from(lines.flatMap((line) => line.h.flat())));
    expect(x.data).toEqual(Float32Array.from(lines.flatMap((line) => line.x.flat())));
    const wrong = predictFrom(
      '{"X": [[1]], "C": [[0, 0, 0]]}',
      'graphs.safetensors',
      '-',
      '--format',
      'jsonl',
    );
    expect([wrong.status, wrong.stderr]).toEqual([
      1,
      expect.stringContaining('-, record 1 (line 1): X[0] must have 2'),
    ]);
  });

  it('replaces nothing that it is not told to', () => {
    writeFileSync(at('there.csv'), 'mine');
    const { status, stderr } = predict('molecules.safetensors', 'in.xyz', '--out', 'there.csv');
    expect([status, stderr, text('there.csv')]).toEqual([
      1,
      'egnn: there.csv exists; --overwrite replaces it\n',
      'mine',
    ]);
    expect(
      predict('molecules.safetensors', 'in.xyz', '--out', 'there.csv', '--overwrite', '--quiet').stderr,
    ).toBe('');
    expect(cells(text('there.csv'))).toHaveLength(60);
    expect(predict('molecules.safetensors', 'in.xyz', '--out', 'in.xyz', '--overwrite').stderr).toContain(
      'is an input too',
    );
  });

  it.each([
    [['molecules.safetensors', 'in.xyz', '--json'], 2, '--json needs --out'],
    [['molecules.safetensors', 'in.xyz', '--to', 'npz'], 2, 'npz is not written to standard output'],
    [['molecules.safetensors', 'in.xyz', '--out', 'a.txt'], 2, 'say --to csv|jsonl|xyz|npz'],
    [
      ['molecules.safetensors', 'in.xyz', '--forces', '--to', 'xyz'],
      2,
      '--forces needs the name of an output; it has energy, gap',
    ],
    [['molecules.safetensors', 'in.xyz', '--forces', 'mu', '--to', 'xyz'], 2, 'the model has no output mu'],
    [['molecules.safetensors', 'in.xyz', '--forces', 'gap'], 2, 'csv has no place for forces'],
    [['graphs.safetensors', 'graphs.jsonl', '--to', 'csv'], 2, 'csv has no place for the outputs of graphs'],
    [['molecules.safetensors', '-', '-', '--format', 'xyz'], 2, 'give - once'],
    [['molecules.safetensors', '-'], 1, 'say --format xyz|sdf'],
    [['molecules.safetensors', 'no.xyz'], 1, 'there is no file no.xyz'],
    [['nowhere', 'in.xyz'], 1, 'nowhere is no model'],
  ])('%j ends with code %i', (args, code, message) => {
    const { status, stdout, stderr } = predict(...args);
    expect([status, stdout]).toEqual([code, '']);
    expect(stderr).toContain(message);
  });
});

function start(...args: string[]): { process: ChildProcess; stderr: () => string } {
  const child = spawn(process.execPath, [MAIN, 'predict', ...args, '--threads', '1'], { cwd: folder });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return { process: child, stderr: () => stderr };
}

/** The authors' layout of QM9. */
function asArrays(list: readonly Molecule[]) {
  const width = Math.max(...list.map(({ numbers }) => numbers.length));
  const charges = new BigInt64Array(list.length * width);
  const positions = new Float64Array(3 * list.length * width);
  for (const [m, molecule] of list.entries()) {
    charges.set(Array.from(molecule.numbers, BigInt), m * width);
    positions.set(molecule.positions, 3 * m * width);
  }
  return {
    num_atoms: { data: Int32Array.from(list, ({ numbers }) => numbers.length), shape: [list.length] },
    charges: { data: charges, shape: [list.length, width] },
    positions: { data: positions, shape: [list.length, width, 3] },
  };
}

const missing = !existsSync(MAIN) || !existsSync(SHARED);
describe.skipIf(missing)('the trained dipole model of MDM (skipped without ../shared or dist/)', () => {
  it.each([
    { backend: 'wasm', count: 1000, within: 1e-4 },
    // The outputs to compare with were computed in float32, and are up to 1.8e-6 off exact ones.
    { backend: 'reference', count: 30, within: 2e-6 },
  ])(
    'gives the raw outputs of its own code on $backend',
    { timeout: 240_000 },
    ({ backend, count, within }) => {
      const [{ tensors }] = findStateDicts(
        readPyTorch(readFileSync(join(SHARED, 'checkpoints/mdm_mu/best_checkpoint.pt'))),
      );
      const describe: Pick<ModelConfig, 'atoms' | 'outputs'> = {
        atoms: { elements: ['H', 'C', 'N', 'O', 'F'], chargePowers: [0], maximumCharge: 9 },
        outputs: [{ name: 'mu', unit: 'D', mean: 2.6753, scale: 1.1772 }],
      };
      writeFileSync(at('mu.safetensors'), packModel(importWeights(tensors as Weights, { describe })));
      const qm9 = readNpz(readFileSync(join(SHARED, 'qm9/qm9_test.npz')));
      const { rows, raw_output, qm9_index } = readNpz(
        readFileSync(join(SHARED, 'checkpoints/mdm_mu/reference_outputs.npz')),
      );
      const chosen = Array.from(rows.data as BigInt64Array, Number).slice(0, count);
      const some = Object.fromEntries(
        ['num_atoms', 'charges', 'positions', 'index'].map((name) => {
          const { data, shape } = qm9[name];
          const width = data.length / shape[0];
          const values = chosen.flatMap((row) =>
            Array.from(data.slice(row * width, (row + 1) * width), Number),
          );
          return [name, { data: Float64Array.from(values), shape: [count, ...shape.slice(1)] }];
        }),
      );
      writeFileSync(at('some.npz'), writeNpz(some));
      const predicted = cells(predict('mu.safetensors', 'some.npz', '--backend', backend).stdout);
      expect(predicted.map((row) => row[2])).toEqual(
        Array.from(qm9_index.data as BigInt64Array, String).slice(0, count),
      );
      const off = predicted.map((row, k) =>
        Math.abs((Number(row[3]) - 2.6753) / 1.1772 - Number(raw_output.data[k])),
      );
      expect(Math.max(...off)).toBeLessThan(within);
    },
  );
});
