/** @file Random test data that float32 holds exactly, so that backends of both precisions see the same numbers. */
import { MersenneTwister } from '../../src/random/mersenne-twister.ts';

export class Draw {
  readonly random: MersenneTwister;

  constructor(seed: number) {
    this.random = new MersenneTwister(seed);
  }

  /** Normals. */
  normal(count: number, scale = 1): Float64Array {
    return Float64Array.from({ length: count }, () => Math.fround(scale * this.random.randn()));
  }

  /** Numbers whose size lies in [low, high), of either sign: away from 0, where some functions bend. */
  awayFromZero(count: number, low = 0.3, high = 2): Float64Array {
    return Float64Array.from({ length: count }, () =>
      Math.fround(this.random.uniform(low, high) * (this.random.randomSample() < 0.5 ? -1 : 1)),
    );
  }

  /** Numbers in [low, high). */
  between(count: number, low: number, high: number): Float64Array {
    return Float64Array.from({ length: count }, () => Math.fround(this.random.uniform(low, high)));
  }

  /** Whole numbers from 0 to below - 1. */
  integers(count: number, below: number): Int32Array {
    return Int32Array.from({ length: count }, () => Math.floor(this.random.randomSample() * below));
  }

  /** One of the candidates. */
  pick<T>(candidates: readonly T[]): T {
    return candidates[Math.floor(this.random.randomSample() * candidates.length)];
  }
}
