// What predictions look like as text, and that numbers read back as they were computed.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readXyz } from '../../src/formats/index.ts';
import { csvLine } from '../../src/predict/csv-line.ts';
import { shortest } from '../../src/predict/numbers.ts';
import {
  graphLines,
  type MoleculeOutputs,
  moleculeCsv,
  moleculeLines,
  moleculeXyz,
} from '../../src/predict/outputs.ts';

const outputs: MoleculeOutputs = {
  outputs: [
    { name: 'mu', unit: 'D', mean: 0, scale: 1 },
    { name: 'score', mean: 0, scale: 1 },
  ],
  forces: 'mu',
  precision: 'float32',
};
const forces = Float64Array.from([0.1, -2.5e-8, 3, 1 / 3, 0, -7], Math.fround);
const row = {
  file: 'two, "water".xyz',
  record: 3,
  name: 'first line\nsecond',
  item: {
    numbers: Uint8Array.from([1, 9]),
    positions: Float64Array.from([0, 0, 0, 0.92, 0.1, 1e-9]),
    properties: new Map([['mu', 1.8]]),
    columns: new Map(),
    charge: -1,
  },
  result: { values: { mu: 1.9250000000000003, score: -1e21 }, forces },
};

describe('numbers', () => {
  it('of float32 are as short as they can be, and read back the same', () => {
    expect(shortest(Math.fround(0.1), 'float32')).toBe(0.1);
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const short = shortest(value, 'float32');
        // Not toBe: zero has lost its sign in the text of any number.
        expect(Math.fround(Number(String(short))) === value).toBe(true);
        expect(String(short).length).toBeLessThanOrEqual(String(value).length);
      }),
    );
  });

  it('of float64 stay as they are', () => {
    expect(shortest(Math.fround(0.1), 'float64')).toBe(0.10000000149011612);
  });
});

describe('CSV', () => {
  it('quotes what needs it', () => {
    expect(csvLine(['a', 'b,c', 'say "no"', 'x\ny', ' z', ''])).toBe('a,"b,c","say ""no""","x\ny"," z",\n');
  });

  it('has a column an output, with its unit', () => {
    const { header, encode } = moleculeCsv(outputs);
    expect(header).toBe('file,record,name,mu (D),score\n');
    expect(encode(row)).toBe('"two, ""water"".xyz",3,"first line\nsecond",1.9250000000000003,-1e+21\n');
  });
});

it('JSON lines have values, units and forces', () => {
  expect(JSON.parse(moleculeLines(outputs).encode(row))).toEqual({
    file: row.file,
    record: 3,
    name: row.name,
    atoms: 2,
    values: row.result.values,
    units: { mu: 'D' },
    forces: {
      of: 'mu',
      unit: 'D/angstrom',
      values: [
        [0.1, -2.5e-8, 3],
        [0.33333334, 0, -7],
      ],
    },
  });
});

describe('extended xyz', () => {
  it('reads back with atoms, charge, predictions and forces, and without the properties of the input', () => {
    const [molecule] = readXyz(moleculeXyz(outputs).encode(row));
    expect(molecule).toMatchObject({ name: row.name, charge: -1, numbers: row.item.numbers });
    expect(molecule.positions).toEqual(row.item.positions);
    expect(Object.fromEntries(molecule.properties)).toEqual({
      file: row.file,
      record: 3,
      mu: 1.9250000000000003,
      mu_unit: 'D',
      score: -1e21,
      forces_of: 'mu',
      forces_unit: 'D/angstrom',
    });
    const read = molecule.columns.get('forces')!.values as Float64Array;
    expect(read.map(Math.fround)).toEqual(forces);
  });

  it('refuses an output whose name means something else', () => {
    const named = { ...outputs, outputs: [{ name: 'charge', mean: 0, scale: 1 }] };
    expect(() => moleculeXyz(named)).toThrow('an output named charge cannot stand in extended xyz');
  });
});

it('graphs have their matrices as rows, of flat input too', () => {
  const result = {
    h: Float32Array.from([0.1, 2, 3, 4]),
    x: Float32Array.from([1, 2]),
    v: undefined,
    y: undefined,
  };
  const line = {
    file: 'g',
    record: 1,
    nodes: 2,
    h: [
      [0.1, 2],
      [3, 4],
    ],
    x: [[1], [2]],
  };
  const encode = (X: number[] | number[][]) =>
    JSON.parse(
      graphLines({ outputs: [], inputFeatures: 3, precision: 'float32' }).encode({
        file: 'g',
        record: 1,
        name: undefined,
        item: { X, C: [] },
        result,
      }),
    );
  expect(encode([1, 2, 3, 4, 5, 6])).toEqual(line);
  expect(
    encode([
      [1, 2, 3],
      [4, 5, 6],
    ]),
  ).toEqual(line);
});

it('graphs have the numbers of a readout by their names, as doubles, with their units', () => {
  const encoder = graphLines({ outputs: outputs.outputs, inputFeatures: 1, precision: 'float32' });
  const y = Float64Array.of(1.9250000000000003, -1e21);
  const result = { h: undefined, x: Float32Array.of(0.1), v: undefined, y };
  const line = encoder.encode({ file: 'g', record: 2, name: 'ring', item: { X: [1], C: [0.1] }, result });
  expect(line).toBe(
    '{"file":"g","record":2,"name":"ring","nodes":1,"values":{"mu":1.9250000000000003,"score":-1e+21},"units":{"mu":"D"},"x":[[0.1]]}\n',
  );
});
