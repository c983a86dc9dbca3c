/** @file A data set in the form and size of QM9, of random molecules of three atoms, for tests of training. */
import { writeCacheFile } from '../../src/data/cache.ts';
import { keptMolecules } from '../../src/data/qm9/excluded.ts';
import { qm9CachePath, TARGET_NAMES } from '../../src/data/qm9/index.ts';
import { MersenneTwister } from '../../src/random/mersenne-twister.ts';

const ATOMS = 3;

/** Writes it where `egnn` looks for QM9. */
export async function writeSmallQM9(cacheFolder: string): Promise<void> {
  const index = keptMolecules();
  const count = index.length;
  const random = new MersenneTwister(1);
  const numbers = (length: number) => Float32Array.from({ length }, () => random.uniform());
  const arrays = [
    Int32Array.from({ length: count + 1 }, (_, k) => ATOMS * k),
    index,
    numbers(3 * ATOMS * count),
    ...TARGET_NAMES.map(() => numbers(count)),
    Uint8Array.from({ length: ATOMS * count }, () => [1, 6, 7, 8][Math.floor(4 * random.uniform())]),
  ];
  await writeCacheFile(
    qm9CachePath({ cacheFolder }),
    `QM9: offsets, index, positions, ${TARGET_NAMES.join(', ')}, numbers`,
    Buffer.concat(arrays.map((a) => new Uint8Array(a.buffer, a.byteOffset, a.byteLength))),
  );
}
