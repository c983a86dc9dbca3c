// Targets, features, the excluded molecules and the split; with ../shared, all of QM9 against the authors' files.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keptMolecules } from '../../../src/data/qm9/excluded.ts';
import {
  atomFeatures,
  atomicReference,
  excludedMolecules,
  findQM9,
  loadQM9,
  type MoleculeSet,
  moleculeSizes,
  QM9_TARGETS,
  qm9CachePath,
  readQM9,
  selectMolecules,
  spreadOf,
  TARGET_NAMES,
  targetValues,
} from '../../../src/data/qm9/index.ts';
import { readSource } from '../../../src/data/qm9/source.ts';
import { checkComplete, type QM9 } from '../../../src/data/qm9/split.ts';
import { readNpz } from '../../../src/formats/index.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/qm9', import.meta.url));
const SHARED = fileURLToPath(new URL('../../../../shared/data/qm9', import.meta.url));

/** As `toEqual`, which takes seconds for arrays of millions. */
function expectSameBits(found: ArrayBufferView, expected: ArrayBufferView): void {
  const bytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
    Buffer.from(buffer, byteOffset, byteLength);
  expect(bytes(found).equals(bytes(expected))).toBe(true);
}

let set: MoleculeSet;
beforeAll(async () => {
  set = await readSource(await findQM9(join(FIXTURES, 'npz')), {});
});

describe('targets', () => {
  it('are in the units of the paper', () => {
    expect(Object.keys(QM9_TARGETS)).toEqual([...TARGET_NAMES]);
    const units = TARGET_NAMES.map((name) => QM9_TARGETS[name].unit);
    const paper = 'bohr^3,meV,meV,meV,D,cal/mol K,meV,meV,bohr^2,meV,meV,meV';
    expect(units.join()).toBe(paper);
    expect(targetValues(set, 'gap')[0]).toBe(Math.fround(Math.fround(0.5048) * 27211.4));
    expect(targetValues(set, 'mu')).toEqual(set.targets.mu);
    expect(targetValues(set, 'mu')).not.toBe(set.targets.mu);
  });

  it('have the isolated atoms subtracted, in float32 as the authors do', () => {
    const methane = -37.846772 + 4 * -0.500273;
    expect(atomicReference(set, 'U0')[0]).toBeCloseTo(methane, 12);
    const difference = Math.fround(Math.fround(-40.47893) - Math.fround(methane));
    expect(targetValues(set, 'U0')[0]).toBe(Math.fround(difference * 27211.4));
    expect(targetValues(set, 'Cv')[0]).toBeCloseTo(6.469 - 5 * 2.981, 5);
    expect(atomicReference(set, 'zpve').every((value) => value === 0)).toBe(true);
  });

  it("have the atoms' sums of the authors' test file, bit for bit", () => {
    const file = readNpz(readFileSync(join(FIXTURES, 'npz/qm9_test.npz')));
    const rows = Array.from(file.index.data as BigInt64Array, (index) => set.index.indexOf(Number(index)));
    for (const name of TARGET_NAMES.filter((name) => QM9_TARGETS[name].subtractsAtoms)) {
      expect(atomicReference(selectMolecules(set, rows), name)).toEqual(file[`${name}_thermo`].data);
    }
  });

  it('have a mean and a mean absolute deviation', () => {
    expect(spreadOf(Float32Array.of(1, 2, 6))).toEqual({ mean: 3, meanAbsoluteDeviation: 2 });
    expect(() => spreadOf(new Float32Array(0))).toThrow('invalid values; needs at least one');
  });
});

it('atomFeatures: one-hot times powers of the charge', () => {
  const features = atomFeatures([1, 9, 6]);
  const ninth = Math.fround(1 / 9);
  expect([...features.subarray(0, 15)]).toEqual([1, ninth, Math.fround(ninth ** 2), ...Array(12).fill(0)]);
  expect([...features.subarray(15, 30)]).toEqual([...Array(12).fill(0), 1, 1, 1]);
  expect([...features.subarray(33, 36)]).toEqual([1, 2 / 3, Math.fround(2 / 3) ** 2].map(Math.fround));
  expect(() => atomFeatures([6, 16])).toThrow('invalid atomic number; not one of 1, 6, 7, 8, 9: 16');
});

describe('the excluded molecules', () => {
  it('are 3,054, ascending; 130,831 are left', () => {
    const excluded = excludedMolecules();
    expect(excluded.length).toBe(3054);
    expect([...excluded.subarray(0, 6)]).toEqual([58, 61, 80, 185, 186, 245]);
    expect(excluded.at(-1)).toBe(133866);
    expect(excluded.every((number, k) => k === 0 || number > excluded[k - 1])).toBe(true);
    expect(keptMolecules().length).toBe(130_831);
  });

  it('are noticed, as is what is missing, comes twice, or is too much', () => {
    const kept = keptMolecules();
    const withIndex = (index: number[]) => ({ ...set, count: index.length, index: Int32Array.from(index) });
    const check = (index: number[]) => () => checkComplete(withIndex(index));
    expect(check([...kept])).not.toThrow();
    expect(check([...kept].toSpliced(7, 1))).toThrow(
      'holds 130,830 molecules of 130,831; molecule 8 is the first that is missing',
    );
    expect(check([...kept, 133_885])).toThrow(
      'holds 130,832 molecules of 130,831; molecule 133885 comes twice',
    );
    expect(check([...kept].toSpliced(57, 0, 58))).toThrow('molecule 58 is one of the 3,054 to be left out');
    expect(check([...kept.subarray(0, -1)])).toThrow('molecule 133885 is the first that is missing');
  });
});

describe('selectMolecules', () => {
  it('gives the atoms and targets of each row', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(set.count - 1), { maxLength: 20 }), (rows) => {
        const selected = selectMolecules(set, rows);
        const sizes = moleculeSizes(set);
        expect([...moleculeSizes(selected)]).toEqual(rows.map((row) => sizes[row]));
        rows.forEach((row, m) => {
          const [first, last] = [set.offsets[row], set.offsets[row + 1]];
          const [start, end] = [selected.offsets[m], selected.offsets[m + 1]];
          expect(selected.numbers.slice(start, end)).toEqual(set.numbers.slice(first, last));
          expect(selected.positions.slice(3 * start, 3 * end)).toEqual(
            set.positions.slice(3 * first, 3 * last),
          );
          expect(selected.targets.r2[m]).toBe(set.targets.r2[row]);
          expect(selected.index[m]).toBe(set.index[row]);
        });
      }),
    );
  });

  it('names a row that is not there', () => {
    expect(() => selectMolecules(set, [0, 14])).toThrow('invalid row 1; not in [0, 14): 14');
  });
});

describe.skipIf(!existsSync(SHARED))('all of QM9 (skipped where ../shared is not there)', () => {
  let folder: string;
  let qm9: QM9;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'egnn-qm9-'));
    qm9 = await readQM9(SHARED, { cacheFolder: folder });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(['train', 'valid', 'test'] as const)("%s is the authors', molecule for molecule", (part) => {
    const file = readNpz(readFileSync(join(SHARED, `qm9_${part}.npz`)));
    const { index, count, offsets, numbers, positions, targets } = qm9[part];
    expectSameBits(index, Int32Array.from(file.index.data as BigInt64Array, Number));
    for (const name of TARGET_NAMES) expectSameBits(targets[name], file[name].data as Float32Array);
    const charges = Uint8Array.from(file.charges.data as BigInt64Array, Number);
    const atoms = Array.from(charges.keys()).filter((row) => charges[row] > 0);
    expectSameBits(
      numbers,
      Uint8Array.from(atoms, (row) => charges[row]),
    );
    const padded = file.positions.data as Float32Array;
    const unpadded = Float32Array.from(
      { length: 3 * atoms.length },
      (_, k) => padded[3 * atoms[Math.floor(k / 3)] + (k % 3)],
    );
    expectSameBits(positions, unpadded);
    expect(offsets[count]).toBe(numbers.length);
    for (const name of ['U0', 'U', 'H', 'G', 'Cv'] as const) {
      const sums = Float32Array.from(file[`${name}_thermo`].data as Float64Array);
      expectSameBits(Float32Array.from(atomicReference(qm9[part], name)), sums);
    }
  });

  it('comes back from the cache, the same bits; damage is noticed', async () => {
    const cached = await loadQM9({ cacheFolder: folder });
    for (const part of ['train', 'valid', 'test'] as const) {
      const { count, targets, ...arrays } = qm9[part];
      expect(cached![part].count).toBe(count);
      for (const name of TARGET_NAMES) expectSameBits(cached![part].targets[name], targets[name]);
      for (const name of ['index', 'offsets', 'numbers', 'positions'] as const)
        expectSameBits(cached![part][name], arrays[name]);
    }
    const path = qm9CachePath({ cacheFolder: folder });
    const bytes = readFileSync(path);
    bytes[5_000_000] ^= 1;
    writeFileSync(path, bytes);
    await expect(loadQM9({ cacheFolder: folder })).rejects.toThrow(`${path} is truncated or damaged`);
  });

  it('does without a cache that cannot be written, and says so', async () => {
    const notices: string[] = [];
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const again = await readQM9(SHARED, {
      cacheFolder: join(file, 'x'),
      onNotice: (line) => notices.push(line),
    });
    expect(again.test.count).toBe(13_083);
    expect(notices).toEqual([expect.stringMatching(/^QM9 not kept: /)]);
  });
});

it('loadQM9 gives undefined where nothing was read yet', async () => {
  expect(await loadQM9({ cacheFolder: join(tmpdir(), 'egnn-nothing-here') })).toBeUndefined();
});
