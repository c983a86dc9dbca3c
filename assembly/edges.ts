/**
 * What happens per edge outside the products: the first layer's input from its per-node parts, its backward pass,
 * and gathering and scattering rows. `index`, `receivers`, `senders` are arrays of i32.
 */
import { fma4 } from './constants';
import { dotsWithOneVector } from './rows';
import { Copy, indexedRow, loadLanes, ScaledSum, span, splatAt, store16, storeLanes, Sum } from './vectors';

/** How many of the (at most three) feature terms a row adds; the features stand in all lanes of f0, f1, f2. */
@unmanaged
class NoTerm {
  @inline count(): i32 { return 0; }
}
@unmanaged
class OneTerm {
  @inline count(): i32 { return 1; }
}
@unmanaged
class TwoTerms {
  @inline count(): i32 { return 2; }
}
@unmanaged
class ThreeTerms {
  @inline count(): i32 { return 3; }
}

/** p[k] + q[k] + f0 w0[k] + f1 w1[k] + f2 w2[k] */
@inline
function inputLanes<Terms>(
  p: usize, q: usize, w0: usize, w1: usize, w2: usize, f0: v128, f1: v128, f2: v128, lanes: i32,
): v128 {
  const terms = changetype<Terms>(0).count();
  let z = f32x4.add(loadLanes(p, lanes), loadLanes(q, lanes));
  if (terms > 0) z = fma4(f0, loadLanes(w0, lanes), z);
  if (terms > 1) z = fma4(f1, loadLanes(w1, lanes), z);
  if (terms > 2) z = fma4(f2, loadLanes(w2, lanes), z);
  return z;
}

/** One row of edge inputs. */
@inline
function inputRow<Terms>(p: usize, q: usize, w0: usize, z: usize, width: i32, f0: v128, f1: v128, f2: v128): void {
  let w1 = w0 + (<usize>width << 2), w2 = w1 + (<usize>width << 2);
  let left = width;
  for (; left >= 16; left -= 16) {
    const z0 = inputLanes<Terms>(p, q, w0, w1, w2, f0, f1, f2, 4);
    const z1 = inputLanes<Terms>(p + 16, q + 16, w0 + 16, w1 + 16, w2 + 16, f0, f1, f2, 4);
    const z2 = inputLanes<Terms>(p + 32, q + 32, w0 + 32, w1 + 32, w2 + 32, f0, f1, f2, 4);
    const z3 = inputLanes<Terms>(p + 48, q + 48, w0 + 48, w1 + 48, w2 + 48, f0, f1, f2, 4);
    store16(z, z0, z1, z2, z3);
    p += 64;
    q += 64;
    w0 += 64;
    w1 += 64;
    w2 += 64;
    z += 64;
  }
  for (; left >= 4; left -= 4) {
    storeLanes(z, inputLanes<Terms>(p, q, w0, w1, w2, f0, f1, f2, 4), 4);
    p += 16;
    q += 16;
    w0 += 16;
    w1 += 16;
    w2 += 16;
    z += 16;
  }
  if (left == 3) storeLanes(z, inputLanes<Terms>(p, q, w0, w1, w2, f0, f1, f2, 3), 3);
  else if (left == 2) storeLanes(z, inputLanes<Terms>(p, q, w0, w1, w2, f0, f1, f2, 2), 2);
  else if (left == 1) storeLanes(z, inputLanes<Terms>(p, q, w0, w1, w2, f0, f1, f2, 1), 1);
}

/** All rows with both parts and up to three features. `step`: features of an edge, of which this adds the first few. */
function inputRows<Terms>(
  receiverPart: usize, senderPart: usize, receivers: usize, senders: usize, features: usize, weights: usize, z: usize,
  edges: i32, width: i32, step: i32,
): void {
  const terms = changetype<Terms>(0).count();
  const bytes = <usize>width << 2;
  const none = f32x4.splat(0);
  for (let e = 0; e < edges; e++) {
    const p = indexedRow(receiverPart, receivers, e, bytes), q = indexedRow(senderPart, senders, e, bytes);
    const f0 = terms > 0 ? splatAt(features, 0) : none;
    const f1 = terms > 1 ? splatAt(features, 1) : none;
    const f2 = terms > 2 ? splatAt(features, 2) : none;
    inputRow<Terms>(p, q, weights, z, width, f0, f1, f2);
    features += <usize>step << 2;
    z += bytes;
  }
}

/** z[e] += features[e, s] weights[s] for s from `first` on. */
function addFeatures(features: usize, weights: usize, z: usize, edges: i32, width: i32, step: i32, first: i32): void {
  const bytes = <usize>width << 2, none = f32x4.splat(0);
  for (let e = 0; e < edges; e++) {
    for (let s = first; s < step; s++) span<ScaledSum>(z, weights + <usize>s * bytes, 0, splatAt(features, s), none, width);
    features += <usize>step << 2;
    z += bytes;
  }
}

/** z[e] = receiverPart[receivers[e]] + senderPart[senders[e]] + sum over s of features[e, s] weights[s]; a part may be 0. */
export function edgeInput(
  receiverPart: usize, senderPart: usize, receivers: usize, senders: usize, features: usize, weights: usize, z: usize,
  edges: i32, width: i32, featureCount: i32,
): void {
  if (receiverPart == 0 || senderPart == 0) {
    if (receiverPart) gatherRows(receiverPart, receivers, z, edges, width);
    else if (senderPart) gatherRows(senderPart, senders, z, edges, width);
    else memory.fill(z, 0, (<usize>edges * <usize>width) << 2);
    addFeatures(features, weights, z, edges, width, featureCount, 0);
    return;
  }
  if (featureCount == 0) inputRows<NoTerm>(receiverPart, senderPart, receivers, senders, features, weights, z, edges, width, 0);
  else if (featureCount == 1) inputRows<OneTerm>(receiverPart, senderPart, receivers, senders, features, weights, z, edges, width, 1);
  else if (featureCount == 2) inputRows<TwoTerms>(receiverPart, senderPart, receivers, senders, features, weights, z, edges, width, 2);
  else inputRows<ThreeTerms>(receiverPart, senderPart, receivers, senders, features, weights, z, edges, width, featureCount);
  if (featureCount > 3) addFeatures(features, weights, z, edges, width, featureCount, 3);
}

/**
 * The gradients of `edgeInput`: dReceiverPart[receivers[e]] += dz[e];  dSenderPart[senders[e]] += dz[e];
 * dFeatures[e, s] = dz[e] . weights[s]. Each of the three may be 0.
 */
export function edgeInputBackward(
  dz: usize, receivers: usize, senders: usize, dReceiverPart: usize, dSenderPart: usize, weights: usize, dFeatures: usize,
  edges: i32, width: i32, featureCount: i32,
): void {
  if (dReceiverPart) scatterAddRows(dz, 0, receivers, dReceiverPart, edges, width);
  if (dSenderPart) scatterAddRows(dz, 0, senders, dSenderPart, edges, width);
  if (dFeatures == 0) return;
  for (let s = 0; s < featureCount; s++) {
    const column = <usize>s << 2;
    dotsWithOneVector(dz, weights + column * <usize>width, 0, dFeatures + column, <usize>featureCount << 2, edges, width);
  }
}

/** target[index[r]] += scale[r] m[r]; scale 0 means 1. */
export function scatterAddRows(m: usize, scale: usize, index: usize, target: usize, rows: i32, width: i32): void {
  const bytes = <usize>width << 2, none = f32x4.splat(0);
  for (let r = 0; r < rows; r++) {
    const row = indexedRow(target, index, r, bytes);
    if (scale) span<ScaledSum>(row, m, 0, splatAt(scale, r), none, width);
    else span<Sum>(row, m, 0, none, none, width);
    m += bytes;
  }
}

/** y[r] = source[index[r]] */
export function gatherRows(source: usize, index: usize, y: usize, rows: i32, width: i32): void {
  const bytes = <usize>width << 2, none = f32x4.splat(0);
  for (let r = 0; r < rows; r++) {
    span<Copy>(y, indexedRow(source, index, r, bytes), 0, none, none, width);
    y += bytes;
  }
}

/** y[r] += scale[r] source[index[r]]; scale 0 means 1. */
export function gatherAddRows(source: usize, index: usize, scale: usize, y: usize, rows: i32, width: i32): void {
  const bytes = <usize>width << 2, none = f32x4.splat(0);
  for (let r = 0; r < rows; r++) {
    const row = indexedRow(source, index, r, bytes);
    if (scale) span<ScaledSum>(y, row, 0, splatAt(scale, r), none, width);
    else span<Sum>(y, row, 0, none, none, width);
    y += bytes;
  }
}
