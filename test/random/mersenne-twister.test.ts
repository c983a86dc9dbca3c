// The stream against numbers that numpy 2.4 and Python 3 printed; each test names the call.
import { describe, expect, it } from 'vitest';
import { MersenneTwister } from '../../src/random/mersenne-twister.ts';

const times = <T>(count: number, draw: () => T): T[] => Array.from({ length: count }, draw);
/** V8's and glibc's logarithms may differ in the last bit; every other draw must be exact. */
const LAST_BIT = 15;

describe('the stream of numpy.random.RandomState', () => {
  it('gives the same 32-bit words: RandomState(43).randint(0, 2**32, 3, np.uint32)', () => {
    const random = new MersenneTwister(43);
    expect(times(3, () => random.uint32())).toEqual([494155588, 2134003008, 2615920895]);
  });

  it('gives the same doubles: RandomState(seed).random_sample(n)', () => {
    const random = new MersenneTwister(43);
    expect(times(3, () => random.randomSample())).toEqual([
      0.11505456638977896, 0.6090665392794814, 0.13339096418598828,
    ]);
    expect(new MersenneTwister(0).randomSample()).toBe(0.5488135039273248);
    expect(new MersenneTwister(2 ** 32 - 1).randomSample()).toBe(0.0976320289940138);
  });

  it('refills its state: random_sample(1000), then random_sample()', () => {
    const random = new MersenneTwister(43);
    times(1000, () => random.randomSample());
    expect(random.randomSample()).toBe(0.5199695996717075);
  });

  it('gives the same normals, in pairs: RandomState(43).randn(5)', () => {
    const random = new MersenneTwister(43);
    const expected = [
      0.25739992534469336, -0.9084814327806611, -0.37850310605882326, -0.5349155987755707, 0.8580733460716252,
    ];
    for (const normal of expected) expect(random.randn()).toBeCloseTo(normal, LAST_BIT);
  });

  it('keeps the second normal across other draws: randn(3); random_sample(); randn(2); random_sample()', () => {
    const random = new MersenneTwister(43);
    times(3, () => random.randn());
    random.randomSample();
    expect(random.randn()).toBeCloseTo(-0.5349155987755707, LAST_BIT);
    expect(random.randn()).toBeCloseTo(0.406094210414111, LAST_BIT);
    expect(random.randomSample()).toBe(0.5411622122834038);
  });

  it('skips normals exactly as drawing them would', () => {
    const random = new MersenneTwister(43); // randn(1471); randn(2); random_sample()
    random.skipNormals(1471);
    expect(random.randn()).toBeCloseTo(-0.21647433904562094, LAST_BIT);
    expect(random.randn()).toBeCloseTo(0.8883890946849793, LAST_BIT);
    expect(random.randomSample()).toBe(0.6392810162000165);
    for (const counts of [[0], [1], [1, 1], [1, 2], [3, 4, 5], [2, 0, 2]]) {
      const drawn = new MersenneTwister(7);
      const skipped = new MersenneTwister(7);
      for (const count of counts) {
        times(count, () => drawn.randn());
        skipped.skipNormals(count);
      }
      expect(skipped.getState()).toEqual(drawn.getState());
    }
  });

  it('gives the same uniforms: RandomState(43).uniform(-2, 3, 3)', () => {
    const random = new MersenneTwister(43);
    expect(times(3, () => random.uniform(-2, 3))).toEqual([
      -1.4247271680511053, 1.045332696397407, -1.3330451790700586,
    ]);
  });

  it('gives the same integers: RandomState(43).randint(10, 20, 10), then wider ranges', () => {
    const random = new MersenneTwister(43);
    expect(times(10, () => random.randint(10, 20))).toEqual([14, 10, 11, 15, 10, 13, 11, 12, 17, 10]);
    expect(times(3, () => random.randint(0, 2 ** 40))).toEqual([152878624639, 765580542331, 872511300697]);
    expect(times(2, () => random.randint(0, 2 ** 32))).toEqual([3444766145, 48473455]);
    expect(random.randint(3, 4)).toBe(3);
    expect(random.randomSample()).toBe(0.2544211258598793);
    expect(random.randint(0, 2 ** 52 + 1)).toBe(3768531354410700);
    expect(random.randint(-5, 2 ** 33)).toBe(725341943);
  });

  it('permutes alike: RandomState(43).permutation(10), permutation(7)', () => {
    const random = new MersenneTwister(43);
    expect([...random.permutation(10)]).toEqual([3, 9, 6, 8, 2, 5, 1, 7, 0, 4]);
    expect([...random.permutation(7)]).toEqual([4, 1, 5, 6, 0, 2, 3]);
    const long = new MersenneTwister(43); // permutation(100000)[:5], random_sample()
    expect([...long.permutation(100000).subarray(0, 5)]).toEqual([12323, 3341, 87579, 46749, 35134]);
    expect(long.randomSample()).toBe(0.9445765694757889);
  });

  it('shuffles alike: RandomState(43).shuffle(list("abcde")), random_sample()', () => {
    const random = new MersenneTwister(43);
    const letters = [...'abcde'];
    random.shuffle(letters);
    expect(letters.join('')).toBe('dcbae');
    expect(random.randomSample()).toBe(0.14877272576532974);
  });
});

describe('choice', () => {
  it('with p: RandomState(43).choice([-1, 0, 1], 10, p=[.5, 0, .5]) and choice(4, 12, p=[.1, .2, .3, .4])', () => {
    expect(new MersenneTwister(43).choice([-1, 0, 1], 10, { p: [0.5, 0, 0.5] })).toEqual([
      -1, 1, -1, -1, -1, 1, 1, 1, -1, 1,
    ]);
    expect(new MersenneTwister(43).choice(4, 12, { p: [0.1, 0.2, 0.3, 0.4] })).toEqual([
      1, 3, 1, 1, 2, 3, 3, 2, 0, 3, 2, 3,
    ]);
  });

  it('without p: RandomState(43).choice(10, 10), choice(5)', () => {
    const random = new MersenneTwister(43);
    expect(random.choice(10, 10)).toEqual([4, 0, 1, 5, 0, 3, 1, 2, 7, 0]);
    expect(random.choice(5, 1)).toEqual([3]);
  });

  it('without replacement: choice(10, 4, replace=False); choice(5, 4, False, [.1, .2, .3, .2, .2])', () => {
    expect(new MersenneTwister(43).choice(10, 4, { replace: false })).toEqual([3, 9, 6, 8]);
    const random = new MersenneTwister(43);
    const picked = random.choice(5, 4, { replace: false, p: [0.1, 0.2, 0.3, 0.2, 0.2] });
    expect(picked).toEqual([1, 3, 2, 4]);
    expect(random.randomSample()).toBe(0.6660902130980257);
  });

  it('names what is wrong', () => {
    const random = new MersenneTwister(1);
    expect(() => random.choice(0, 1)).toThrow('at least one');
    expect(() => random.choice(3, 1, { p: [0.5, 0.5] })).toThrow('needs 3 values, has 2');
    expect(() => random.choice(2, 1, { p: [0.5, 0.6] })).toThrow('must sum to 1');
    expect(() => random.choice(2, 1, { p: [1.5, -0.5] })).toThrow('-0.5');
    expect(() => random.choice(3, 4, { replace: false })).toThrow('at most 3');
    expect(() => random.choice(3, 2, { replace: false, p: [1, 0, 0] })).toThrow('at most 1');
  });
});

describe('seeding by a key', () => {
  it('repeats RandomState([1, 2, 3]).random_sample(3)', () => {
    const random = MersenneTwister.fromKey([1, 2, 3]);
    expect(times(3, () => random.randomSample())).toEqual([
      0.6098612722867289, 0.8866970434146851, 0.47633673750662764,
    ]);
  });

  it("repeats the reference implementation's key 0x123, 0x234, 0x345, 0x456", () => {
    const random = MersenneTwister.fromKey([0x123, 0x234, 0x345, 0x456]);
    expect(times(3, () => random.uint32())).toEqual([1067595299, 955945823, 477289528]);
  });

  it("repeats Python's random: seed(43), random() x 3; seed(2**40 + 5), random(), getrandbits(32)", () => {
    const random = MersenneTwister.fromKey([43]);
    expect(times(3, () => random.randomSample())).toEqual([
      0.038551839337380045, 0.6962243226370528, 0.14393322139536102,
    ]);
    const wide = MersenneTwister.fromKey([5, 2 ** 8]);
    expect(wide.randomSample()).toBe(0.5043802970418443);
    expect(wide.uint32()).toBe(1153647273);
  });

  it('refuses what is no seed', () => {
    for (const seed of [-1, 2 ** 32, 0.5, Number.NaN]) {
      expect(() => new MersenneTwister(seed)).toThrow(`${seed}`);
      expect(() => MersenneTwister.fromKey([seed])).toThrow(`${seed}`);
    }
    expect(() => MersenneTwister.fromKey([])).toThrow('at least one');
  });
});

describe('state', () => {
  it('survives JSON and repeats the stream bit for bit, the cached normal too', () => {
    const random = new MersenneTwister(43);
    times(701, () => random.randn());
    const saved = JSON.parse(JSON.stringify(random.getState()));
    const draw = (from: MersenneTwister) => [
      from.randn(),
      from.randomSample(),
      from.randn(),
      ...from.permutation(9),
    ];
    const expected = draw(random);
    expect(draw(MersenneTwister.fromState(saved))).toEqual(expected);
    random.setState(saved);
    expect(draw(random)).toEqual(expected);
  });

  it('refuses a state that is none', () => {
    const state = new MersenneTwister(1).getState();
    expect(() => MersenneTwister.fromState({ ...state, key: [1, 2] })).toThrow('624 words, has 2');
    expect(() => MersenneTwister.fromState({ ...state, position: 625 })).toThrow('625');
  });
});
