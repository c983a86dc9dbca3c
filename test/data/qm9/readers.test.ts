// The three forms of QM9 give the same molecules; what is not QM9, or damaged, is said.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findQM9, readQM9 } from '../../../src/data/qm9/index.ts';
import { readSource } from '../../../src/data/qm9/source.ts';
import { TARGET_NAMES } from '../../../src/data/qm9/targets.ts';
import { readNpz, writeNpz } from '../../../src/formats/index.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/qm9', import.meta.url));
const ARCHIVE = join(FIXTURES, 'dsgdb9nsd.xyz.tar.bz2');
const WHEEL = join(FIXTURES, 'qm9pack-1.0.3-py3-none-any.whl');
const NPZ = join(FIXTURES, 'npz');
const INDEX = [1, 3, 4, 11, 14, 21, 22, 57, 59, 184, 212, 1460, 57518, 133885];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'egnn-qm9-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = async (path: string) => readSource(await findQM9(path), {});

describe('the readers of QM9', () => {
  it('give the same bits, ordered by number, without the excluded molecule 58', async () => {
    const [npz, archive, wheel] = await Promise.all([NPZ, ARCHIVE, WHEEL].map(read));
    expect([...npz.index]).toEqual(INDEX);
    expect(archive).toEqual(npz);
    expect(wheel).toEqual(npz);
  });

  it('give methane as published', async () => {
    const { offsets, numbers, positions, targets } = await read(ARCHIVE);
    expect([...numbers.subarray(0, offsets[1])]).toEqual([6, 1, 1, 1, 1]);
    expect(positions[0]).toBe(Math.fround(-0.0126981359));
    expect(targets.U0[0]).toBe(Math.fround(-40.47893));
    expect(targets.Cv[0]).toBe(Math.fround(6.469));
    expect(offsets.at(-1)).toBe(numbers.length);
    expect(positions.length).toBe(3 * numbers.length);
    for (const name of TARGET_NAMES) expect(targets[name].length).toBe(INDEX.length);
  });

  it('say how far they are, and stop when told to', async () => {
    for (const path of [NPZ, ARCHIVE, WHEEL]) {
      const source = await findQM9(path);
      const calls: [number, number][] = [];
      await readSource(source, { onProgress: (done, total) => calls.push([done, total]) });
      expect(calls.every(([done], k) => k === 0 || done >= calls[k - 1][0])).toBe(true);
      expect(calls.every(([done, total]) => done <= total)).toBe(true);
      const stopped = readSource(source, { signal: AbortSignal.abort(new Error('enough')) });
      await expect(stopped).rejects.toThrow('enough');
    }
  });

  it('find QM9 in a folder', async () => {
    expect(await findQM9(FIXTURES)).toEqual({ form: 'xyz', paths: [ARCHIVE] });
    cpSync(WHEEL, join(folder, 'qm9pack-9.9-py3-none-any.whl'));
    expect(await findQM9(folder)).toMatchObject({ form: 'qm9pack' });
    cpSync(NPZ, folder, { recursive: true });
    expect(await findQM9(folder)).toMatchObject({ form: 'npz' });
  });

  it('say what was expected where there is none', async () => {
    await expect(findQM9(folder)).rejects.toThrow(`there is no QM9 in ${folder}; expected qm9_train.npz, `);
    const other = join(folder, 'qm9.txt');
    writeFileSync(other, 'H');
    await expect(findQM9(other)).rejects.toThrow(`${other} is neither a bz2 file nor a wheel; expected`);
    await expect(findQM9(join(folder, 'nowhere'))).rejects.toThrow(/^cannot read QM9 from .*nowhere: ENOENT/);
  });

  it.each([
    ['an archive', ARCHIVE, /: bzip2: the file is cut off/],
    ['a wheel', WHEEL, /: zip: no end of central directory/],
  ])('name the file when %s is cut off', async (_, original, message) => {
    const path = join(folder, 'cut');
    const bytes = readFileSync(original);
    writeFileSync(path, bytes.subarray(0, bytes.length - 1000));
    await expect(read(path)).rejects.toThrow(message);
    await expect(read(path)).rejects.toThrow(path);
  });

  it('name the npz file and the array at fault', async () => {
    cpSync(NPZ, folder, { recursive: true });
    const path = join(folder, 'qm9_valid.npz');
    const { mu, ...others } = readNpz(readFileSync(path));
    writeFileSync(path, writeNpz(others));
    await expect(read(folder)).rejects.toThrow(`${path}: no array mu; there are num_atoms, charges, `);
    writeFileSync(path, writeNpz({ ...others, mu: { ...mu, data: new Float32Array(2), shape: [2] } }));
    await expect(read(folder)).rejects.toThrow(`${path}: mu is float32 [2]; expected numbers [3]`);
    writeFileSync(path, '');
    await expect(read(folder)).rejects.toThrow(`${path}: zip: `);
  });

  it('name the table and the column at fault', async () => {
    const path = join(folder, 'qm9pack.zip');
    const table = (text: string) =>
      writeFileSync(path, zipSync({ 'qm9pack/data/qm9_part2.csv': new TextEncoder().encode(text) }));
    table('XYZ_file,Index\n"a.xyz",1\n');
    await expect(read(path)).rejects.toThrow('qm9_part2.csv: no column N_atoms; there are XYZ_file, Index');
    writeFileSync(path, zipSync({ 'a.csv': new Uint8Array(1) }));
    await expect(read(path)).rejects.toThrow(`${path}: no table qm9_part1.csv in the archive`);
  });
});

it('readQM9 wants all of QM9, and says what is missing', async () => {
  await expect(readQM9(ARCHIVE, { cacheFolder: folder })).rejects.toThrow(
    `${ARCHIVE} holds 14 molecules of 130,831; molecule 2 is the first that is missing`,
  );
});
