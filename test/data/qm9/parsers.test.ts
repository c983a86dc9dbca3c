// The small parsers below the readers: decimal numbers, CSV, tar, xyz.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCsv, readHeadings } from '../../../src/data/qm9/csv.ts';
import { parseDecimal } from '../../../src/data/qm9/decimal.ts';
import { finishDraft, newDraft } from '../../../src/data/qm9/molecules.ts';
import { readTar } from '../../../src/data/qm9/tar.ts';
import { readXyz } from '../../../src/data/qm9/xyz.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const decimal = (text: string) => parseDecimal(bytesOf(`x${text}y`), 1, 1 + text.length);

describe('parseDecimal', () => {
  it('reads every double as Number does, in every notation', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        for (const text of [String(value), value.toExponential()]) {
          expect(decimal(text)).toBe(Number(text));
          expect(decimal(text.replace('e', '*^'))).toBe(Number(text));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('reads short decimals, as in the files, as Number does', () => {
    const digits = fc.stringMatching(/^[+-]?(\d{1,9}\.\d{0,12}|\.\d{1,12})([eE][+-]?\d{1,2})?$/);
    fc.assert(
      fc.property(digits, (text) => {
        expect(decimal(text)).toBe(Number(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('gives NaN for anything else', () => {
    const others = [
      '',
      '-',
      '.',
      'e5',
      '1e',
      '1e+',
      '1*5',
      '1*^',
      '1.2.3',
      '1 2',
      '0x10',
      'NaN',
      'Infinity',
      '1,5',
    ];
    for (const text of others) expect(decimal(text), text).toBeNaN();
  });
});

describe('readCsv', () => {
  const plain = fc.stringMatching(/^[a-z0-9.]{0,6}$/);
  const quoted = fc.stringMatching(/^[a-z,\n[\]' ]{0,8}$/);
  const field = fc.oneof(
    plain,
    quoted.map((text) => `"${text}"`),
  );
  const columns = fc.integer({ min: 1, max: 5 });
  const tables = columns.chain((count) =>
    fc.array(fc.array(field, { minLength: count, maxLength: count }), { minLength: 1, maxLength: 8 }),
  );
  const fields = (bytes: Uint8Array, count: number) =>
    Array.from(readCsv(bytes, count), ({ starts, ends }) =>
      Array.from(starts, (start, k) => new TextDecoder().decode(bytes.subarray(start, ends[k]))),
    );

  it('gives the fields that were written, with any line ending, with or without the last', () => {
    fc.assert(
      fc.property(tables, fc.constantFrom('\n', '\r\n'), fc.boolean(), (table, newline, last) => {
        const text = table.map((row) => row.join(',')).join(newline) + (last ? newline : '');
        fc.pre(last || !text.endsWith('\n'));
        fc.pre(text !== '');
        const expected = table.map((row) => row.map((value) => value.replace(/^"|"$/g, '')));
        expect(fields(bytesOf(text), table[0].length)).toEqual(expected);
      }),
    );
  });

  it('leaves doubled quotes as they are, and reads headings', () => {
    expect(fields(bytesOf('"a ""b"" c",2\n'), 2)).toEqual([['a ""b"" c', '2']]);
    expect(readHeadings(bytesOf('a,b c,d\r\n1,2,3\r\n'))).toEqual(['a', 'b c', 'd']);
  });

  it.each([
    ['1,2\n3\n', 'csv: the record at byte 4 has 1 fields; expected 2'],
    ['1,2,3\n', 'csv: the record at byte 0 has 3 fields; expected 2'],
    ['1,"2\n', 'csv: the quote at byte 2 is not closed'],
    ['1,"2"3\n', 'csv: byte 5 follows a closing quote; expected a comma or the end of the line'],
  ])('says what is wrong with %j', (text, message) => {
    expect(() => fields(bytesOf(text), 2)).toThrow(message);
  });
});

describe('readTar', () => {
  /** A header as POSIX wants it. */
  function header(name: string, size: number, type = '0'): Uint8Array {
    const block = Buffer.alloc(512);
    block.write(name);
    block.write(size.toString(8).padStart(11, '0'), 124);
    block.write(type, 156);
    block.fill(' ', 148, 156);
    block.write(
      `${block
        .reduce((a, b) => a + b)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    return block;
  }
  const filled = (data: Uint8Array) => Buffer.concat([data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
  const archive = (files: [string, Uint8Array][], type = '0') =>
    Buffer.concat([
      ...files.flatMap(([name, data]) => [header(name, data.length, type), filled(data)]),
      Buffer.alloc(1024),
    ]);
  async function* pieces(bytes: Uint8Array, length: number) {
    for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
  }
  const read = async (bytes: Uint8Array, length = 1000) => {
    const files: [string, Uint8Array][] = [];
    for await (const { name, data } of readTar(pieces(bytes, length)))
      files.push([name, Uint8Array.from(data)]);
    return files;
  };
  const fileLists = fc.array(
    fc.tuple(fc.stringMatching(/^[a-z/.]{1,20}$/), fc.uint8Array({ maxLength: 1500 })),
    { maxLength: 5 },
  );

  it('gives the files that were packed, however the bytes arrive', async () => {
    await fc.assert(
      fc.asyncProperty(fileLists, fc.integer({ min: 1, max: 3000 }), async (files, length) => {
        expect(await read(archive(files), length)).toEqual(files);
      }),
    );
  });

  it('passes over what is no plain file', async () => {
    expect(await read(archive([['folder', new Uint8Array(0)]], '5'))).toEqual([]);
  });

  it('notices an archive that is cut off, or none', async () => {
    const bytes = archive([['a.xyz', new Uint8Array(700)]]);
    await expect(read(bytes.subarray(0, 300))).rejects.toThrow('tar: the archive is cut off at byte 300');
    await expect(read(bytes.subarray(0, 1100))).rejects.toThrow('tar: the archive is cut off inside a.xyz');
    await expect(read(bytes.subarray(0, 1536))).rejects.toThrow('tar: the archive is cut off at byte 1536');
    bytes[5] ^= 1;
    await expect(read(bytes)).rejects.toThrow('tar: no header at byte 0; its checksum does not match');
  });
});

describe('readXyz', () => {
  const WATER = `3
gdb 3\t799.58812\t437.90386\t282.94545\t1.8511\t6.31\t-0.2928\t0.0687\t0.3615\t19.0002\t0.021375\t-76.404702\t-76.401867\t-76.400922\t-76.422349\t6.002\t
O\t-0.0343604951\t 0.9775395708\t 0.0076015923\t-0.589706
H\t 0.0647664923\t 0.0205721989\t 1.5346341*^-3\t 0.294853
H\t 0.8717903737\t 1.3007924048\t 0.0006931336\t 0.294853
1671.4222\t3803.6305\t3907.698
O\tO\t
InChI=1S/H2O/h1H2\tInChI=1S/H2O/h1H2
`;
  const read = (text: string, excluded = new Set<number>()) => {
    const draft = newDraft();
    readXyz(draft, bytesOf(text), 'a.xyz', excluded);
    return finishDraft(draft);
  };

  it('reads a molecule', () => {
    const { count, index, numbers, positions, targets } = read(WATER);
    expect([count, index[0], [...numbers]]).toEqual([1, 3, [8, 1, 1]]);
    expect(positions[5]).toBe(Math.fround(1.5346341e-3));
    expect(targets.mu[0]).toBe(Math.fround(1.8511));
    expect(targets.Cv[0]).toBe(Math.fround(6.002));
    expect(read(WATER.replaceAll('\n', '\r\n')).positions).toEqual(positions);
  });

  it('leaves an excluded one out', () => {
    expect(read(WATER, new Set([3])).count).toBe(0);
  });

  it.each([
    ['3\n', 'many\n', 'a.xyz: the number of atoms is "many" at byte 0; expected a number'],
    ['1.8511', '1.85.11', 'a.xyz: mu is "1.85.11" at byte 38; expected a number'],
    ['\t6.002', '', 'a.xyz: Cv is "" at byte'],
    ['gdb 3', 'gdb 133886', 'molecule 133886 after 0 others; expected a number of 1 to 133885'],
    ['3\ngdb', '30\ngdb', 'molecule 3 has 30 atoms; expected 1 to 29'],
    ['3\ngdb', '4\ngdb', 'a.xyz: z is "" at byte 331'],
    ['H\t 0.06', 'He\t 0.06', 'atom 1 of molecule 3 has atomic number 0; expected one of 1, 6, 7, 8, 9'],
    ['O\t-0.03', 'S\t-0.03', 'atom 0 of molecule 3 has atomic number 0'],
    [' 1.5346341*^-3', '', 'a.xyz: the charge is "" at byte'],
  ])('says what is wrong where %j is %j', (from, to, message) => {
    expect(() => read(WATER.replace(from, to))).toThrow(message);
  });
});
