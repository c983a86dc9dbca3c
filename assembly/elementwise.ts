/** Elementwise arithmetic over whole arrays, with the broadcasts that a matrix needs, and sums in float64. */
import { fma4 } from './constants';
import { Copy, loadLanes, span, splatAt, Sum } from './vectors';

@unmanaged
class Add {
  @inline of(a: v128, b: v128): v128 { return f32x4.add(a, b); }
}
@unmanaged
class Subtract {
  @inline of(a: v128, b: v128): v128 { return f32x4.sub(a, b); }
}
@unmanaged
class Multiply {
  @inline of(a: v128, b: v128): v128 { return f32x4.mul(a, b); }
}
@unmanaged
class Divide {
  @inline of(a: v128, b: v128): v128 { return f32x4.div(a, b); }
}

/** O(a, b) */
@unmanaged
class WithArray<O> {
  @inline at(y: usize, a: usize, b: usize, s: v128, t: v128, lanes: i32): v128 {
    return changetype<O>(0).of(loadLanes(a, lanes), loadLanes(b, lanes));
  }
}

/** O(a, s) */
@unmanaged
class WithScalar<O> {
  @inline at(y: usize, a: usize, b: usize, s: v128, t: v128, lanes: i32): v128 {
    return changetype<O>(0).of(loadLanes(a, lanes), s);
  }
}

const enum Broadcast { None, Column, Row, Scalar }

function binaryOf<O>(a: usize, b: usize, y: usize, rows: i32, columns: i32, broadcast: i32): void {
  const none = f32x4.splat(0), bytes = <usize>columns << 2;
  if (broadcast == Broadcast.None || (broadcast == Broadcast.Column && columns == 1)) {
    span<WithArray<O>>(y, a, b, none, none, rows * columns);
  } else if (broadcast == Broadcast.Scalar) {
    span<WithScalar<O>>(y, a, 0, splatAt(b, 0), none, rows * columns);
  } else {
    for (let r = 0; r < rows; r++) {
      if (broadcast == Broadcast.Column) span<WithScalar<O>>(y, a, 0, splatAt(b, r), none, columns);
      else span<WithArray<O>>(y, a, b, none, none, columns);
      a += bytes;
      y += bytes;
    }
  }
}

/**
 * y = a op b for a, y [rows, columns]; operation 0 add, 1 subtract, 2 multiply, 3 divide;
 * broadcast 0: b [rows, columns], 1: b [rows, 1], 2: b [1, columns], 3: b [1, 1].
 */
export function binary(operation: i32, a: usize, b: usize, y: usize, rows: i32, columns: i32, broadcast: i32): void {
  switch (operation) {
    case 0: binaryOf<Add>(a, b, y, rows, columns, broadcast); break;
    case 1: binaryOf<Subtract>(a, b, y, rows, columns, broadcast); break;
    case 2: binaryOf<Multiply>(a, b, y, rows, columns, broadcast); break;
    case 3: binaryOf<Divide>(a, b, y, rows, columns, broadcast); break;
  }
}

/** s */
@unmanaged
class Scalar {
  @inline at(y: usize, a: usize, b: usize, s: v128, t: v128, lanes: i32): v128 { return s; }
}

/** y[k] = value */
export function fill(y: usize, value: f32, count: i32): void {
  const none = f32x4.splat(0);
  span<Scalar>(y, 0, 0, f32x4.splat(value), none, count);
}

/** s a + t */
@unmanaged
class Affine {
  @inline at(y: usize, a: usize, b: usize, s: v128, t: v128, lanes: i32): v128 {
    return fma4(s, loadLanes(a, lanes), t);
  }
}

/** y + s a + t */
@unmanaged
class AffineSum {
  @inline at(y: usize, a: usize, b: usize, s: v128, t: v128, lanes: i32): v128 {
    return f32x4.add(loadLanes(y, lanes), fma4(s, loadLanes(a, lanes), t));
  }
}

/** y (+)= scale x + shift; y may be x. */
export function affine(x: usize, y: usize, scale: f32, shift: f32, count: i32, accumulate: i32): void {
  if (accumulate) span<AffineSum>(y, x, 0, f32x4.splat(scale), f32x4.splat(shift), count);
  else span<Affine>(y, x, 0, f32x4.splat(scale), f32x4.splat(shift), count);
}

/** The two upper floats as doubles. */
@inline
function promoteHigh(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
}

/** sum over k of x[k], in float64 */
export function sum(x: usize, count: i32): f64 {
  let low = f64x2.splat(0), high = low;
  let left = count;
  for (; left >= 4; left -= 4) {
    const v = v128.load(x);
    low = f64x2.add(low, f64x2.promote_low_f32x4(v));
    high = f64x2.add(high, promoteHigh(v));
    x += 16;
  }
  const both = f64x2.add(low, high);
  let total = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (; left > 0; left--) {
    total += <f64>load<f32>(x);
    x += 4;
  }
  return total;
}

/** sum over k of x[k]^2, in float64 */
export function sumOfSquares(x: usize, count: i32): f64 {
  let low = f64x2.splat(0), high = low;
  let left = count;
  for (; left >= 4; left -= 4) {
    const v = v128.load(x);
    const a = f64x2.promote_low_f32x4(v), b = promoteHigh(v);
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
    x += 16;
  }
  const both = f64x2.add(low, high);
  let total = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (; left > 0; left--) {
    const v = <f64>load<f32>(x);
    total += v * v;
    x += 4;
  }
  return total;
}

/** target[r, targetOffset + k] (+)= source[r, sourceOffset + k] for k in [0, width); a row has sourceColumns or targetColumns floats. */
export function copyColumns(
  source: usize, sourceColumns: i32, sourceOffset: i32, target: usize, targetColumns: i32, targetOffset: i32,
  rows: i32, width: i32, accumulate: i32,
): void {
  const none = f32x4.splat(0);
  let from = source + (<usize>sourceOffset << 2), to = target + (<usize>targetOffset << 2);
  for (let r = 0; r < rows; r++) {
    if (accumulate) span<Sum>(to, from, 0, none, none, width);
    else span<Copy>(to, from, 0, none, none, width);
    from += <usize>sourceColumns << 2;
    to += <usize>targetColumns << 2;
  }
}
