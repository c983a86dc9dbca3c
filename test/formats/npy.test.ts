/** npy: numpy's own bytes, round trips, damage. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError, readNpy, type TypedArray, writeNpy } from '../../src/formats/index.ts';
import { bytesOf, samples, shapes, sizeOf } from './arrays.ts';
import { type Golden, golden } from './goldens.ts';
import { expectHarmless } from './hostile.ts';

const range = (n: number) => Array.from({ length: n }, (_, k) => k);

/** A version 1.0 file with any header and body. */
function npyFile(header: string, body: ArrayLike<number> = []): Uint8Array {
  const prefix = [0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8];
  return Uint8Array.from([...prefix, ...Buffer.from(header, 'latin1'), ...Array.from(body)]);
}

describe('numpy files', () => {
  it.each<[Golden, string, number[], TypedArray | string[]]>([
    ['float32_c', 'float32', [2, 3], Float32Array.from(range(6))],
    ['float64_fortran', 'float64', [2, 3, 4], Float64Array.from(range(24))],
    ['int64_big', 'int64', [3], BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, -1n)],
    ['uint16_big', 'uint16', [1, 2], Uint16Array.of(1, 258)],
    [
      'float16',
      'float16',
      [6],
      Float32Array.of(1.5, -0, 2 ** -24, 65504, Number.POSITIVE_INFINITY, Number.NaN),
    ],
    ['bool', 'bool', [2], Uint8Array.of(1, 0)],
    ['text', 'str', [4], ['a', 'héé', '𝛼βγ', '']],
    ['text_big_fortran', 'str', [2, 3], ['a', 'b', 'c', 'd', 'e', 'f']],
    ['text_0d', 'str', [], ['{"kind": 1}']],
    ['scalar', 'float64', [], Float64Array.of(2.5)],
    ['empty', 'int8', [0, 3], new Int8Array(0)],
    ['v2', 'uint32', [3], Uint32Array.of(0, 1, 2)],
    ['v3', 'int16', [3], Int16Array.of(0, 1, 2)],
  ])('%s', (name, dtype, shape, data) => {
    expect(readNpy(golden(name))).toEqual({ data, shape, dtype });
    // From a Node Buffer inside a larger one, as file systems give them, at an odd place.
    const inside = Buffer.concat([Buffer.of(1, 2, 3), golden(name), Buffer.of(4)]).subarray(3, -1);
    expect(readNpy(inside)).toEqual({ data, shape, dtype });
  });

  it.each<Golden>(['float32_c', 'float16', 'bool', 'text', 'text_0d', 'scalar', 'empty'])(
    '%s is written to the same bytes',
    (name) => {
      expect(writeNpy(readNpy(golden(name)))).toEqual(golden(name));
    },
  );
});

describe('round trips', () => {
  it('every number type, every bit', () => {
    fc.assert(
      fc.property(samples, ({ data, shape }) => {
        const back = readNpy(writeNpy({ data, shape }));
        expect(back.shape).toEqual(shape);
        expect(bytesOf(back.data as TypedArray)).toEqual(bytesOf(data));
        expect(back.data.constructor).toBe(data.constructor);
      }),
    );
  });

  it('strings, but for zeros at their end, which the format drops', () => {
    const text = fc.string({ unit: 'binary', maxLength: 8 }).map((value) => value.replace(/\0+$/, ''));
    const arrays = shapes.chain((shape) => {
      const length = sizeOf(shape);
      return fc.tuple(
        fc.constant(shape),
        fc.array(text, { minLength: length, maxLength: length, size: 'max' }),
      );
    });
    fc.assert(
      fc.property(arrays, ([shape, data]) => {
        expect(readNpy(writeNpy({ data, shape }))).toEqual({ data, shape, dtype: 'str' });
      }),
    );
  });

  it('refuses shapes and types that do not fit', () => {
    expect(() => writeNpy({ data: Float32Array.of(1, 2), shape: [3] })).toThrow(RangeError);
    expect(() => writeNpy({ data: ['a'], shape: [] as number[], dtype: 'str' })).not.toThrow();
    expect(() => writeNpy({ data: ['a'], shape: [2] })).toThrow('shape [2] does not fit 1 strings');
    expect(() => writeNpy({ data: Float32Array.of(1), shape: [1], dtype: 'int8' })).toThrow(
      'dtype int8 with data of Float32Array; expected Int8Array',
    );
    expect(() => writeNpy({ data: Float32Array.of(1), shape: [1], dtype: 'bfloat16' })).toThrow(
      'npy has no dtype',
    );
  });
});

describe('damaged files', () => {
  it.each<Golden>(['float64_fortran', 'text', 'v2', 'v3', 'bool'])('%s', (name) => {
    expectHarmless(readNpy, golden(name));
  });

  const header = (descr: string, shape: string) =>
    `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }\n`;
  it.each([
    ['no magic', Uint8Array.of(1, 2), 'npy: byte 0 is 1; expected the magic string'],
    [
      'a version to come',
      Uint8Array.of(0x93, 78, 85, 77, 80, 89, 9, 0),
      'byte 6 says version 9; expected 1, 2 or 3',
    ],
    [
      'a header beyond the end',
      npyFile('x'.repeat(9)).subarray(0, 12),
      'header has 9 bytes; the file holds 2',
    ],
    [
      'a huge shape',
      npyFile(header("'<f8'", '(1000000000000,)')),
      'takes 8000000000000 bytes; the file holds 0',
    ],
    [
      'a shape beyond counting',
      npyFile(header("'<f8'", '(999999999, 999999999, 9)')),
      'more elements than any file',
    ],
    [
      'endless dimensions',
      npyFile(header("'<f8'", `(${'1, '.repeat(65)})`)),
      '65 dimensions; expected at most 64',
    ],
    ['strings without width', npyFile(header("'<U0'", '(1000000000,)')), 'U0 has no bytes for its strings'],
    [
      'a code point out of range',
      npyFile(header("'<U1'", '()'), [0, 0, 17, 0]),
      'character 0 of string 0 is 1114112',
    ],
    ['complex numbers', npyFile(header("'<c8'", '()')), 'descr "<c8" is not supported'],
    ['Python objects', npyFile(header("'|O'", '()')), 'descr "|O" is not supported'],
    ['a prototype name', npyFile(header("'constructor'", '()')), 'descr "constructor" is not supported'],
    ['structures', npyFile(header("[('a', '<f4')]", '()')), 'structured types are not supported'],
    [
      'a negative size',
      npyFile(header("'<f4'", '(-1,)')),
      'expected a size or the end of the tuple; found "-1,), }',
    ],
    ['a number for a tuple', npyFile(header("'<f4'", '(3)')), 'expected a comma after the only size'],
    ['missing keys', npyFile("{'descr': '<f4'}"), 'has the keys descr; expected descr, fortran_order, shape'],
    ['repeated keys', npyFile("{'descr': '<f4', 'descr': '<f8'}"), 'key descr comes twice'],
    ['wrong kinds', npyFile("{'descr': True, 'fortran_order': True, 'shape': ()}"), 'descr is not a string'],
    ['not a dictionary', npyFile('import os'), 'npy header at byte 10: expected {; found "import os"'],
    [
      'text after it',
      npyFile(`${header("'<f4'", '()')}x`),
      'nothing but spaces after the dictionary; found "x"',
    ],
    ['a bool of 2', npyFile(header("'|b1'", '(1,)'), [2]), 'is 2; expected 0 or 1'],
    ['bytes too many', npyFile(header("'|u1'", '(1,)'), [2, 3]), 'takes 1 bytes; the file holds 2'],
  ])('%s', (_, file, message) => {
    expect(() => readNpy(file)).toThrow(FormatError);
    expect(() => readNpy(file)).toThrow(message);
  });
});
