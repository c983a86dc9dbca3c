/**
 * @file What Python's `random` makes of MT19937: the same doubles as numpy's, other bounded integers and shuffles.
 * Source: CPython, `Lib/random.py` and `Modules/_randommodule.c`.
 */
import { MersenneTwister } from '../../random/mersenne-twister.ts';

/** The stream of `random.Random(seed)`. @param seed an integer in [0, 2^32) */
export function pythonRandom(seed: number): MersenneTwister {
  return MersenneTwister.fromKey([seed]);
}

/** `random.shuffle`: in place, from the last element down. */
export function pythonShuffle<T>(items: T[], random: MersenneTwister): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = randomBelow(i + 1, random);
    [items[i], items[j]] = [items[j], items[i]];
  }
}

/** An integer in [0, bound): as many of a word's highest bits as `bound` has, again while that is too large. */
function randomBelow(bound: number, random: MersenneTwister): number {
  const unused = Math.clz32(bound);
  for (;;) {
    const value = random.uint32() >>> unused;
    if (value < bound) return value;
  }
}
