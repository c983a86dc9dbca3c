/**
 * Dense products of contiguous row-major matrices. Columns are worked off in strips (16 floats, where 256-bit
 * operations are to be had, else 8; then 4, then the 1 to 3 that are left); a strip's tiles are generated.
 * Packing the weights would gain nothing at these sizes.
 */
import { wideTiles, ZEROS } from './constants';
import { outerStrip1, outerStrip2, outerStrip3, outerStrip4, outerStrip8, outerStrip16 } from './generated/outer';
import {
  productStrip1, productStrip2, productStrip3, productStrip4, productStrip8, productStrip16,
} from './generated/product';

/** How many floats the next strip takes when `left` columns are left. */
@inline
function nextStrip(left: i32): i32 {
  if (left >= 16 && wideTiles) return 16;
  if (left >= 8) return 8;
  return left >= 4 ? 4 : left;
}

/** y[r] = start[r] + x[r] w; the rows of `start` lie startBytes apart, its columns startStep (4, or 0 for one value). */
function product(
  x: usize, w: usize, start: usize, startBytes: usize, startStep: usize, y: usize, rows: i32, inner: i32, columns: i32,
): void {
  const i = <usize>inner << 2, c = <usize>columns << 2;
  for (let left = columns; left > 0; ) {
    const strip = nextStrip(left);
    switch (strip) {
      case 16: productStrip16(x, w, start, startBytes, y, rows, i, c); break;
      case 8: productStrip8(x, w, start, startBytes, y, rows, i, c); break;
      case 4: productStrip4(x, w, start, startBytes, y, rows, i, c); break;
      case 3: productStrip3(x, w, start, startBytes, y, rows, i, c); break;
      case 2: productStrip2(x, w, start, startBytes, y, rows, i, c); break;
      default: productStrip1(x, w, start, startBytes, y, rows, i, c);
    }
    w += <usize>strip << 2;
    y += <usize>strip << 2;
    start += <usize>strip * startStep;
    left -= strip;
  }
}

/** y[rows, columns] = x[rows, inner] w[inner, columns] + bias[columns]; bias may be 0. */
export function matmul(x: usize, w: usize, bias: usize, y: usize, rows: i32, inner: i32, columns: i32): void {
  if (bias) product(x, w, bias, 0, 4, y, rows, inner, columns);
  else product(x, w, ZEROS, 0, 0, y, rows, inner, columns);
}

/** y[rows, columns] += x[rows, inner] w[inner, columns] */
export function matmulAccumulate(x: usize, w: usize, y: usize, rows: i32, inner: i32, columns: i32): void {
  product(x, w, y, <usize>columns << 2, 4, y, rows, inner, columns);
}

/** dw[inner, columns] += transpose(x[rows, inner]) dy[rows, columns] */
export function outerAccumulate(x: usize, dy: usize, dw: usize, rows: i32, inner: i32, columns: i32): void {
  const i = <usize>inner << 2, c = <usize>columns << 2;
  let end = dy + <usize>rows * c;
  for (let left = columns; left > 0; ) {
    const strip = nextStrip(left);
    switch (strip) {
      case 16: outerStrip16(x, dy, end, dw, inner, i, c); break;
      case 8: outerStrip8(x, dy, end, dw, inner, i, c); break;
      case 4: outerStrip4(x, dy, end, dw, inner, i, c); break;
      case 3: outerStrip3(x, dy, end, dw, inner, i, c); break;
      case 2: outerStrip2(x, dy, end, dw, inner, i, c); break;
      default: outerStrip1(x, dy, end, dw, inner, i, c);
    }
    const bytes = <usize>strip << 2;
    dy += bytes;
    end += bytes;
    dw += bytes;
    left -= strip;
  }
}

/** target[columns, rows] = transpose(source[rows, columns]) */
export function transpose(source: usize, target: usize, rows: i32, columns: i32): void {
  const s = <usize>columns << 2, t = <usize>rows << 2;
  const blockRows = rows & ~3, blockColumns = columns & ~3;
  for (let r = 0; r < blockRows; r += 4) {
    for (let c = 0; c < blockColumns; c += 4) {
      transposeBlock(source + <usize>r * s + (<usize>c << 2), s, target + <usize>c * t + (<usize>r << 2), t);
    }
    transposeEdge(source, target, s, t, r, r + 4, blockColumns, columns);
  }
  transposeEdge(source, target, s, t, blockRows, rows, 0, columns);
}

/** A block of 4 x 4. */
@inline
function transposeBlock(source: usize, sourceBytes: usize, target: usize, targetBytes: usize): void {
  const a = v128.load(source), b = v128.load(source + sourceBytes);
  const c = v128.load(source + sourceBytes * 2), d = v128.load(source + sourceBytes * 3);
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5), cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(target, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
  v128.store(target + targetBytes, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7));
  v128.store(target + targetBytes * 2, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5));
  v128.store(target + targetBytes * 3, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7));
}

/** Rows [r0, r1) and columns [c0, c1), one by one. */
function transposeEdge(
  source: usize, target: usize, sourceBytes: usize, targetBytes: usize, r0: i32, r1: i32, c0: i32, c1: i32,
): void {
  for (let r = r0; r < r1; r++) {
    for (let c = c0; c < c1; c++) {
      const value = load<f32>(source + <usize>r * sourceBytes + (<usize>c << 2));
      store<f32>(target + <usize>c * targetBytes + (<usize>r << 2), value);
    }
  }
}
