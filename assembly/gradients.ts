/** Derivatives of elementwise arithmetic and of sums, where the second operand may be shared by rows or columns. */

/** d(a op b)/da or /db; operation 0 add, 1 subtract, 2 multiply, 3 divide */
@inline
function slope(operation: i32, a: f32, b: f32, ofFirst: bool): f32 {
  switch (operation) {
    case 0: return 1;
    case 1: return ofFirst ? 1 : -1;
    case 2: return ofFirst ? b : a;
    default: return ofFirst ? 1 / b : -a / (b * b);
  }
}

/**
 * da += dy d(a op b)/da [rows, columns]; db += the sum of dy d(a op b)/db over what shares an element of b.
 * Broadcasts as for `binary`. da or db may be 0.
 */
export function binaryGradient(
  operation: i32, a: usize, b: usize, dy: usize, da: usize, db: usize, rows: i32, columns: i32, broadcast: i32,
): void {
  const columnStep: usize = broadcast == 0 || broadcast == 2 ? 4 : 0;
  const rowStep: usize = broadcast == 0 ? <usize>columns << 2 : broadcast == 1 ? 4 : 0;
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < columns; k++) {
      const at = <usize>k * columnStep;
      const p = load<f32>(a), q = load<f32>(b + at), g = load<f32>(dy);
      if (da) {
        store<f32>(da, load<f32>(da) + g * slope(operation, p, q, true));
        da += 4;
      }
      if (db) store<f32>(db + at, load<f32>(db + at) + g * slope(operation, p, q, false));
      a += 4;
      dy += 4;
    }
    b += rowStep;
    if (db) db += rowStep;
  }
}

/** dx[k] += scale dy[0] */
export function sumGradient(dy: usize, dx: usize, scale: f32, count: i32): void {
  const amount = scale * load<f32>(dy);
  for (const end = dx + (<usize>count << 2); dx < end; dx += 4) store<f32>(dx, load<f32>(dx) + amount);
}

/** y[0] = scale * the sum of `copies` doubles that lie strideBytes apart */
export function sumPartials(partials: usize, strideBytes: usize, copies: i32, y: usize, scale: f64): void {
  let total: f64 = 0;
  for (let copy = 0; copy < copies; copy++) total += load<f64>(partials + <usize>copy * strideBytes);
  store<f32>(y, <f32>(scale * total));
}

export function storeDouble(at: usize, value: f64): void {
  store<f64>(at, value);
}

export function loadInteger(at: usize): i32 {
  return load<i32>(at);
}
