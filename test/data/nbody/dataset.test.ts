// The data set: the cache's promises, threads, progress and abortion.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateNBody, loadNBodyData, sliceSplit } from '../../../src/data/nbody/index.ts';
import { MersenneTwister } from '../../../src/random/mersenne-twister.ts';

const COUNTS = { trainCount: 6, validCount: 3, testCount: 2 };

const BUILT_CACHE = new URL('../../../dist/data/cache.js', import.meta.url);
/** A program that writes a cache file and is killed before the last byte is known to be on disk. */
const DIES_WRITING = `
  import { open } from 'node:fs/promises';
  const handle = await open(process.execPath);
  Object.getPrototypeOf(handle).sync = () => process.kill(process.pid, 'SIGKILL');
  const { writeCacheFile } = await import(process.argv[1]);
  await writeCacheFile(process.env.TARGET, 'nbody-seed43-6-3-2', new Uint8Array(1000));
`;

let folder: string;
let notices: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'egnn-nbody-'));
  notices = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const load = (options = {}) =>
  loadNBodyData({ ...COUNTS, cacheFolder: folder, onNotice: (line) => notices.push(line), ...options });
const cacheFile = () => join(folder, 'nbody-seed43-6-3-2.egnn');

describe('loadNBodyData', () => {
  it('gives three parts of one stream, as typed arrays of the documented sizes', async () => {
    const { train, valid, test } = await load();
    for (const [part, count] of [
      [train, 6],
      [valid, 3],
      [test, 2],
    ] as const) {
      expect(part.count).toBe(count);
      expect(part.positions).toBeInstanceOf(Float32Array);
      for (const array of [part.positions, part.velocities, part.targets])
        expect(array.length).toBe(count * 15);
      expect(part.charges.length).toBe(count * 5);
      expect([...part.charges].every((q) => Math.abs(q) === 1)).toBe(true);
    }
    const [x, y, z] = train.positions; // trajectory 0 of the authors' training set, frames 30 and 40
    for (const [value, expected] of [
      [x, 2.989116],
      [y, 1.76937],
      [z, -1.171294],
      [train.targets[0], 4.1655],
    ]) {
      expect(value).toBeCloseTo(expected, 5);
    }
    const whole = await generateNBody(11, new MersenneTwister(43));
    expect(valid).toEqual(sliceSplit(whole, 6, 9));
    expect(test).toEqual(sliceSplit(whole, 9, 11));
  });

  it('reads from the cache the second time, the same bits', async () => {
    const first = await load();
    let generated = false;
    const second = await load({ onProgress: () => (generated = true) });
    expect(generated).toBe(false);
    expect(second).toEqual(first);
    expect(notices).toEqual([]);
    expect(readdirSync(folder)).toEqual(['nbody-seed43-6-3-2.egnn']);
  });

  it('keeps seeds and counts apart', async () => {
    await load();
    const other = await load({ seed: 44 });
    const shorter = await load({ testCount: 1 });
    expect(readdirSync(folder).length).toBe(3);
    expect(other.train.positions).not.toEqual(shorter.train.positions);
    expect(shorter.test.count).toBe(1);
  });

  const DAMAGES: [string, (bytes: Buffer) => Uint8Array][] = [
    ['one flipped bit', (bytes) => Buffer.from(bytes.map((b, i) => (i === 300 ? b ^ 1 : b)))],
    ['a missing end', (bytes) => bytes.subarray(0, -1)],
    ['a missing half', (bytes) => bytes.subarray(0, bytes.length / 2)],
    ['nothing in it', () => Buffer.alloc(0)],
    ['another program in it', () => Buffer.from('<!doctype html>'.repeat(20))],
    ['a later version', (bytes) => Buffer.from(bytes.map((b, i) => (i === 8 ? 9 : b)))],
  ];
  it.each(DAMAGES)('notices a cache file with %s, says so and mends it', async (_, damage) => {
    const first = await load();
    const intact = readFileSync(cacheFile());
    writeFileSync(cacheFile(), damage(intact));
    expect(await load()).toEqual(first);
    expect(notices.length).toBe(1);
    expect(notices[0]).toContain(cacheFile());
    expect(readFileSync(cacheFile()).equals(intact)).toBe(true);
  });

  it.skipIf(!existsSync(BUILT_CACHE))(
    'is not misled by a process killed while it wrote (skipped when dist/ is not built)',
    async () => {
      const child = spawnSync(
        process.execPath,
        ['--input-type=module', '--eval', DIES_WRITING, BUILT_CACHE.href],
        {
          env: { ...process.env, TARGET: cacheFile() },
        },
      );
      expect(child.signal, String(child.stderr)).toBe('SIGKILL');
      expect(readdirSync(folder)).toEqual([expect.stringMatching(/^nbody-seed43-6-3-2\.egnn\..*\.tmp$/)]);
      const { train } = await load();
      expect(train.positions[0]).toBeCloseTo(2.989116, 5);
      expect(existsSync(cacheFile())).toBe(true);
    },
  );

  it('does without a cache that cannot be written', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const { train } = await load({ cacheFolder: join(file, 'below') });
    expect(train.count).toBe(6);
    expect(notices.some((line) => line.startsWith('N-body data not kept: '))).toBe(true);
  });

  it('names an invalid count or seed', async () => {
    await expect(load({ validCount: -1 })).rejects.toThrow(
      'invalid validCount; not an integer of at least 0: -1',
    );
    await expect(load({ seed: 0.5 })).rejects.toThrow('invalid seed');
  });
});
