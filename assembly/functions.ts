/**
 * Activations f and their derivatives. Each class works in steps, so that value and derivative share what they can:
 *   c = bound(z)             z, kept where nothing overflows
 *   e = exponential(c)       the exponential, if there is one
 *   value(c, e)              f(z), when nobody wants the derivative
 *   g = quotient(c, e)       the division that value and derivative share
 *   valueBy(c, e, g)         f(z)
 *   derivative(c, e, g)      f'(z)
 * NaN goes through: pmin and pmax return their first operand when either is NaN, so z stands first.
 * Largest errors, relative to max(1, |z|): SiLU 1.4e-7 and its derivative 1.9e-7, tanh 1.4e-7 and 2.0e-7, sigmoid 1e-7.
 */
import { Constant, constant, fma4 } from './constants';

/** (2^f - 1) / f */
@inline
function exponentialSlope(f: v128): v128 {
  let p = fma4(constant(Constant.E5), f, constant(Constant.E4));
  p = fma4(p, f, constant(Constant.E3));
  p = fma4(p, f, constant(Constant.E2));
  return fma4(p, f, constant(Constant.E1));
}

/** exp(-z) = 2^n 2^f with n an integer, |f| <= 1/2: adding 1.5 * 2^23 rounds, n stands in the low bits, and moves into the exponent. */
@inline
function decay(z: v128): v128 {
  const t = fma4(z, constant(Constant.MinusLog2E), constant(Constant.Rounder));
  const f = fma4(z, constant(Constant.MinusLog2E), f32x4.sub(constant(Constant.Rounder), t));
  return i32x4.add(fma4(exponentialSlope(f), f, constant(Constant.One)), i32x4.shl(t, 23));
}

/** exp(-2 z) - 1 = 2^n (2^f - 1) + (2^n - 1): small z keep their digits. */
@inline
function decayLessOne(z: v128): v128 {
  const t = fma4(z, constant(Constant.MinusTwoLog2E), constant(Constant.BiasedRounder));
  const f = fma4(z, constant(Constant.MinusTwoLog2E), f32x4.sub(constant(Constant.BiasedRounder), t));
  const scale = i32x4.shl(t, 23);
  return fma4(f32x4.mul(exponentialSlope(f), f), scale, f32x4.sub(scale, constant(Constant.One)));
}

@inline
function onePlus(e: v128): v128 {
  return f32x4.add(e, constant(Constant.One));
}

@inline
function reciprocal(e: v128): v128 {
  return f32x4.div(constant(Constant.One), e);
}

@inline
function zero(): v128 {
  return f32x4.splat(0);
}

/** f = z, f' = 1 */
@unmanaged
export class Identity {
  @inline bound(z: v128): v128 { return z; }
  @inline exponential(z: v128): v128 { return z; }
  @inline value(z: v128, e: v128): v128 { return z; }
  @inline quotient(z: v128, e: v128): v128 { return z; }
  @inline valueBy(z: v128, e: v128, g: v128): v128 { return z; }
  @inline derivative(z: v128, e: v128, g: v128): v128 { return constant(Constant.One); }
}

/**
 * f = z g with the sigmoid g = 1 / (1 + e), e = exp(-z); f' = g + z g (1 - g), where 1 - g = e g loses no digits.
 * Below -30 z counts as -30 (f = -3e-12), so that minus infinity gives no NaN; above 60 e is that of 60, which shows in f' from 1e19 on.
 */
@unmanaged
export class SiLU {
  @inline bound(z: v128): v128 { return f32x4.pmax(z, constant(Constant.MinusGateLimit)); }
  @inline exponential(c: v128): v128 { return decay(f32x4.pmin(c, constant(Constant.TwiceGateLimit))); }
  @inline value(c: v128, e: v128): v128 { return f32x4.div(c, onePlus(e)); }
  @inline quotient(c: v128, e: v128): v128 { return reciprocal(onePlus(e)); }
  @inline valueBy(c: v128, e: v128, g: v128): v128 { return f32x4.mul(c, g); }
  @inline derivative(c: v128, e: v128, g: v128): v128 { return fma4(f32x4.mul(c, g), f32x4.mul(e, g), g); }
}

/** f = max(z, 0), f' = [z > 0] */
@unmanaged
export class ReLU {
  @inline bound(z: v128): v128 { return z; }
  @inline exponential(z: v128): v128 { return z; }
  @inline value(z: v128, e: v128): v128 { return f32x4.pmax(z, zero()); }
  @inline quotient(z: v128, e: v128): v128 { return z; }
  @inline valueBy(z: v128, e: v128, g: v128): v128 { return f32x4.pmax(z, zero()); }
  @inline derivative(z: v128, e: v128, g: v128): v128 {
    return v128.and(f32x4.gt(z, zero()), constant(Constant.One));
  }
}

/** f = max(z, 0.2 z), f' = 1 for z > 0, else 0.2 */
@unmanaged
export class LeakyReLU {
  @inline bound(z: v128): v128 { return z; }
  @inline exponential(z: v128): v128 { return z; }
  @inline value(z: v128, e: v128): v128 { return f32x4.pmax(z, f32x4.mul(z, constant(Constant.Slope))); }
  @inline quotient(z: v128, e: v128): v128 { return z; }
  @inline valueBy(z: v128, e: v128, g: v128): v128 { return f32x4.pmax(z, f32x4.mul(z, constant(Constant.Slope))); }
  @inline derivative(z: v128, e: v128, g: v128): v128 {
    return v128.bitselect(constant(Constant.One), constant(Constant.Slope), f32x4.gt(z, zero()));
  }
}

/** f = -m / (m + 2), f' = 4 (m + 1) / (m + 2)^2 with m = exp(-2 z) - 1 */
@unmanaged
export class Tanh {
  @inline bound(z: v128): v128 {
    return f32x4.pmin(f32x4.pmax(z, constant(Constant.MinusTanhLimit)), constant(Constant.TanhLimit));
  }
  @inline exponential(c: v128): v128 { return decayLessOne(c); }
  @inline value(c: v128, m: v128): v128 { return f32x4.neg(f32x4.div(m, f32x4.add(m, constant(Constant.Two)))); }
  @inline quotient(c: v128, m: v128): v128 { return f32x4.add(m, constant(Constant.Two)); }
  @inline valueBy(c: v128, m: v128, b: v128): v128 { return f32x4.neg(f32x4.div(m, b)); }
  @inline derivative(c: v128, m: v128, b: v128): v128 {
    return f32x4.div(f32x4.mul(onePlus(m), constant(Constant.Four)), f32x4.mul(b, b));
  }
}

/** f = g = 1 / (1 + e), e = exp(-z); f' = g (1 - g) = g e g */
@unmanaged
export class Sigmoid {
  @inline bound(z: v128): v128 {
    return f32x4.pmin(f32x4.pmax(z, constant(Constant.MinusGateLimit)), constant(Constant.GateLimit));
  }
  @inline exponential(c: v128): v128 { return decay(c); }
  @inline value(c: v128, e: v128): v128 { return reciprocal(onePlus(e)); }
  @inline quotient(c: v128, e: v128): v128 { return reciprocal(onePlus(e)); }
  @inline valueBy(c: v128, e: v128, g: v128): v128 { return g; }
  @inline derivative(c: v128, e: v128, g: v128): v128 { return f32x4.mul(f32x4.mul(e, g), g); }
}

/** f = z^2, f' = 2 z */
@unmanaged
export class Square {
  @inline bound(z: v128): v128 { return z; }
  @inline exponential(z: v128): v128 { return z; }
  @inline value(z: v128, e: v128): v128 { return f32x4.mul(z, z); }
  @inline quotient(z: v128, e: v128): v128 { return z; }
  @inline valueBy(z: v128, e: v128, g: v128): v128 { return f32x4.mul(z, z); }
  @inline derivative(z: v128, e: v128, g: v128): v128 { return f32x4.add(z, z); }
}

/** f = sqrt(z), f' = 1 / (2 f), and 0 at 0 */
@unmanaged
export class SquareRoot {
  @inline bound(z: v128): v128 { return z; }
  @inline exponential(z: v128): v128 { return z; }
  @inline value(z: v128, e: v128): v128 { return f32x4.sqrt(z); }
  @inline quotient(z: v128, e: v128): v128 { return f32x4.sqrt(z); }
  @inline valueBy(z: v128, e: v128, y: v128): v128 { return y; }
  @inline derivative(z: v128, e: v128, y: v128): v128 {
    return v128.and(f32x4.ne(z, zero()), f32x4.div(constant(Constant.Half), y));
  }
}

/** sin(z + quarters pi / 2). Rounding z to quarter turns leaves an angle within pi / 4, whose quarter says which series, and its sign. */
@inline
function sineOf(z: v128, quarters: i32): v128 {
  const t = fma4(z, constant(Constant.TwoOverPi), constant(Constant.Rounder));
  const n = f32x4.sub(constant(Constant.Rounder), t);
  const r = fma4(n, constant(Constant.HalfPi3), fma4(n, constant(Constant.HalfPi2), fma4(n, constant(Constant.HalfPi1), z)));
  const r2 = f32x4.mul(r, r);
  let s = fma4(constant(Constant.S3), r2, constant(Constant.S2));
  s = fma4(f32x4.mul(fma4(s, r2, constant(Constant.S1)), r2), r, r);
  let c = fma4(constant(Constant.C3), r2, constant(Constant.C2));
  c = fma4(fma4(c, r2, constant(Constant.C1)), f32x4.mul(r2, r2), f32x4.sub(constant(Constant.One), f32x4.mul(r2, constant(Constant.Half))));
  const quarter = i32x4.add(t, i32x4.splat(quarters));
  const odd = i32x4.shr_s(i32x4.shl(quarter, 31), 31);
  const sign = i32x4.shl(i32x4.shr_u(quarter, 1), 31);
  return v128.xor(v128.bitselect(c, s, odd), sign);
}

/** f = sin z, f' = cos z; within 2e-7 for |z| up to 1,000, and 1e-4 at 100,000. */
@unmanaged
export class Sine {
  @inline bound(z: v128): v128 { return z; }
  @inline exponential(z: v128): v128 { return z; }
  @inline value(z: v128, e: v128): v128 { return sineOf(z, 0); }
  @inline quotient(z: v128, e: v128): v128 { return z; }
  @inline valueBy(z: v128, e: v128, q: v128): v128 { return sineOf(z, 0); }
  @inline derivative(z: v128, e: v128, q: v128): v128 { return sineOf(z, 1); }
}

/** f = cos z, f' = -sin z = sin(z + pi) */
@unmanaged
export class Cosine {
  @inline bound(z: v128): v128 { return z; }
  @inline exponential(z: v128): v128 { return z; }
  @inline value(z: v128, e: v128): v128 { return sineOf(z, 1); }
  @inline quotient(z: v128, e: v128): v128 { return z; }
  @inline valueBy(z: v128, e: v128, q: v128): v128 { return sineOf(z, 1); }
  @inline derivative(z: v128, e: v128, q: v128): v128 { return sineOf(z, 2); }
}
