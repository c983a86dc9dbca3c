/**
 * Activations f and their derivatives. Each class gives, for a vector z,
 *   shared(z)         what value and derivative have in common
 *   value(z, c)       f(z), where c = shared(z)
 *   derivative(z, c)  f'(z)
 * NaN goes through: pmin and pmax return their first operand when either is NaN, so z stands first.
 */
import { Constant, constant, fma4 } from './constants';

// @ts-ignore: decorator
@inline
function clamp(z: v128, low: i32, high: i32): v128 {
  return f32x4.pmin(f32x4.pmax(z, constant(low)), constant(high));
}

/** z log2(e) factor = n + f with n an integer, |f| <= 1/2: the float z factor + Rounder, whose low bits hold n + 127. */
// @ts-ignore: decorator
@inline
function rounded(z: v128, factor: i32): v128 {
  return fma4(z, constant(factor), constant(Constant.Rounder));
}

/** f = z factor - n */
// @ts-ignore: decorator
@inline
function fraction(z: v128, factor: i32, t: v128): v128 {
  return fma4(z, constant(factor), f32x4.sub(constant(Constant.Rounder), t));
}

/** (2^f - 1) / f */
// @ts-ignore: decorator
@inline
function exponentialSlope(f: v128): v128 {
  let p = fma4(constant(Constant.E5), f, constant(Constant.E4));
  p = fma4(p, f, constant(Constant.E3));
  p = fma4(p, f, constant(Constant.E2));
  return fma4(p, f, constant(Constant.E1));
}

/** 2^n: n + 127 moved into the exponent. */
// @ts-ignore: decorator
@inline
function power(t: v128): v128 {
  return i32x4.shl(t, 23);
}

/** g = 1 / (1 + exp(-z)), for z already clamped */
// @ts-ignore: decorator
@inline
function gate(z: v128): v128 {
  const t = rounded(z, Constant.MinusLog2E);
  const f = fraction(z, Constant.MinusLog2E, t);
  const p = fma4(exponentialSlope(f), f, constant(Constant.One));
  return f32x4.div(constant(Constant.One), fma4(p, power(t), constant(Constant.One)));
}

// @ts-ignore: decorator
@inline
function zero(): v128 {
  return f32x4.splat(0);
}

/** f = z, f' = 1 */
@unmanaged
export class Identity {
  @inline shared(z: v128): v128 { return z; }
  @inline value(z: v128, c: v128): v128 { return z; }
  @inline derivative(z: v128, c: v128): v128 { return constant(Constant.One); }
}

/** f = z g(z), f' = g + z g (1 - g), g the sigmoid. Below -30 f counts as -30 g(-30) = -3e-12, so that f(-inf) is no NaN. */
@unmanaged
export class SiLU {
  @inline shared(z: v128): v128 { return gate(clamp(z, Constant.MinusGateLimit, Constant.GateLimit)); }
  @inline value(z: v128, g: v128): v128 { return f32x4.mul(f32x4.pmax(z, constant(Constant.MinusGateLimit)), g); }
  @inline derivative(z: v128, g: v128): v128 {
    const c = clamp(z, Constant.MinusGateLimit, Constant.GateLimit);
    return fma4(f32x4.mul(c, g), f32x4.sub(constant(Constant.One), g), g);
  }
}

/** f = max(z, 0), f' = [z > 0] */
@unmanaged
export class ReLU {
  @inline shared(z: v128): v128 { return z; }
  @inline value(z: v128, c: v128): v128 { return f32x4.pmax(z, zero()); }
  @inline derivative(z: v128, c: v128): v128 { return v128.and(f32x4.gt(z, zero()), constant(Constant.One)); }
}

/** f = max(z, 0.2 z), f' = 1 for z > 0, else 0.2 */
@unmanaged
export class LeakyReLU {
  @inline shared(z: v128): v128 { return z; }
  @inline value(z: v128, c: v128): v128 { return f32x4.pmax(z, f32x4.mul(z, constant(Constant.Slope))); }
  @inline derivative(z: v128, c: v128): v128 {
    return v128.bitselect(constant(Constant.One), constant(Constant.Slope), f32x4.gt(z, zero()));
  }
}

/** f = -m / (m + 2) with m = exp(-2 z) - 1, taken as 2^n (2^f - 1) + (2^n - 1) so that small z keep their digits; f' = 1 - f^2 */
@unmanaged
export class Tanh {
  @inline shared(z: v128): v128 {
    const c = clamp(z, Constant.MinusTanhLimit, Constant.TanhLimit);
    const t = rounded(c, Constant.MinusTwoLog2E);
    const f = fraction(c, Constant.MinusTwoLog2E, t);
    const scale = power(t);
    const m = fma4(f32x4.mul(exponentialSlope(f), f), scale, f32x4.sub(scale, constant(Constant.One)));
    return f32x4.neg(f32x4.div(m, f32x4.add(m, constant(Constant.Two))));
  }
  @inline value(z: v128, y: v128): v128 { return y; }
  @inline derivative(z: v128, y: v128): v128 { return f32x4.sub(constant(Constant.One), f32x4.mul(y, y)); }
}

/** f = g = 1 / (1 + exp(-z)), f' = g (1 - g) */
@unmanaged
export class Sigmoid {
  @inline shared(z: v128): v128 { return gate(clamp(z, Constant.MinusGateLimit, Constant.GateLimit)); }
  @inline value(z: v128, g: v128): v128 { return g; }
  @inline derivative(z: v128, g: v128): v128 { return f32x4.mul(g, f32x4.sub(constant(Constant.One), g)); }
}

/** f = z^2, f' = 2 z */
@unmanaged
export class Square {
  @inline shared(z: v128): v128 { return z; }
  @inline value(z: v128, c: v128): v128 { return f32x4.mul(z, z); }
  @inline derivative(z: v128, c: v128): v128 { return f32x4.add(z, z); }
}

/** f = sqrt(z), f' = 1 / (2 f), and 0 at 0 */
@unmanaged
export class SquareRoot {
  @inline shared(z: v128): v128 { return f32x4.sqrt(z); }
  @inline value(z: v128, y: v128): v128 { return y; }
  @inline derivative(z: v128, y: v128): v128 {
    return v128.and(f32x4.ne(z, zero()), f32x4.div(constant(Constant.Half), y));
  }
}
