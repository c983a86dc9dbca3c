/**
 * What every kernel shares: the multiply-add, the table of constants and the choice of tile shape.
 *
 * V8 builds a `v128.const` anew at each use, which made SiLU four times slower; so constants live in memory, at
 * CONSTANTS, and are loaded with a splat. Addresses below 1024 are never touched: 0 means "absent", and the
 * optimiser may then fold any added constant below 1024 into a load's or a store's own offset.
 */

/** Addresses 1024..4095 belong to the kernels; up to 3071 lies the table behind the compiler's own Math.exp. */
const CONSTANTS: usize = 3584;
/** 64 zero bytes: the start of a product's accumulators when there is no bias. */
export const ZEROS: usize = 3840;

/**
 * Positions in the table. 2^f = 1 + f (E1 + f (E2 + ...)) on [-1/2, 1/2], relative error 1.2e-7 in float32.
 * sin r = r + r^3 (S1 + r^2 (S2 + ...)), cos r = 1 - r^2/2 + r^4 (C1 + ...) on [-pi/4, pi/4], with the coefficients of
 * Cephes (S. L. Moshier).
 */
export const enum Constant {
  One, Two, Four, Half, Slope,
  GateLimit, MinusGateLimit, TwiceGateLimit, TanhLimit, MinusTanhLimit,
  MinusLog2E, MinusTwoLog2E, Rounder, BiasedRounder,
  E1, E2, E3, E4, E5,
  TwoOverPi, HalfPi1, HalfPi2, HalfPi3, S1, S2, S3, C1, C2, C3,
}

/** The table's entry in all four lanes. */
@inline
export function constant(which: i32): v128 {
  return v128.load32_splat(CONSTANTS + (<usize>which << 2));
}

function define(which: i32, value: f32): void {
  store<f32>(CONSTANTS + (<usize>which << 2), value);
}

/** 6 rows x 4 vectors where V8 fuses pairs of vectors, else 6 x 2: the only state a module keeps. */
export let wideTiles: bool = true;

/** Writes the constants (every thread writes the same) and chooses the tile shape of this thread's module. */
export function initialise(revectorized: i32): void {
  wideTiles = revectorized != 0;
  memory.fill(ZEROS, 0, 64);
  define(Constant.One, 1);
  define(Constant.Two, 2);
  define(Constant.Four, 4);
  define(Constant.Half, 0.5);
  define(Constant.Slope, 0.2);
  // Beyond 30 a sigmoid is 0 or 1 within 1e-13; wider limits let 1 / (1 + exp) come near denormal numbers, which are slow.
  define(Constant.GateLimit, 30);
  define(Constant.MinusGateLimit, -30);
  define(Constant.TwiceGateLimit, 60);
  // tanh(9.1) rounds to 1.
  define(Constant.TanhLimit, 9.1);
  define(Constant.MinusTanhLimit, -9.1);
  define(Constant.MinusLog2E, -1.4426950408889634);
  define(Constant.MinusTwoLog2E, -2.8853900817779268);
  define(Constant.Rounder, 12582912);
  // With an exponent's bias of 127, the low bits hold 2^n itself once they are shifted.
  define(Constant.BiasedRounder, 12582912 + 127);
  define(Constant.E1, 0.6931470036506653);
  define(Constant.E2, 0.24022242426872253);
  define(Constant.E3, 0.05550733581185341);
  define(Constant.E4, 0.009671512991189957);
  define(Constant.E5, 0.001326472731307149);
  define(Constant.TwoOverPi, 0.6366197723675814);
  // pi / 2 in three parts, the first two of few enough bits that a whole number times them is exact.
  define(Constant.HalfPi1, 1.5703125);
  define(Constant.HalfPi2, 4.837512969970703e-4);
  define(Constant.HalfPi3, 7.549789954891882e-8);
  define(Constant.S1, -0.16666654611);
  define(Constant.S2, 8.3321608736e-3);
  define(Constant.S3, -1.9515295891e-4);
  define(Constant.C1, 4.166664568298827e-2);
  define(Constant.C2, -1.388731625493765e-3);
  define(Constant.C3, 2.443315711809948e-5);
}

/** a b + c: one rounding with relaxed SIMD (where the CPU has it), two without. */
@inline
export function fma4(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}
