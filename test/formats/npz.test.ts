/** npz and zip: numpy's own bytes, the parity cases, round trips, damage. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import {
  FormatError,
  type NpyInput,
  readNpz,
  readZip,
  type TypedArray,
  writeNpz,
} from '../../src/formats/index.ts';
import { bytesOf, samples } from './arrays.ts';
import { type Golden, golden } from './goldens.ts';
import { expectHarmless } from './hostile.ts';

describe('numpy files', () => {
  it.each<Golden>(['npz', 'npz_compressed'])('%s', (name) => {
    expect(readNpz(golden(name))).toEqual({
      x: { data: Float32Array.of(0, 1, 2), shape: [3], dtype: 'float32' },
      n: { data: BigInt64Array.of(7n), shape: [], dtype: 'int64' },
      label: { data: ['ab'], shape: [], dtype: 'str' },
    });
    expectHarmless(readNpz, golden(name));
  });

  const folder = new URL('../fixtures/parity/', import.meta.url);
  it.each(readdirSync(folder).filter((file) => file.endsWith('.npz')))('parity case %s', (file) => {
    const arrays = readNpz(readFileSync(new URL(file, folder)));
    expect(JSON.parse((arrays.config!.data as string[])[0]!)).toHaveProperty('kind');
    const { data, shape, dtype } = arrays['in.edge_index']!;
    expect([data.length, dtype]).toEqual([2 * shape[1]!, 'int32']);
    const [nodes] = arrays['in.x']?.shape ?? arrays['in.loc']?.shape ?? [Number.POSITIVE_INFINITY];
    expect(Math.max(...(data as Int32Array))).toBeLessThan(nodes!);
    for (const [name, array] of Object.entries(arrays)) {
      if (!(array.data instanceof Float64Array)) continue;
      expect(array.data.every(Number.isFinite), name).toBe(true);
    }
  });
});

describe('round trips', () => {
  it('any names and arrays, stored and deflated', () => {
    const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        fc.dictionary(names, samples, { maxKeys: 4, noNullPrototype: true }),
        fc.boolean(),
        (arrays, compress) => {
          const bytes = writeNpz(arrays as Record<string, NpyInput>, { compress });
          const back = readNpz(bytes);
          expect(Object.keys(back).sort()).toEqual(Object.keys(arrays).sort());
          for (const [name, { data, shape }] of Object.entries(arrays)) {
            expect(back[name]!.shape).toEqual(shape);
            expect(bytesOf(back[name]!.data as TypedArray)).toEqual(bytesOf(data));
          }
          expect(writeNpz(arrays as Record<string, NpyInput>, { compress })).toEqual(bytes);
        },
      ),
    );
  });
});

describe('archives', () => {
  /** The archive with a 32-bit field of its only directory entry changed. */
  function withField(offset: number, value: number, level: 0 | 6 = 6): Uint8Array {
    const bytes = zipSync({ 'a.npy': new Uint8Array(100) }, { level });
    const view = new DataView(bytes.buffer);
    const directory = view.getUint32(bytes.length - 6, true);
    view.setUint32(directory + offset, value, true);
    return bytes;
  }

  it('list their entries without reading them', () => {
    const bytes = zipSync({
      'data/a': Uint8Array.of(1, 2),
      'data/b': [Uint8Array.of(3), { level: 0 }],
      folder: {},
    });
    expect(readZip(bytes).map(({ name, size }) => [name, size])).toEqual([
      ['data/a', 2],
      ['data/b', 1],
    ]);
    expect([...readZip(bytes)[1]!.read()]).toEqual([3]);
  });

  it.each([
    ['bombs', withField(24, 4_000_000_000), 'claims 4000000000 bytes from'],
    ['stored entries of two sizes', withField(24, 99, 0), 'claims 99 bytes from 100'],
    ['a wrong checksum', withField(16, 1), 'has checksum'],
    ['a wrong size', withField(24, 101), 'inflates to 100 bytes; expected 101'],
    ['more than it says', withField(24, 99), 'inflates to more; expected 99'],
    ['a local header elsewhere', withField(42, 7), 'local header of a.npy at byte 7'],
    ['a local header beyond the end', withField(42, 70_000), 'would be at byte 70000; the file has'],
    ['other contents', zipSync({ readme: new Uint8Array(1) }), 'entry readme is not an array'],
    ['a broken array', zipSync({ 'a.npy': new Uint8Array(1) }), 'npz: entry a.npy: npy: byte 0 is 0'],
    ['no archive', new Uint8Array(100), 'no end of central directory'],
  ])('%s', (_, file, message) => {
    expect(() => readNpz(file)).toThrow(FormatError);
    expect(() => readNpz(file)).toThrow(message);
  });
});
