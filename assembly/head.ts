/**
 * The backward pass of a head: s = w . y for every row, where y = f(z) with f'(z) given. Columns are worked off in
 * strips whose sums stay in registers. The activation is a pass of its own before: it reads z, which may come from
 * far memory, from front to back.
 */
import { fma4 } from './constants';
import { loadLanes, splatAt, store16, storeLanes } from './vectors';

/** `lanes` columns, all rows. */
@inline
function columns(y: usize, d: usize, ds: usize, w: usize, dw: usize, db: usize, rows: i32, rowBytes: usize, lanes: i32): void {
  const weight = loadLanes(w, lanes);
  let dWeight = loadLanes(dw, lanes), dBias = loadLanes(db, lanes);
  for (let r = 0; r < rows; r++) {
    const s = splatAt(ds, r);
    dWeight = fma4(s, loadLanes(y, lanes), dWeight);
    const dz = f32x4.mul(f32x4.mul(s, weight), loadLanes(d, lanes));
    dBias = f32x4.add(dBias, dz);
    storeLanes(d, dz, lanes);
    y += rowBytes;
    d += rowBytes;
  }
  storeLanes(dw, dWeight, lanes);
  storeLanes(db, dBias, lanes);
}

/** 16 columns, all rows. */
@inline
function columns16(y: usize, d: usize, ds: usize, w: usize, dw: usize, db: usize, rows: i32, rowBytes: usize): void {
  const w0 = v128.load(w), w1 = v128.load(w, 16), w2 = v128.load(w, 32), w3 = v128.load(w, 48);
  let a0 = v128.load(dw), a1 = v128.load(dw, 16), a2 = v128.load(dw, 32), a3 = v128.load(dw, 48);
  let b0 = v128.load(db), b1 = v128.load(db, 16), b2 = v128.load(db, 32), b3 = v128.load(db, 48);
  for (let r = 0; r < rows; r++) {
    const s = splatAt(ds, r);
    a0 = fma4(s, v128.load(y), a0);
    a1 = fma4(s, v128.load(y, 16), a1);
    a2 = fma4(s, v128.load(y, 32), a2);
    a3 = fma4(s, v128.load(y, 48), a3);
    const g0 = f32x4.mul(f32x4.mul(s, w0), v128.load(d));
    const g1 = f32x4.mul(f32x4.mul(s, w1), v128.load(d, 16));
    const g2 = f32x4.mul(f32x4.mul(s, w2), v128.load(d, 32));
    const g3 = f32x4.mul(f32x4.mul(s, w3), v128.load(d, 48));
    b0 = f32x4.add(b0, g0);
    b1 = f32x4.add(b1, g1);
    b2 = f32x4.add(b2, g2);
    b3 = f32x4.add(b3, g3);
    store16(d, g0, g1, g2, g3);
    y += rowBytes;
    d += rowBytes;
  }
  store16(dw, a0, a1, a2, a3);
  store16(db, b0, b1, b2, b3);
}

/**
 * d[r, k] = ds[r] w[k] d[r, k] in place;  dw += sum over r of ds[r] y[r];  db += sum over r of the new d[r].
 * y, d [rows, width]; ds [rows]; w, dw, db [width].
 */
export function headBackward(y: usize, d: usize, ds: usize, w: usize, dw: usize, db: usize, rows: i32, width: i32): void {
  const rowBytes = <usize>width << 2;
  let k: usize = 0, left = width;
  for (; left >= 16; left -= 16) {
    columns16(y + k, d + k, ds, w + k, dw + k, db + k, rows, rowBytes);
    k += 64;
  }
  for (; left >= 4; left -= 4) {
    columns(y + k, d + k, ds, w + k, dw + k, db + k, rows, rowBytes, 4);
    k += 16;
  }
  if (left == 3) columns(y + k, d + k, ds, w + k, dw + k, db + k, rows, rowBytes, 3);
  else if (left == 2) columns(y + k, d + k, ds, w + k, dw + k, db + k, rows, rowBytes, 2);
  else if (left == 1) columns(y + k, d + k, ds, w + k, dw + k, db + k, rows, rowBytes, 1);
}
