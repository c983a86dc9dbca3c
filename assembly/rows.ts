/**
 * Rows times scalars, and scalars from rows: dot products, sums, outer products.
 *
 * Horizontal sums never fuse into 256 bits, so a dot product takes four rows at a time with two accumulators each,
 * and one transposing reduction gives the four results together.
 */
import { fma4 } from './constants';
import { loadLanes, Scaled, ScaledSum, span, splatAt } from './vectors';

/** sum + a b */
@unmanaged
class Products {
  @inline add(sum: v128, a: usize, b: usize, lanes: i32): v128 {
    return fma4(loadLanes(a, lanes), loadLanes(b, lanes), sum);
  }
}

/** sum + a */
@unmanaged
class Values {
  @inline add(sum: v128, a: usize, b: usize, lanes: i32): v128 {
    return f32x4.add(sum, loadLanes(a, lanes));
  }
}

/** The sums of the lanes of a, b, c and d, in the four lanes of one vector. */
@inline
function laneSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

/** Adds up F over four rows a0..a3 with b0..b3. */
@inline
function fourRows<F>(
  a0: usize, a1: usize, a2: usize, a3: usize, b0: usize, b1: usize, b2: usize, b3: usize, width: i32,
): v128 {
  const f = changetype<F>(0);
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
  let k: usize = 0, left = width;
  for (; left >= 8; left -= 8) {
    s0 = f.add(s0, a0 + k, b0 + k, 4);
    s1 = f.add(s1, a1 + k, b1 + k, 4);
    s2 = f.add(s2, a2 + k, b2 + k, 4);
    s3 = f.add(s3, a3 + k, b3 + k, 4);
    t0 = f.add(t0, a0 + k + 16, b0 + k + 16, 4);
    t1 = f.add(t1, a1 + k + 16, b1 + k + 16, 4);
    t2 = f.add(t2, a2 + k + 16, b2 + k + 16, 4);
    t3 = f.add(t3, a3 + k + 16, b3 + k + 16, 4);
    k += 32;
  }
  if (left >= 4) {
    s0 = f.add(s0, a0 + k, b0 + k, 4);
    s1 = f.add(s1, a1 + k, b1 + k, 4);
    s2 = f.add(s2, a2 + k, b2 + k, 4);
    s3 = f.add(s3, a3 + k, b3 + k, 4);
    k += 16;
    left -= 4;
  }
  for (; left > 0; left--) {
    t0 = f.add(t0, a0 + k, b0 + k, 1);
    t1 = f.add(t1, a1 + k, b1 + k, 1);
    t2 = f.add(t2, a2 + k, b2 + k, 1);
    t3 = f.add(t3, a3 + k, b3 + k, 1);
    k += 4;
  }
  return laneSums(f32x4.add(s0, t0), f32x4.add(s1, t1), f32x4.add(s2, t2), f32x4.add(s3, t3));
}

/** out[r] (+)= start + F over row r of a and row r of b; the rows of b lie bBytes apart, those of out outBytes. */
@inline
function reduceRows<F>(
  a: usize, b: usize, bBytes: usize, start: v128, out: usize, outBytes: usize, rows: i32, width: i32, accumulate: bool,
): void {
  const bytes = <usize>width << 2;
  for (; rows > 0; rows -= 4) {
    // With fewer than four rows left the last one stands in for those that are missing.
    const r1 = <usize>(rows > 1 ? 1 : 0), r2 = rows > 2 ? 2 : r1, r3 = rows > 3 ? 3 : r2;
    let sums = f32x4.add(start, fourRows<F>(
      a, a + r1 * bytes, a + r2 * bytes, a + r3 * bytes, b, b + r1 * bBytes, b + r2 * bBytes, b + r3 * bBytes, width,
    ));
    const left = min(rows, 4);
    for (let r = 0; r < left; r++) {
      const sum = f32x4.extract_lane(sums, 0);
      store<f32>(out, accumulate ? load<f32>(out) + sum : sum);
      sums = v128.shuffle<f32>(sums, sums, 1, 2, 3, 0);
      out += outBytes;
    }
    a += bytes << 2;
    b += bBytes << 2;
  }
}

/** out[r] = t[r] . w + bias, results outBytes apart. */
export function dotsWithOneVector(t: usize, w: usize, bias: f32, out: usize, outBytes: usize, rows: i32, width: i32): void {
  reduceRows<Products>(t, w, 0, f32x4.splat(bias), out, outBytes, rows, width, false);
}

/** out[r] = t[r] . w + bias; `bias` is an address, 0 for none. */
export function dotRows(t: usize, w: usize, bias: usize, out: usize, rows: i32, width: i32): void {
  dotsWithOneVector(t, w, bias ? load<f32>(bias) : 0, out, 4, rows, width);
}

/** out[r] = a[r] . b[r] */
export function rowDots(a: usize, b: usize, out: usize, rows: i32, width: i32): void {
  reduceRows<Products>(a, b, <usize>width << 2, f32x4.splat(0), out, 4, rows, width, false);
}

/** y[r] (+)= sum over k of x[r, k] */
export function rowSums(x: usize, y: usize, rows: i32, columns: i32, accumulate: i32): void {
  if (accumulate) reduceRows<Values>(x, 0, 0, f32x4.splat(0), y, 4, rows, columns, true);
  else reduceRows<Values>(x, 0, 0, f32x4.splat(0), y, 4, rows, columns, false);
}

/** y[r] = scale[r] m[r]; y may be m. */
export function scaleRows(m: usize, scale: usize, y: usize, rows: i32, width: i32): void {
  const bytes = <usize>width << 2, none = f32x4.splat(0);
  for (let r = 0; r < rows; r++) {
    span<Scaled>(y, m, 0, splatAt(scale, r), none, width);
    m += bytes;
    y += bytes;
  }
}

/** y[r, k] (+)= scale[r] w[k] */
export function outerRows(scale: usize, w: usize, y: usize, rows: i32, width: i32, accumulate: i32): void {
  const bytes = <usize>width << 2, none = f32x4.splat(0);
  for (let r = 0; r < rows; r++) {
    if (accumulate) span<ScaledSum>(y, w, 0, splatAt(scale, r), none, width);
    else span<Scaled>(y, w, 0, splatAt(scale, r), none, width);
    y += bytes;
  }
}
