/**
 * @file The random stream of numpy's legacy `RandomState`, number for number.
 *
 * The authors drew their data sets from it, so the same seed must give the same charged particles here. Underneath
 * is MT19937 (Matsumoto and Nishimura, 1998): 624 words of state, 32 bits at a time. On top of it numpy builds
 *  - a double from two words, 53 bits: (a >> 5, b >> 6) -> (a 2^26 + b) / 2^53,
 *  - a normal from Marsaglia's polar method, which yields two at a time; the second is kept for the next call,
 *  - a bounded integer by masking a word to the bound's bits and drawing again while it is too large.
 * Python's own `random` uses the same generator, seeded through `fromKey`.
 */

const STATE_LENGTH = 624;
const SHIFT = 397;
const UPPER_BIT = 0x80000000;
const LOWER_BITS = 0x7fffffff;
const TWIST = 0x9908b0df;
const TWO_32 = 2 ** 32;

/** Everything that determines the rest of a stream; plain data that survives JSON. */
export interface MersenneTwisterState {
  /** The 624 words of MT19937. */
  key: number[];
  /** How many of the words have been used, 0 to 624. */
  position: number;
  /** The second normal of the last pair, if it has not been handed out yet. */
  cachedNormal: number | null;
}

/** Options of {@link MersenneTwister.choice}. */
export interface ChoiceOptions {
  /** How likely each candidate is; must sum to 1. Uniform when left out. */
  p?: ArrayLike<number>;
  /** Whether a candidate may be drawn twice; true when left out, as in numpy. */
  replace?: boolean;
}

/** A generator that repeats `numpy.random.RandomState(seed)`. */
export class MersenneTwister {
  private readonly key = new Uint32Array(STATE_LENGTH);
  private position = STATE_LENGTH;
  private cachedNormal: number | null = null;

  /**
   * Seeds as `RandomState(seed)` does.
   * @param seed an integer in [0, 2^32)
   * @throws RangeError if it is anything else
   */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed >= TWO_32) {
      throw new RangeError(`invalid seed; not an integer in [0, 2^32): ${seed}`);
    }
    this.seedWords(seed);
  }

  /**
   * Seeds from several 32-bit words (MT19937's `init_by_array`): `RandomState([a, b, ...])`, and also Python's
   * `random.seed(n)`, whose key is |n| cut into words, the lowest first.
   * @throws RangeError if the key is empty or holds anything but integers in [0, 2^32)
   */
  static fromKey(key: ArrayLike<number>): MersenneTwister {
    const words = Array.from(key);
    if (words.length === 0) throw new RangeError('invalid key; needs at least one word');
    for (const word of words) {
      if (!Number.isInteger(word) || word < 0 || word >= TWO_32) {
        throw new RangeError(`invalid key; not an integer in [0, 2^32): ${word}`);
      }
    }
    const twister = new MersenneTwister(19650218);
    twister.mixIn(words);
    return twister;
  }

  /** A generator that goes on where `state` was taken. */
  static fromState(state: MersenneTwisterState): MersenneTwister {
    const twister = new MersenneTwister(0);
    twister.setState(state);
    return twister;
  }

  /** A copy of the state; `setState` with it repeats the stream from here. */
  getState(): MersenneTwisterState {
    return { key: Array.from(this.key), position: this.position, cachedNormal: this.cachedNormal };
  }

  /** @throws RangeError if the state is not one that {@link getState} gives */
  setState(state: MersenneTwisterState): void {
    if (state.key.length !== STATE_LENGTH) {
      throw new RangeError(`invalid state; key must hold ${STATE_LENGTH} words, has ${state.key.length}`);
    }
    if (!Number.isInteger(state.position) || state.position < 0 || state.position > STATE_LENGTH) {
      throw new RangeError(`invalid state; position not in [0, ${STATE_LENGTH}]: ${state.position}`);
    }
    this.key.set(state.key);
    this.position = state.position;
    this.cachedNormal = state.cachedNormal;
  }

  /** The next 32 bits, an integer in [0, 2^32). */
  uint32(): number {
    if (this.position === STATE_LENGTH) this.refill();
    let y = this.key[this.position++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  /** A double in [0, 1) with 53 random bits. */
  randomSample(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** A double in [low, high). */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * this.randomSample();
  }

  /** A standard normal number. */
  randn(): number {
    if (this.cachedNormal !== null) {
      const cached = this.cachedNormal;
      this.cachedNormal = null;
      return cached;
    }
    let x1: number;
    let x2: number;
    let r2: number;
    do {
      x1 = 2 * this.randomSample() - 1;
      x2 = 2 * this.randomSample() - 1;
      r2 = x1 * x1 + x2 * x2;
    } while (r2 >= 1 || r2 === 0);
    const scale = Math.sqrt((-2 * Math.log(r2)) / r2);
    this.cachedNormal = scale * x1;
    return scale * x2;
  }

  /** Advances as `count` calls of {@link randn} would, without the logarithms: the rejection decides how far. */
  skipNormals(count: number): void {
    let left = count;
    if (left > 0 && this.cachedNormal !== null) {
      this.cachedNormal = null;
      left--;
    }
    for (; left >= 2; left -= 2) {
      let r2: number;
      do {
        const x1 = 2 * this.randomSample() - 1;
        const x2 = 2 * this.randomSample() - 1;
        r2 = x1 * x1 + x2 * x2;
      } while (r2 >= 1 || r2 === 0);
    }
    if (left === 1) this.randn();
  }

  /**
   * An integer in [0, max], both ends included (numpy's `random_interval`).
   * @param max an integer in [0, 2^53)
   * @throws RangeError if it is not
   */
  interval(max: number): number {
    if (!Number.isSafeInteger(max) || max < 0) throw new RangeError(`invalid max; not in [0, 2^53): ${max}`);
    if (max === 0) return 0;
    if (max < TWO_32) {
      const mask = TWO_32 / 2 ** Math.clz32(max) - 1;
      let value: number;
      do value = (this.uint32() & mask) >>> 0;
      while (value > max);
      return value;
    }
    const highMask = TWO_32 / 2 ** Math.clz32(Math.floor(max / TWO_32)) - 1;
    let value: number;
    do {
      const high = (this.uint32() & highMask) >>> 0;
      value = high * TWO_32 + this.uint32();
    } while (value > max);
    return value;
  }

  /**
   * An integer in [low, high), as `randint(low, high)` draws it.
   * @throws RangeError if the range is empty or not of integers
   */
  randint(low: number, high: number): number {
    if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || low >= high) {
      throw new RangeError(`invalid range; low and high must be integers, low < high: [${low}, ${high})`);
    }
    return low + this.interval(high - low - 1);
  }

  /**
   * `size` elements of `candidates` (or of 0 .. candidates - 1 when it is a number), as numpy's `choice`.
   * @throws RangeError if there is nothing to choose from, if `p` is no distribution over the candidates, or if more
   * are wanted than can be had without replacement
   */
  choice(candidates: number | ArrayLike<number>, size: number, options: ChoiceOptions = {}): number[] {
    const { p, replace = true } = options;
    const count = typeof candidates === 'number' ? candidates : candidates.length;
    if (!(count > 0)) throw new RangeError(`invalid candidates; needs at least one, has ${count}`);
    if (p !== undefined) checkDistribution(p, count);
    const available = p === undefined || replace ? count : Array.from(p).filter((q) => q > 0).length;
    if (!replace && size > available) {
      throw new RangeError(`invalid size; at most ${available} without replacement: ${size}`);
    }

    let indices: number[];
    if (p === undefined) {
      indices = replace
        ? Array.from({ length: size }, () => this.interval(count - 1))
        : Array.from(this.permutation(count).subarray(0, size));
    } else if (replace) {
      const cdf = cumulative(p);
      indices = Array.from({ length: size }, () => searchRight(cdf, this.randomSample()));
    } else {
      indices = this.distinct(p, size);
    }
    return typeof candidates === 'number' ? indices : indices.map((i) => candidates[i]);
  }

  /** 0 .. count - 1 in random order. */
  permutation(count: number): Int32Array {
    const order = Int32Array.from({ length: count }, (_, i) => i);
    this.shuffle(order);
    return order;
  }

  /** Puts `items` into random order, in place, from the last element down. */
  shuffle<T>(items: { readonly length: number; [index: number]: T }): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.interval(i);
      const kept = items[i];
      items[i] = items[j];
      items[j] = kept;
    }
  }

  /** Draws without replacement: what was found gets probability zero, what is missing is drawn again together. */
  private distinct(p: ArrayLike<number>, size: number): number[] {
    const left = Float64Array.from(p);
    const found = new Set<number>();
    while (found.size < size) {
      const draws = Array.from({ length: size - found.size }, () => this.randomSample());
      for (const index of found) left[index] = 0;
      const cdf = cumulative(left);
      for (const draw of draws) found.add(searchRight(cdf, draw));
    }
    return [...found];
  }

  /** MT19937's `init_genrand`. */
  private seedWords(seed: number): void {
    const { key } = this;
    key[0] = seed;
    for (let i = 1; i < STATE_LENGTH; i++) {
      const previous = key[i - 1] ^ (key[i - 1] >>> 30);
      key[i] = Math.imul(1812433253, previous) + i;
    }
    this.position = STATE_LENGTH;
  }

  /** MT19937's `init_by_array`, after the fixed seed. */
  private mixIn(words: readonly number[]): void {
    const { key } = this;
    let i = 1;
    const advance = () => {
      if (++i >= STATE_LENGTH) {
        key[0] = key[STATE_LENGTH - 1];
        i = 1;
      }
    };
    let j = 0;
    for (let k = Math.max(STATE_LENGTH, words.length); k > 0; k--) {
      const previous = key[i - 1] ^ (key[i - 1] >>> 30);
      key[i] = (key[i] ^ Math.imul(previous, 1664525)) + words[j] + j;
      advance();
      if (++j >= words.length) j = 0;
    }
    for (let k = STATE_LENGTH - 1; k > 0; k--) {
      const previous = key[i - 1] ^ (key[i - 1] >>> 30);
      key[i] = (key[i] ^ Math.imul(previous, 1566083941)) - i;
      advance();
    }
    key[0] = UPPER_BIT;
  }

  /** Makes the next 624 words from the last. */
  private refill(): void {
    const { key } = this;
    for (let i = 0; i < STATE_LENGTH; i++) {
      const next = i + 1 < STATE_LENGTH ? i + 1 : 0;
      const shifted = i + SHIFT < STATE_LENGTH ? i + SHIFT : i + SHIFT - STATE_LENGTH;
      const y = (key[i] & UPPER_BIT) | (key[next] & LOWER_BITS);
      key[i] = key[shifted] ^ (y >>> 1) ^ (y & 1 ? TWIST : 0);
    }
    this.position = 0;
  }
}

function checkDistribution(p: ArrayLike<number>, count: number): void {
  if (p.length !== count) throw new RangeError(`invalid p; needs ${count} values, has ${p.length}`);
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    if (!(p[i] >= 0)) throw new RangeError(`invalid p; not at least 0: ${p[i]}`);
    sum += p[i];
  }
  if (Math.abs(sum - 1) > 1.5e-8) throw new RangeError(`invalid p; must sum to 1, sums to ${sum}`);
}

function cumulative(p: ArrayLike<number>): Float64Array {
  const cdf = new Float64Array(p.length);
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    sum += p[i];
    cdf[i] = sum;
  }
  for (let i = 0; i < p.length; i++) cdf[i] /= sum;
  return cdf;
}

/** The first index whose value exceeds `x`. */
function searchRight(sorted: Float64Array, x: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}
