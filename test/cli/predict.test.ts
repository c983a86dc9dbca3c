// What `egnn predict` reads and writes: the same molecules give the same numbers, from every format into every format.
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Molecule, readNpz, readXyz, writeNpz } from '../../src/formats/index.ts';
import { loadModel, type MoleculePrediction } from '../../src/models/index.ts';
import { reference } from '../support/engines.ts';
import {
  at,
  cells,
  isBuilt,
  jsonLines,
  makeFolder,
  molecules,
  predict,
  predictFrom,
  removeFolder,
  text,
} from './predict-command.ts';

let expected: MoleculePrediction[];
beforeAll(async () => {
  expected = await makeFolder();
});
afterAll(removeFolder);

function expectEnergies(energies: readonly number[], digits = 4) {
  expect(energies).toHaveLength(expected.length);
  for (const [k, energy] of energies.entries()) expect(energy).toBeCloseTo(expected[k].values.energy, digits);
}

describe.skipIf(!isBuilt)('egnn predict (skipped when dist/ is not built)', () => {
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

  it('predicts the numbers of graphs: their names, units, mean and scale', async () => {
    const graphs = molecules.slice(0, 9).map(({ numbers, positions }) => ({
      X: Array.from(numbers, (number) => [number / 8, 1]),
      C: Array.from(numbers, (_, k) => [...positions.slice(3 * k, 3 * k + 3)]),
    }));
    writeFileSync(at('rings.jsonl'), graphs.map((graph) => `${JSON.stringify(graph)}\n`).join(''));
    const lines = jsonLines(predict('readout.safetensors', 'rings.jsonl').stdout);
    expect(Object.keys(lines[3])).toEqual(['file', 'record', 'nodes', 'values', 'units', 'h', 'x']);
    expect(lines[3].units).toEqual({ energy: 'eV' });
    const engine = await reference.start();
    const exact = await loadModel(at('readout.safetensors'), { engine });
    for (const [k, graph] of graphs.entries()) {
      const { y } = await exact.predictGraph(graph);
      const { energy, strain } = lines[k].values;
      expect(energy).toBeCloseTo(y![0], 4);
      expect(strain).toBeCloseTo(y![1], 4);
    }
    expect(new Set(lines.map(({ values }) => values.energy)).size).toBe(9);
    engine.close();

    expect(predict('readout.safetensors', 'rings.jsonl', '--out', 'rings.npz').status).toBe(0);
    const { energy, strain, outputs, units, h } = readNpz(readFileSync(at('rings.npz')));
    expect(Array.from(energy.data as Float64Array)).toEqual(lines.map(({ values }) => values.energy));
    expect(Array.from(strain.data as Float64Array)).toEqual(lines.map(({ values }) => values.strain));
    expect([outputs.data, units.data]).toEqual([
      ['energy', 'strain'],
      ['eV', ''],
    ]);
    expect(h.data).toEqual(Float32Array.from(lines.flatMap((line) => line.h.flat())));
    expect(predict('readout.safetensors', 'rings.jsonl', '--to', 'xyz')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('xyz has no place for the outputs of graphs'),
    });
  });
});

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
