/**
 * Exact pieces of rows, and the loop that most kernels are.
 *
 * A row of any width is worked off as 16 floats a turn, then 4, then the 1 to 3 that are left. What happens to the
 * floats is said once, by a class F without fields: `changetype<F>(0).at(...)` is inlined and costs nothing.
 *
 * V8's revectorizer makes one 256-bit operation of two 128-bit ones. It starts from two stores to adjacent
 * addresses with no other access between them: so all four vectors are computed first, then stored in pairs.
 */
import { fma4 } from './constants';

/** Loads `lanes` floats (4, 3, 2 or 1) and not a byte more; the other lanes are zero. */
@inline
export function loadLanes(address: usize, lanes: i32): v128 {
  if (lanes == 4) return v128.load(address);
  if (lanes == 3) return v128.load_lane<f32>(address + 8, v128.load64_zero(address), 2);
  if (lanes == 2) return v128.load64_zero(address);
  return v128.load32_zero(address);
}

/** Stores the first `lanes` floats (4, 3, 2 or 1) and not a byte more. */
@inline
export function storeLanes(address: usize, value: v128, lanes: i32): void {
  if (lanes == 4) v128.store(address, value);
  else if (lanes == 3) {
    v128.store_lane<i64>(address, value, 0);
    v128.store_lane<f32>(address + 8, value, 2);
  } else if (lanes == 2) v128.store_lane<i64>(address, value, 0);
  else v128.store_lane<f32>(address, value, 0);
}

/** Stores 8 floats, as a pair: the upper half first. */
@inline
export function store8(address: usize, v0: v128, v1: v128): void {
  v128.store(address, v1, 16);
  v128.store(address, v0);
}

/** Stores 16 floats, as two pairs. */
@inline
export function store16(address: usize, v0: v128, v1: v128, v2: v128, v3: v128): void {
  v128.store(address, v1, 16);
  v128.store(address, v0);
  v128.store(address, v3, 48);
  v128.store(address, v2, 32);
}

/** The float at position r of an array, in all lanes. */
@inline
export function splatAt(array: usize, r: i32): v128 {
  return v128.load32_splat(array + (<usize>r << 2));
}

/** Address of row `index[r]` of an array of rows. */
@inline
export function indexedRow(rows: usize, index: usize, r: i32, rowBytes: usize): usize {
  return rows + <usize>load<u32>(index + (<usize>r << 2)) * rowBytes;
}

/**
 * y[k] = F.at(y + k, a + k, b + k, s, t) for k in [0, count). y may be a or b itself.
 * `at` gets addresses, scalars in all lanes and the number of lanes to load, and returns what to store at y.
 */
@inline
export function span<F>(y: usize, a: usize, b: usize, s: v128, t: v128, count: i32): void {
  const f = changetype<F>(0);
  let left = count;
  for (; left >= 16; left -= 16) {
    const v0 = f.at(y, a, b, s, t, 4);
    const v1 = f.at(y + 16, a + 16, b + 16, s, t, 4);
    const v2 = f.at(y + 32, a + 32, b + 32, s, t, 4);
    const v3 = f.at(y + 48, a + 48, b + 48, s, t, 4);
    store16(y, v0, v1, v2, v3);
    y += 64;
    a += 64;
    b += 64;
  }
  for (; left >= 4; left -= 4) {
    storeLanes(y, f.at(y, a, b, s, t, 4), 4);
    y += 16;
    a += 16;
    b += 16;
  }
  if (left == 3) storeLanes(y, f.at(y, a, b, s, t, 3), 3);
  else if (left == 2) storeLanes(y, f.at(y, a, b, s, t, 2), 2);
  else if (left == 1) storeLanes(y, f.at(y, a, b, s, t, 1), 1);
}

/** y = a */
@unmanaged
export class Copy {
  @inline at(y: usize, a: usize, b: usize, s: v128, t: v128, lanes: i32): v128 {
    return loadLanes(a, lanes);
  }
}

/** y + a */
@unmanaged
export class Sum {
  @inline at(y: usize, a: usize, b: usize, s: v128, t: v128, lanes: i32): v128 {
    return f32x4.add(loadLanes(y, lanes), loadLanes(a, lanes));
  }
}

/** s a */
@unmanaged
export class Scaled {
  @inline at(y: usize, a: usize, b: usize, s: v128, t: v128, lanes: i32): v128 {
    return f32x4.mul(s, loadLanes(a, lanes));
  }
}

/** y + s a */
@unmanaged
export class ScaledSum {
  @inline at(y: usize, a: usize, b: usize, s: v128, t: v128, lanes: i32): v128 {
    return fma4(s, loadLanes(a, lanes), loadLanes(y, lanes));
  }
}
