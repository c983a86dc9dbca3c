/**
 * Activations over arrays: values, derivatives, gradients.
 * A pass of its own over a tile in cache is as fast as fusing the activation into the product before it.
 */
import { fma4 } from './constants';
import {
  Cosine, Identity, LeakyReLU, ReLU, Sigmoid, SiLU, Sine, Square, SquareRoot, Tanh,
} from './functions';
import { loadLanes, span, store16, storeLanes } from './vectors';

export const enum Kind { Identity, SiLU, ReLU, LeakyReLU, Tanh, Sigmoid, Square, SquareRoot, Sine, Cosine }

/** f(a) */
@unmanaged
class Value<F> {
  @inline at(y: usize, a: usize, b: usize, s: v128, t: v128, lanes: i32): v128 {
    const f = changetype<F>(0);
    const c = f.bound(loadLanes(a, lanes));
    return f.value(c, f.exponential(c));
  }
}

/** b f'(a) */
@unmanaged
class Gradient<F> {
  @inline at(y: usize, a: usize, b: usize, s: v128, t: v128, lanes: i32): v128 {
    const f = changetype<F>(0);
    const c = f.bound(loadLanes(a, lanes)), e = f.exponential(c);
    return f32x4.mul(loadLanes(b, lanes), f.derivative(c, e, f.quotient(c, e)));
  }
}

/** y + b f'(a) */
@unmanaged
class GradientSum<F> {
  @inline at(y: usize, a: usize, b: usize, s: v128, t: v128, lanes: i32): v128 {
    const f = changetype<F>(0);
    const c = f.bound(loadLanes(a, lanes)), e = f.exponential(c);
    return fma4(loadLanes(b, lanes), f.derivative(c, e, f.quotient(c, e)), loadLanes(y, lanes));
  }
}

function valueOf<F>(z: usize, y: usize, count: i32): void {
  const none = f32x4.splat(0);
  span<Value<F>>(y, z, 0, none, none, count);
}

function gradientOf<F>(z: usize, dy: usize, dz: usize, count: i32): void {
  const none = f32x4.splat(0);
  span<Gradient<F>>(dz, z, dy, none, none, count);
}

function gradientSumOf<F>(z: usize, dy: usize, dx: usize, count: i32): void {
  const none = f32x4.splat(0);
  span<GradientSum<F>>(dx, z, dy, none, none, count);
}

@inline
function valueAndDerivativeLanes<F>(z: usize, y: usize, d: usize, lanes: i32): void {
  const f = changetype<F>(0);
  const c = f.bound(loadLanes(z, lanes)), e = f.exponential(c), q = f.quotient(c, e);
  storeLanes(y, f.valueBy(c, e, q), lanes);
  storeLanes(d, f.derivative(c, e, q), lanes);
}

function valueAndDerivativeOf<F>(z: usize, y: usize, d: usize, count: i32): void {
  const f = changetype<F>(0);
  let left = count;
  for (; left >= 16; left -= 16) {
    const x0 = v128.load(z), x1 = v128.load(z, 16), x2 = v128.load(z, 32), x3 = v128.load(z, 48);
    const c0 = f.bound(x0), c1 = f.bound(x1), c2 = f.bound(x2), c3 = f.bound(x3);
    const e0 = f.exponential(c0), e1 = f.exponential(c1), e2 = f.exponential(c2), e3 = f.exponential(c3);
    const q0 = f.quotient(c0, e0), q1 = f.quotient(c1, e1), q2 = f.quotient(c2, e2), q3 = f.quotient(c3, e3);
    const y0 = f.valueBy(c0, e0, q0), y1 = f.valueBy(c1, e1, q1), y2 = f.valueBy(c2, e2, q2), y3 = f.valueBy(c3, e3, q3);
    const d0 = f.derivative(c0, e0, q0), d1 = f.derivative(c1, e1, q1);
    const d2 = f.derivative(c2, e2, q2), d3 = f.derivative(c3, e3, q3);
    store16(y, y0, y1, y2, y3);
    store16(d, d0, d1, d2, d3);
    z += 64;
    y += 64;
    d += 64;
  }
  for (; left >= 4; left -= 4) {
    valueAndDerivativeLanes<F>(z, y, d, 4);
    z += 16;
    y += 16;
    d += 16;
  }
  if (left == 3) valueAndDerivativeLanes<F>(z, y, d, 3);
  else if (left == 2) valueAndDerivativeLanes<F>(z, y, d, 2);
  else if (left == 1) valueAndDerivativeLanes<F>(z, y, d, 1);
}

/** y = f(z); y may be z. */
export function activate(kind: i32, z: usize, y: usize, count: i32): void {
  switch (kind) {
    case Kind.Identity: valueOf<Identity>(z, y, count); break;
    case Kind.SiLU: valueOf<SiLU>(z, y, count); break;
    case Kind.ReLU: valueOf<ReLU>(z, y, count); break;
    case Kind.LeakyReLU: valueOf<LeakyReLU>(z, y, count); break;
    case Kind.Tanh: valueOf<Tanh>(z, y, count); break;
    case Kind.Sigmoid: valueOf<Sigmoid>(z, y, count); break;
    case Kind.Square: valueOf<Square>(z, y, count); break;
    case Kind.SquareRoot: valueOf<SquareRoot>(z, y, count); break;
    case Kind.Sine: valueOf<Sine>(z, y, count); break;
    case Kind.Cosine: valueOf<Cosine>(z, y, count); break;
  }
}

/** y = f(z), d = f'(z) */
export function activateWithDerivative(kind: i32, z: usize, y: usize, d: usize, count: i32): void {
  switch (kind) {
    case Kind.Identity: valueAndDerivativeOf<Identity>(z, y, d, count); break;
    case Kind.SiLU: valueAndDerivativeOf<SiLU>(z, y, d, count); break;
    case Kind.ReLU: valueAndDerivativeOf<ReLU>(z, y, d, count); break;
    case Kind.LeakyReLU: valueAndDerivativeOf<LeakyReLU>(z, y, d, count); break;
    case Kind.Tanh: valueAndDerivativeOf<Tanh>(z, y, d, count); break;
    case Kind.Sigmoid: valueAndDerivativeOf<Sigmoid>(z, y, d, count); break;
    case Kind.Square: valueAndDerivativeOf<Square>(z, y, d, count); break;
    case Kind.SquareRoot: valueAndDerivativeOf<SquareRoot>(z, y, d, count); break;
    case Kind.Sine: valueAndDerivativeOf<Sine>(z, y, d, count); break;
    case Kind.Cosine: valueAndDerivativeOf<Cosine>(z, y, d, count); break;
  }
}

/** dz = dy f'(z); dz may be dy. */
export function activationGradient(kind: i32, z: usize, dy: usize, dz: usize, count: i32): void {
  switch (kind) {
    case Kind.Identity: gradientOf<Identity>(z, dy, dz, count); break;
    case Kind.SiLU: gradientOf<SiLU>(z, dy, dz, count); break;
    case Kind.ReLU: gradientOf<ReLU>(z, dy, dz, count); break;
    case Kind.LeakyReLU: gradientOf<LeakyReLU>(z, dy, dz, count); break;
    case Kind.Tanh: gradientOf<Tanh>(z, dy, dz, count); break;
    case Kind.Sigmoid: gradientOf<Sigmoid>(z, dy, dz, count); break;
    case Kind.Square: gradientOf<Square>(z, dy, dz, count); break;
    case Kind.SquareRoot: gradientOf<SquareRoot>(z, dy, dz, count); break;
    case Kind.Sine: gradientOf<Sine>(z, dy, dz, count); break;
    case Kind.Cosine: gradientOf<Cosine>(z, dy, dz, count); break;
  }
}

/** dx += dy f'(z) */
export function activationGradientAccumulate(kind: i32, z: usize, dy: usize, dx: usize, count: i32): void {
  switch (kind) {
    case Kind.Identity: gradientSumOf<Identity>(z, dy, dx, count); break;
    case Kind.SiLU: gradientSumOf<SiLU>(z, dy, dx, count); break;
    case Kind.ReLU: gradientSumOf<ReLU>(z, dy, dx, count); break;
    case Kind.LeakyReLU: gradientSumOf<LeakyReLU>(z, dy, dx, count); break;
    case Kind.Tanh: gradientSumOf<Tanh>(z, dy, dx, count); break;
    case Kind.Sigmoid: gradientSumOf<Sigmoid>(z, dy, dx, count); break;
    case Kind.Square: gradientSumOf<Square>(z, dy, dx, count); break;
    case Kind.SquareRoot: gradientSumOf<SquareRoot>(z, dy, dx, count); break;
    case Kind.Sine: gradientSumOf<Sine>(z, dy, dx, count); break;
    case Kind.Cosine: gradientSumOf<Cosine>(z, dy, dx, count); break;
  }
}
