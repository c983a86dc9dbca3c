/**
 * Sums over the rows of a tile, column by column, with what is summed computed on the way. Sixteen columns at a time
 * keep their sums in registers while all rows go by.
 */
import { fma4 } from './constants';
import { indexedRow, loadLanes, splatAt, store16, storeLanes } from './vectors';

/** m[r] */
@unmanaged
class Plain {
  @inline at(m: usize, d: usize, g: usize, s: v128, lanes: i32): v128 { return loadLanes(m, lanes); }
  @inline scales(): bool { return false; }
  @inline gathers(): bool { return false; }
  @inline stores(): bool { return false; }
}

/** scale[r] m[r] */
@unmanaged
class Weighted {
  @inline at(m: usize, d: usize, g: usize, s: v128, lanes: i32): v128 { return f32x4.mul(s, loadLanes(m, lanes)); }
  @inline scales(): bool { return true; }
  @inline gathers(): bool { return false; }
  @inline stores(): bool { return false; }
}

/** m[r] d[r], stored */
@unmanaged
class Product {
  @inline at(m: usize, d: usize, g: usize, s: v128, lanes: i32): v128 {
    return f32x4.mul(loadLanes(m, lanes), loadLanes(d, lanes));
  }
  @inline scales(): bool { return false; }
  @inline gathers(): bool { return false; }
  @inline stores(): bool { return true; }
}

/** (m[r] + source[index[r]]) d[r], stored */
@unmanaged
class GatheredProduct {
  @inline at(m: usize, d: usize, g: usize, s: v128, lanes: i32): v128 {
    return f32x4.mul(f32x4.add(loadLanes(m, lanes), loadLanes(g, lanes)), loadLanes(d, lanes));
  }
  @inline scales(): bool { return false; }
  @inline gathers(): bool { return true; }
  @inline stores(): bool { return true; }
}

/** (m[r] + scale[r] source[index[r]]) d[r], stored */
@unmanaged
class ScaledGatheredProduct {
  @inline at(m: usize, d: usize, g: usize, s: v128, lanes: i32): v128 {
    return f32x4.mul(fma4(s, loadLanes(g, lanes), loadLanes(m, lanes)), loadLanes(d, lanes));
  }
  @inline scales(): bool { return true; }
  @inline gathers(): bool { return true; }
  @inline stores(): bool { return true; }
}

/** `lanes` columns, all rows; sums 0 means that nobody wants them. */
@inline
function columns<F>(
  m: usize, d: usize, source: usize, index: usize, scale: usize, sums: usize, rows: i32, bytes: usize, lanes: i32,
): void {
  const f = changetype<F>(0);
  let sum = f32x4.splat(0);
  for (let r = 0; r < rows; r++) {
    const g = f.gathers() ? indexedRow(source, index, r, bytes) : 0;
    const s = f.scales() ? splatAt(scale, r) : sum;
    const v = f.at(m, d, g, s, lanes);
    if (f.stores()) storeLanes(m, v, lanes);
    sum = f32x4.add(sum, v);
    m += bytes;
    d += bytes;
  }
  if (sums) storeLanes(sums, f32x4.add(sum, loadLanes(sums, lanes)), lanes);
}

/** 16 columns, all rows. */
@inline
function columns16<F>(
  m: usize, d: usize, source: usize, index: usize, scale: usize, sums: usize, rows: i32, bytes: usize,
): void {
  const f = changetype<F>(0);
  const none = f32x4.splat(0);
  let s0 = none, s1 = none, s2 = none, s3 = none;
  for (let r = 0; r < rows; r++) {
    const g = f.gathers() ? indexedRow(source, index, r, bytes) : 0;
    const s = f.scales() ? splatAt(scale, r) : none;
    const v0 = f.at(m, d, g, s, 4);
    const v1 = f.at(m + 16, d + 16, g + 16, s, 4);
    const v2 = f.at(m + 32, d + 32, g + 32, s, 4);
    const v3 = f.at(m + 48, d + 48, g + 48, s, 4);
    s0 = f32x4.add(s0, v0);
    s1 = f32x4.add(s1, v1);
    s2 = f32x4.add(s2, v2);
    s3 = f32x4.add(s3, v3);
    if (f.stores()) store16(m, v0, v1, v2, v3);
    m += bytes;
    d += bytes;
  }
  if (sums == 0) return;
  s0 = f32x4.add(s0, v128.load(sums));
  s1 = f32x4.add(s1, v128.load(sums, 16));
  s2 = f32x4.add(s2, v128.load(sums, 32));
  s3 = f32x4.add(s3, v128.load(sums, 48));
  store16(sums, s0, s1, s2, s3);
}

function overColumns<F>(
  m: usize, d: usize, source: usize, index: usize, scale: usize, sums: usize, rows: i32, width: i32,
): void {
  const bytes = <usize>width << 2;
  const sumStep: usize = sums ? 1 : 0;
  let left = width;
  for (; left >= 16; left -= 16) {
    columns16<F>(m, d, source, index, scale, sums, rows, bytes);
    m += 64;
    d += 64;
    source += 64;
    sums += sumStep * 64;
  }
  for (; left >= 4; left -= 4) {
    columns<F>(m, d, source, index, scale, sums, rows, bytes, 4);
    m += 16;
    d += 16;
    source += 16;
    sums += sumStep * 16;
  }
  if (left == 3) columns<F>(m, d, source, index, scale, sums, rows, bytes, 3);
  else if (left == 2) columns<F>(m, d, source, index, scale, sums, rows, bytes, 2);
  else if (left == 1) columns<F>(m, d, source, index, scale, sums, rows, bytes, 1);
}

/** sums[k] += sum over r of x[r, k] */
export function columnSums(x: usize, sums: usize, rows: i32, columns: i32): void {
  overColumns<Plain>(x, 0, 0, 0, 0, sums, rows, columns);
}

/** sums[k] += sum over r of scale[r] m[r, k] */
export function weightedColumnSums(m: usize, scale: usize, sums: usize, rows: i32, width: i32): void {
  overColumns<Weighted>(m, 0, 0, 0, scale, sums, rows, width);
}

/** dm = dm d in place, db += its column sums; db may be 0. */
export function multiplyAndSum(dm: usize, d: usize, db: usize, rows: i32, width: i32): void {
  overColumns<Product>(dm, d, 0, 0, 0, db, rows, width);
}

/** dm[r] = (dm[r] + scale[r] source[index[r]]) d[r] in place, db += its column sums; scale 0 means 1, db may be 0. */
export function gatherMultiplyAndSum(
  dm: usize, source: usize, index: usize, scale: usize, d: usize, db: usize, rows: i32, width: i32,
): void {
  if (scale) overColumns<ScaledGatheredProduct>(dm, d, source, index, scale, db, rows, width);
  else overColumns<GatheredProduct>(dm, d, source, index, 0, db, rows, width);
}
