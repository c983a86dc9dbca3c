/** safetensors: the reference library's bytes, round trips, every rule of the format, damage. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FormatError,
  readSafetensors,
  type SafetensorsInput,
  writeSafetensors,
} from '../../src/formats/index.ts';
import { bytesOf, samples } from './arrays.ts';
import { golden } from './goldens.ts';
import { expectHarmless } from './hostile.ts';

/** A file with any header text and as many zero bytes of data. */
function file(header: string, dataBytes = 0): Uint8Array {
  const text = Buffer.from(header);
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const tensor = (dtype: string, shape: number[], offsets: number[]) =>
  JSON.stringify({ dtype, shape, data_offsets: offsets });

describe('the reference library', () => {
  const { tensors, metadata } = readSafetensors(golden('safetensors'));

  it('is read', () => {
    expect(metadata).toEqual({ format: 'np', ü: '1' });
    expect(Object.fromEntries(tensors)).toEqual({
      'a.count': { data: BigInt64Array.of(3n), shape: [], dtype: 'I64' },
      '0': { data: new Float64Array(0), shape: [0, 2], dtype: 'F64' },
      'b.weight': { data: Float32Array.of(0, 1, 2, 3, 4, 5), shape: [2, 3], dtype: 'F32' },
      h: { data: Float32Array.of(1.5, -2), shape: [2], dtype: 'F16' },
      mask: { data: Uint8Array.of(1, 0, 1), shape: [3], dtype: 'BOOL' },
    });
  });

  it('would write the same bytes', () => {
    expect(writeSafetensors(tensors, metadata)).toEqual(golden('safetensors'));
    expect(writeSafetensors([...tensors].reverse(), metadata)).toEqual(golden('safetensors'));
  });

  it('may lie anywhere in memory', () => {
    for (let shift = 0; shift < 8; shift++) {
      const inside = Buffer.concat([Buffer.alloc(shift), golden('safetensors')]).subarray(shift);
      expect(readSafetensors(inside).tensors).toEqual(tensors);
    }
  });
});

describe('round trips', () => {
  it('any names, arrays and metadata', () => {
    const names = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((name) => name !== '__metadata__');
    const texts = fc.dictionary(fc.string(), fc.string(), { maxKeys: 3, noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(names, samples), { maxLength: 5 }), texts, (pairs, metadata) => {
        const input = new Map<string, SafetensorsInput>(pairs);
        const back = readSafetensors(writeSafetensors(input, metadata));
        expect(Object.entries(back.metadata).sort()).toEqual(Object.entries(metadata).sort());
        expect([...back.tensors.keys()].sort()).toEqual([...input.keys()].sort());
        for (const [name, { data, shape }] of input) {
          expect(back.tensors.get(name)!.shape).toEqual(shape);
          expect(bytesOf(back.tensors.get(name)!.data)).toEqual(bytesOf(data));
        }
      }),
    );
  });

  it('refuses shapes and types that do not fit', () => {
    expect(() => writeSafetensors({ a: { data: Float32Array.of(1), shape: [2] } })).toThrow(
      'tensor a: shape [2]',
    );
    expect(() => writeSafetensors({ a: { data: Float32Array.of(1), shape: [1], dtype: 'I8' } })).toThrow(
      TypeError,
    );
    expect(() => writeSafetensors([['__metadata__', { data: Float32Array.of(1), shape: [1] }]])).toThrow(
      RangeError,
    );
  });
});

/** More than the stack holds where a reader calls itself. */
const deep = '['.repeat(100_000) + ']'.repeat(100_000);

describe('the rules of the format', () => {
  it('allow padding, empty tensors, scalars and no tensors', () => {
    expect(readSafetensors(file('{}   ')).tensors.size).toBe(0);
    const header = `{"a":${tensor('F32', [0, 9], [0, 0])},"b":${tensor('F64', [], [0, 8])}}`;
    expect([...readSafetensors(file(header, 8)).tensors.keys()]).toEqual(['a', 'b']);
    expect(
      readSafetensors(file(`{"__proto__":${tensor('I8', [1], [0, 1])}}`, 1)).tensors.has('__proto__'),
    ).toBe(true);
  });

  it.each([
    ['too short', new Uint8Array(7), 'the file has 7 bytes; expected at least 8'],
    ['a huge header', new Uint8Array(16).fill(255, 0, 8), 'says the header has 18446744073709551615 bytes'],
    [
      'a header just too large',
      Uint8Array.of(1, 0xe1, 0xf5, 5, 0, 0, 0, 0),
      'has 100000001 bytes; allowed: 100000000',
    ],
    ['a header beyond the end', file('{}').subarray(0, 9), 'the header has 2 bytes; the file holds 1'],
    ['an empty header', file(''), 'does not start with {'],
    ['a space first', file(' {}'), 'does not start with {'],
    ['no JSON', file('{a}'), 'is not JSON in UTF-8'],
    ['no UTF-8', file('{"a"}').fill(0xff, 9, 10), 'is not JSON in UTF-8'],
    [
      'a repeated tensor',
      file(`{"a":${tensor('I8', [1], [0, 1])},"\\u0061":${tensor('I8', [1], [0, 1])}}`, 1),
      'key "a" comes twice',
    ],
    ['repeated metadata', file('{"__metadata__":{"a":"1","a":"2"}}'), 'key "a" comes twice'],
    ['metadata of numbers', file('{"__metadata__":{"a":1}}'), '__metadata__.a is number; expected a string'],
    ['an unknown dtype', file(`{"a":${tensor('F8', [1], [0, 1])}}`, 1), 'dtype "F8"; expected one of'],
    ['a prototype dtype', file(`{"a":${tensor('toString', [1], [0, 1])}}`, 1), 'dtype "toString"'],
    ['a negative shape', file(`{"a":${tensor('I8', [-1, -1], [0, 1])}}`, 1), 'expected whole numbers from 0'],
    [
      'an endless shape',
      file(`{"a":${tensor('I8', [1e15, 1e15], [0, 1])}}`, 1),
      'more elements than any file',
    ],
    ['offsets reversed', file(`{"a":${tensor('I8', [1], [1, 0])}}`, 1), 'expected 0 <= begin <= end'],
    [
      'offsets beyond the end',
      file(`{"a":${tensor('I8', [2], [0, 2])}}`, 1),
      'ends at 2; the file holds 1 data bytes',
    ],
    [
      'a length of another dtype',
      file(`{"a":${tensor('I16', [1], [0, 1])}}`, 1),
      'has 1 bytes; I16 of shape [1] takes 2',
    ],
    [
      'an overlap',
      file(`{"a":${tensor('I8', [2], [0, 2])},"b":${tensor('I8', [2], [1, 3])}}`, 3),
      'b begins at 1 and overlaps',
    ],
    [
      'a hole',
      file(`{"a":${tensor('I8', [1], [0, 1])},"b":${tensor('I8', [1], [2, 3])}}`, 3),
      'b begins at 2 and leaves a hole',
    ],
    [
      'bytes after the last',
      file(`{"a":${tensor('I8', [1], [0, 1])}}`, 2),
      'the tensors end at 1; the file holds 2',
    ],
    ['no description', file('{"a":null}'), 'tensor a is described by null'],
    ['a deep description', file(`{"a":${deep}}`), 'tensor a is described by an array'],
    ['a deep dtype', file(`{"a":{"dtype":${deep}}}`), 'tensor a has dtype an array; expected one of'],
    ['many dimensions', file(`{"a":${tensor('I8', Array(65).fill(1), [0, 1])}}`, 1), 'has 65 dimensions'],
    ['no shape', file('{"a":{"dtype":"I8"}}'), 'tensor a has no shape'],
    ['no offsets', file('{"a":{"dtype":"I8","shape":[]}}'), 'tensor a has no data_offsets'],
  ])('forbid %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(FormatError);
    expect(() => readSafetensors(bytes)).toThrow(message);
  });

  it('hold for damaged files', () => expectHarmless(readSafetensors, golden('safetensors')));
});
