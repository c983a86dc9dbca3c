/** @file The logic behind the view Equivariance: transformations, files, settings, and the comparison itself. */
import { type Engine, startEngine } from 'egnn';
import { writeNpz } from 'egnn/formats';
import { assert, boolean, constantFrom, double, integer, property, record, tuple } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ComputeContext } from '../../web/src/compute/context.ts';
import { type Comparison, compare } from '../../web/src/views/equivariance/compute.ts';
import { MAX_POINTS, randomCloud, readPointCloud } from '../../web/src/views/equivariance/point-cloud.ts';
import {
  limits,
  networkNames,
  readSettings,
  writeSettings,
} from '../../web/src/views/equivariance/settings.ts';
import {
  anglesOf,
  identity,
  matrixOf,
  product,
  rotationOf,
  type Transform,
  transformPoints,
  turned,
} from '../../web/src/views/equivariance/transform.ts';
import { computeContext } from './compute-context.ts';

const angle = double({ min: -180, max: 180, noNaN: true });
const angles = tuple(angle, angle, angle);

describe('transformations', () => {
  it('turn and mirror without stretching, and a mirroring changes the hand', () => {
    assert(
      property(angles, boolean(), constantFrom(2 as const, 3 as const), (angles, mirror, n) => {
        const matrix = matrixOf({ ...identity, angles, mirror }, n);
        for (let a = 0; a < n; a++)
          for (let b = 0; b < n; b++) {
            let dot = 0;
            for (let k = 0; k < n; k++) dot += matrix[n * k + a] * matrix[n * k + b];
            expect(dot).toBeCloseTo(a === b ? 1 : 0, 12);
          }
        expect(determinant(matrix, n)).toBeCloseTo(mirror ? -1 : 1, 12);
      }),
    );
  });

  it('angles give their rotation back, also where an axis is lost', () => {
    const any = tuple(angle, constantFrom(90, -90, 0, 30, 180, 90 - 1e-7), angle);
    assert(
      property(any, (angles) => {
        const rotation = rotationOf(angles);
        expectClose(rotationOf(anglesOf(rotation)), rotation, 1e-6);
      }),
    );
  });

  it('a drag turns what has been turned already', () => {
    assert(
      property(angles, angles, (before, further) => {
        expectClose(
          rotationOf(turned(before, further)),
          product(rotationOf(further), rotationOf(before)),
          1e-6,
        );
      }),
    );
  });

  it('the order says where each point goes', () => {
    const moved = transformPoints([1, 2, 3, 4, 5, 6], 2, { ...identity, shift: [10, 20, 0] }, [2, 0, 1]);
    expect([...moved]).toEqual([13, 24, 15, 26, 11, 22]);
  });
});

describe('settings', () => {
  it('come back from the address', () => {
    const settings = record({
      model: constantFrom(...networkNames),
      layers: integer(limits.layers),
      dimension: constantFrom(2 as const, 3 as const),
      points: integer(limits.points),
      seed: integer(limits.seed),
      transform: record({
        angles: tuple(integer(limits.angle), integer(limits.angle), integer(limits.angle)),
        shift: tuple(integer(limits.shift), integer(limits.shift), integer(limits.shift)),
        mirror: boolean(),
        shuffle: integer(limits.seed),
      }),
    });
    assert(
      property(settings, (settings) => {
        const address = writeSettings(settings);
        expect(readSettings((name) => address[name])).toEqual(settings);
      }),
    );
  });

  it('nonsense in the address gives the defaults', () => {
    const nonsense: Record<string, string> = {
      model: 'x',
      layers: '99',
      dimension: '7',
      points: '1.5',
      seed: '-1',
      turn: '1,2',
      shift: 'a,b,c',
      shuffle: '∞',
    };
    expect(readSettings((name) => nonsense[name])).toEqual(readSettings(() => undefined));
  });
});

describe('point clouds', () => {
  const text = (content: string) => new TextEncoder().encode(content);

  it('are the same for the same seed and stay within the picture', () => {
    const cloud = randomCloud(40, 3, 5);
    expect(cloud).toEqual(randomCloud(40, 3, 5));
    expect(cloud.points).not.toEqual(randomCloud(40, 3, 6).points);
    expect(Math.max(...cloud.points.map(Math.abs))).toBeLessThanOrEqual(2);
    expect(new Set(cloud.kinds)).toEqual(new Set([0, 1, 2]));
  });

  it('are read from xyz, CSV and npz', async () => {
    const xyz = await readPointCloud('water.xyz', text('3\nwater\nO 0 0 0\nH 0 0.76 0.59\nH 0 -0.76 0.59\n'));
    expect([xyz.dimension, ...xyz.kinds]).toEqual([3, 1, 0, 0]);
    const csv = await readPointCloud('square.CSV', text('x,y\n0,0\n0,2\r\n2,0\n\n2,2\n'));
    expect([csv.dimension, ...csv.points]).toEqual([2, -1, -1, -1, 1, 1, -1, 1, 1]);
    const npz = await readPointCloud(
      'a.npz',
      writeNpz({
        z: { data: Int32Array.of(1, 2), shape: [2] },
        C: { data: Float32Array.of(0, 0, 0, 2, 2, 2), shape: [2, 3] },
      }),
    );
    expect([npz.dimension, ...npz.points]).toEqual([3, -1, -1, -1, 1, 1, 1]);
  });

  it('files that cannot be read say where', async () => {
    const expectError = (name: string, content: string | Uint8Array, message: RegExp) =>
      expect(readPointCloud(name, typeof content === 'string' ? text(content) : content)).rejects.toThrow(
        message,
      );
    await expectError('a.csv', '1,2\n3,x\n', /a\.csv: line 2, column 2: expected a number; got "x"/);
    await expectError('a.csv', '1,2\n3,4,5\n', /line 2: expected 2 numbers; got 3/);
    await expectError('a.csv', '1\n2\n', /line 1: expected 2 or 3 numbers; got 1/);
    await expectError('a.csv', '1,1\n1,1\n', /different places/);
    await expectError('a.csv', '', /expected 2 to 200 points; got 0/);
    await expectError('a.csv', '1,2\n'.repeat(MAX_POINTS + 1), /got 201/);
    await expectError('a.xyz', '2\n\nH 0 0 0\nH 0 0\n', /a\.xyz, line 4/);
    await expectError('a.xyz', '', /a\.xyz: expected a frame/);
    await expectError('a.npz', writeNpz({ k: { data: Int32Array.of(1), shape: [1] } }), /k \[1\]/);
    await expectError(
      'a.npz',
      writeNpz({ k: { data: Float32Array.of(1, Number.NaN), shape: [1, 2] } }),
      /k\[0, 1\]/,
    );
    await expectError('a.pdf', '', /\.xyz, \.csv or \.npz/);
  });
});

describe('compare', () => {
  let engine: Engine;
  let context: ComputeContext;
  beforeAll(async () => {
    engine = await startEngine({ threads: 1 });
    context = computeContext(engine);
  });
  afterAll(() => engine.close());

  const all: Transform = { angles: [40, -75, 130], shift: [1, -0.5, 1.5], mirror: true, shuffle: 3 };
  const run = (model: (typeof networkNames)[number], dimension: 2 | 3, transform: Transform, layers = 4) =>
    compare({ cloud: randomCloud(12, dimension, 2), model, layers, transform }, context);

  for (const dimension of [2, 3] as const) {
    for (const model of ['egnn', 'radial-field'] as const)
      it(`${model} moves points visibly and commutes with everything, ${dimension}D`, async () => {
        for (const layers of [1, 4, 6]) {
          const { relative, features, moved } = await run(model, dimension, all, layers);
          expect(relative).toBeLessThan(1e-5);
          expect(features === undefined).toBe(model === 'radial-field');
          expect(features ?? 0).toBeLessThan(1e-5);
          expect(moved).toBeGreaterThan(0.1);
          expect(moved).toBeLessThan(2);
        }
      });

    it(`the plain GNN commutes with a new order alone, ${dimension}D`, async () => {
      expect((await run('gnn', dimension, { ...identity, shuffle: 3 })).relative).toBeLessThan(1e-5);
      const others: Partial<Transform>[] = [
        { angles: [40, -75, 130] },
        { shift: [1, -0.5, 1.5] },
        { mirror: true },
      ];
      for (const part of others)
        expect((await run('gnn', dimension, { ...identity, ...part })).relative).toBeGreaterThan(0.05);
    });
  }

  it('hands out g x, g f(x) and f(g x), not copies of one another', async () => {
    const { input, expected, found, kinds }: Comparison = await run('egnn', 3, all);
    expect(input).toHaveLength(36);
    expectClose([...found], [...expected], 1e-4);
    expect([...input]).not.toEqual([...expected]);
    const cloud = randomCloud(12, 3, 2);
    expect([...kinds].sort()).toEqual([...cloud.kinds].sort());
    expect([...kinds]).not.toEqual([...cloud.kinds]);
  });
});

function determinant(m: readonly number[], n: 2 | 3): number {
  if (n === 2) return m[0] * m[3] - m[1] * m[2];
  return (
    m[0] * (m[4] * m[8] - m[5] * m[7]) -
    m[1] * (m[3] * m[8] - m[5] * m[6]) +
    m[2] * (m[3] * m[7] - m[4] * m[6])
  );
}

function expectClose(found: readonly number[], expected: readonly number[], tolerance: number) {
  expect(found).toHaveLength(expected.length);
  for (const [k, value] of found.entries()) expect(Math.abs(value - expected[k])).toBeLessThan(tolerance);
}
