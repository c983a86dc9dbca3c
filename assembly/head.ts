/**
 * The backward pass of a head: s = w . f(z) for every row, with an activation f before the last weights w.
 */
import { fma4 } from './constants';
import {
  Identity, LeakyReLU, ReLU, Sigmoid, SiLU, Square, SquareRoot, Tanh,
} from './functions';
import { Kind } from './activations';
import { loadLanes, splatAt, store16, storeLanes } from './vectors';

/** `lanes` columns, all rows. */
@inline
function columns<F>(z: usize, ds: usize, w: usize, dz: usize, dw: usize, db: usize, rows: i32, rowBytes: usize, lanes: i32): void {
  const f = changetype<F>(0);
  const weight = loadLanes(w, lanes);
  let dWeight = loadLanes(dw, lanes), dBias = loadLanes(db, lanes);
  for (let r = 0; r < rows; r++) {
    const s = splatAt(ds, r);
    const c = f.bound(loadLanes(z, lanes)), e = f.exponential(c), q = f.quotient(c, e);
    const g = f32x4.mul(f32x4.mul(s, weight), f.derivative(c, e, q));
    dWeight = fma4(s, f.valueBy(c, e, q), dWeight);
    dBias = f32x4.add(dBias, g);
    storeLanes(dz, g, lanes);
    z += rowBytes;
    dz += rowBytes;
  }
  storeLanes(dw, dWeight, lanes);
  storeLanes(db, dBias, lanes);
}

/** 16 columns, all rows. */
@inline
function columns16<F>(z: usize, ds: usize, w: usize, dz: usize, dw: usize, db: usize, rows: i32, rowBytes: usize): void {
  const f = changetype<F>(0);
  const w0 = v128.load(w), w1 = v128.load(w, 16), w2 = v128.load(w, 32), w3 = v128.load(w, 48);
  let a0 = v128.load(dw), a1 = v128.load(dw, 16), a2 = v128.load(dw, 32), a3 = v128.load(dw, 48);
  let b0 = v128.load(db), b1 = v128.load(db, 16), b2 = v128.load(db, 32), b3 = v128.load(db, 48);
  for (let r = 0; r < rows; r++) {
    const s = splatAt(ds, r);
    const x0 = v128.load(z), x1 = v128.load(z, 16), x2 = v128.load(z, 32), x3 = v128.load(z, 48);
    const c0 = f.bound(x0), c1 = f.bound(x1), c2 = f.bound(x2), c3 = f.bound(x3);
    const e0 = f.exponential(c0), e1 = f.exponential(c1), e2 = f.exponential(c2), e3 = f.exponential(c3);
    const q0 = f.quotient(c0, e0), q1 = f.quotient(c1, e1), q2 = f.quotient(c2, e2), q3 = f.quotient(c3, e3);
    a0 = fma4(s, f.valueBy(c0, e0, q0), a0);
    a1 = fma4(s, f.valueBy(c1, e1, q1), a1);
    a2 = fma4(s, f.valueBy(c2, e2, q2), a2);
    a3 = fma4(s, f.valueBy(c3, e3, q3), a3);
    const g0 = f32x4.mul(f32x4.mul(s, w0), f.derivative(c0, e0, q0));
    const g1 = f32x4.mul(f32x4.mul(s, w1), f.derivative(c1, e1, q1));
    const g2 = f32x4.mul(f32x4.mul(s, w2), f.derivative(c2, e2, q2));
    const g3 = f32x4.mul(f32x4.mul(s, w3), f.derivative(c3, e3, q3));
    b0 = f32x4.add(b0, g0);
    b1 = f32x4.add(b1, g1);
    b2 = f32x4.add(b2, g2);
    b3 = f32x4.add(b3, g3);
    store16(dz, g0, g1, g2, g3);
    z += rowBytes;
    dz += rowBytes;
  }
  store16(dw, a0, a1, a2, a3);
  store16(db, b0, b1, b2, b3);
}

function head<F>(z: usize, ds: usize, w: usize, dz: usize, dw: usize, db: usize, rows: i32, width: i32): void {
  const rowBytes = <usize>width << 2;
  let k: usize = 0, left = width;
  for (; left >= 16; left -= 16) {
    columns16<F>(z + k, ds, w + k, dz + k, dw + k, db + k, rows, rowBytes);
    k += 64;
  }
  for (; left >= 4; left -= 4) {
    columns<F>(z + k, ds, w + k, dz + k, dw + k, db + k, rows, rowBytes, 4);
    k += 16;
  }
  if (left == 3) columns<F>(z + k, ds, w + k, dz + k, dw + k, db + k, rows, rowBytes, 3);
  else if (left == 2) columns<F>(z + k, ds, w + k, dz + k, dw + k, db + k, rows, rowBytes, 2);
  else if (left == 1) columns<F>(z + k, ds, w + k, dz + k, dw + k, db + k, rows, rowBytes, 1);
}

/** dz[r, k] = ds[r] w[k] f'(z[r, k]);  dw += sum over r of ds[r] f(z[r]);  db += sum over r of dz[r] */
export function headBackward(kind: i32, z: usize, ds: usize, w: usize, dz: usize, dw: usize, db: usize, rows: i32, width: i32): void {
  switch (kind) {
    case Kind.Identity: head<Identity>(z, ds, w, dz, dw, db, rows, width); break;
    case Kind.SiLU: head<SiLU>(z, ds, w, dz, dw, db, rows, width); break;
    case Kind.ReLU: head<ReLU>(z, ds, w, dz, dw, db, rows, width); break;
    case Kind.LeakyReLU: head<LeakyReLU>(z, ds, w, dz, dw, db, rows, width); break;
    case Kind.Tanh: head<Tanh>(z, ds, w, dz, dw, db, rows, width); break;
    case Kind.Sigmoid: head<Sigmoid>(z, ds, w, dz, dw, db, rows, width); break;
    case Kind.Square: head<Square>(z, ds, w, dz, dw, db, rows, width); break;
    case Kind.SquareRoot: head<SquareRoot>(z, ds, w, dz, dw, db, rows, width); break;
  }
}
