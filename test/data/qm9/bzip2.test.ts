// bzip2 against what Python's bz2 wrote, and against the bzip2 command where it is installed.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBzip2 } from '../../../src/data/qm9/bzip2.ts';
import { expectHarmless } from '../../formats/hostile.ts';

const GOLDENS: Record<string, string> = JSON.parse(
  readFileSync(new URL('../../fixtures/qm9/bzip2.json', import.meta.url), 'utf8'),
);
const golden = (name: string) => Buffer.from(GOLDENS[name], 'base64');
const unpack = (bytes: Uint8Array) => Buffer.concat([...readBzip2(bytes)].map(({ data }) => data));

/** Mostly four letters, and now and then a byte that comes once: its code is long. */
function rareBytes(): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length: 6000 }, (_, k) => {
    state = Number((BigInt(state) * 1103515245n + 12345n) % 2n ** 31n);
    return k % 997 === 0 ? 128 + Math.floor(k / 997) : 97 + ((state >> 16) & 3);
  });
}

describe('readBzip2', () => {
  it.each([
    ['nothing', ''],
    ['one byte', 'a'],
    ['runs of every length up to 300', Array.from({ length: 300 }, (_, n) => 'AB'[n % 2].repeat(n)).join('')],
    ['every byte', Uint8Array.from({ length: 256 }, (_, k) => k)],
    ['three blocks', 'E(n)-equivariant '.repeat(15_000)],
    ['codes of up to 12 bits', rareBytes()],
    ['two streams', 'one, two'],
  ])('reads what Python wrote: %s', (name, expected) => {
    expect(unpack(golden(name)).equals(Buffer.from(expected as string))).toBe(true);
  });

  it('gives a block at a time, and says how far it is', () => {
    const file = golden('three blocks');
    const blocks = [...readBzip2(file)];
    expect(blocks.length).toBe(3);
    const positions = blocks.map(({ position }) => position);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(positions[2]).toBeLessThanOrEqual(file.length);
  });

  it('notices every truncation and survives damage', () => {
    expectHarmless(unpack, golden('one byte'));
    expectHarmless(unpack, golden('runs of every length up to 300'));
  });

  it('notices a flipped bit, unless it says nothing about the data', () => {
    const file = golden('every byte');
    const whole = unpack(file);
    const bits = fc.integer({ min: 32, max: 8 * file.length - 9 });
    fc.assert(
      fc.property(bits, (bit) => {
        const damaged = Uint8Array.from(file, (byte, k) => (k === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        let data: unknown;
        try {
          data = unpack(damaged);
        } catch (error) {
          expect((error as Error).message).toMatch(/^bzip2: /);
          return;
        }
        // Such as the length of a code that no symbol of the block has.
        expect(data).toEqual(whole);
      }),
    );
  });

  it('says where the damage is', () => {
    const file = golden('every byte');
    expect(() => unpack(file.subarray(0, 60))).toThrow('bzip2: the file is cut off: it ends at byte 60');
    expect(() => unpack(Buffer.from('PK\x03\x04...'))).toThrow(
      'bzip2: byte 0 does not start a stream; expected BZh and a digit of 1 to 9',
    );
    file[12] ^= 1;
    expect(() => unpack(file)).toThrow(/the block near byte 4 has checksum [0-9a-f]+; expected [0-9a-f]+/);
  });

  const command = spawnSync('bzip2', ['--version'], { input: '' });
  it.skipIf(command.error)('reads whatever the bzip2 command writes (skipped where there is none)', () => {
    const piece = fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 5_000 }));
    const bytes = fc
      .array(piece, { maxLength: 8 })
      .map((pieces) => Buffer.concat(pieces.flatMap(([part, times]) => Array(times).fill(part))));
    fc.assert(
      fc.property(bytes, (original) => {
        const { stdout } = spawnSync('bzip2', ['-1', '-c'], { input: original, maxBuffer: 1e8 });
        expect(unpack(stdout).equals(original)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });
});
