/**
 * @file The split into 100,000 molecules to train on, 17,748 to validate and 13,083 to test (Anderson et al. 2019,
 * "Cormorant", whose data code the EGNN authors use): numpy's permutation of the kept molecules with seed 0, cut
 * twice. Within a part molecules stay ordered by number.
 */
import { MersenneTwister } from '../../random/mersenne-twister.ts';
import { keptMolecules } from './excluded.ts';
import { type MoleculeSet, selectMolecules } from './molecules.ts';

const TRAIN = 100_000;
/** A tenth of all, rounded down, is for testing: the rest of the permutation. */
const TEST = 13_083;

/** The three parts of QM9. */
export interface QM9 {
  train: MoleculeSet;
  valid: MoleculeSet;
  test: MoleculeSet;
}

/** @param all the 130,831 kept molecules, see {@link checkComplete} */
export function splitQM9(all: MoleculeSet): QM9 {
  const order = new MersenneTwister(0).permutation(all.count);
  const part = (start: number, end: number) => selectMolecules(all, order.slice(start, end).sort());
  return {
    train: part(0, TRAIN),
    valid: part(TRAIN, all.count - TEST),
    test: part(all.count - TEST, all.count),
  };
}

/** @throws RangeError if the set is not that of the kept molecules, each once, ordered by number */
export function checkComplete({ count, index }: MoleculeSet): void {
  const kept = keptMolecules();
  const differs = kept.findIndex((number, row) => index[row] !== number);
  if (differs < 0 && count === kept.length) return;
  const held = `holds ${count.toLocaleString('en')} molecules of ${kept.length.toLocaleString('en')}`;
  const row = differs < 0 ? kept.length : differs;
  if (row >= count || index[row] > kept[row]) {
    throw new RangeError(`${held}; molecule ${kept[row]} is the first that is missing`);
  }
  const why = index[row] === index[row - 1] ? 'comes twice' : 'is one of the 3,054 to be left out';
  throw new RangeError(`${held}; molecule ${index[row]} ${why}`);
}
