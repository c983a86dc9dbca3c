/** The optimiser's step, averaged weights, and the sum of the threads' gradients. */
import { fma4 } from './constants';
import { loadLanes, span, store8, storeLanes, Sum } from './vectors';

/** scale gradient + l2 p */
@inline
function regularised(gradient: v128, p: v128, scale: v128, l2: v128): v128 {
  return fma4(scale, gradient, f32x4.mul(l2, p));
}

/** beta m + rest g */
@inline
function moment(m: v128, g: v128, beta: v128, rest: v128): v128 {
  return fma4(beta, m, f32x4.mul(rest, g));
}

/** kept p - stepSize m / (sqrt(v) secondScale + epsilon) */
@inline
function stepped(p: v128, m: v128, v: v128, kept: v128, stepSize: v128, secondScale: v128, epsilon: v128): v128 {
  const root = fma4(f32x4.sqrt(v), secondScale, epsilon);
  return f32x4.sub(f32x4.mul(kept, p), f32x4.div(f32x4.mul(stepSize, m), root));
}

/**
 * One step of Adam or AdamW over `count` parameters, number t (from 1):
 *   g = gradientScale gradient + l2 p        (gradientScale < 1 clips; l2 is Adam's weight decay)
 *   m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2
 *   p = (1 - decoupledDecay) p - stepSize m / (sqrt(v) secondScale + epsilon)
 * The caller gives stepSize = rate / (1 - beta1^t), secondScale = 1 / sqrt(1 - beta2^t) and, for AdamW,
 * decoupledDecay = rate * weightDecay.
 */
export function adam(
  parameters: usize, gradients: usize, firstMoment: usize, secondMoment: usize, count: i32, stepSize: f64, beta1: f64,
  beta2: f64, epsilon: f64, secondScale: f64, gradientScale: f64, l2: f64, decoupledDecay: f64,
): void {
  const step = f32x4.splat(<f32>stepSize), eps = f32x4.splat(<f32>epsilon), scale2 = f32x4.splat(<f32>secondScale);
  const b1 = f32x4.splat(<f32>beta1), rest1 = f32x4.splat(<f32>(1 - beta1));
  const b2 = f32x4.splat(<f32>beta2), rest2 = f32x4.splat(<f32>(1 - beta2));
  const scale = f32x4.splat(<f32>gradientScale), decay = f32x4.splat(<f32>l2), kept = f32x4.splat(<f32>(1 - decoupledDecay));
  let p = parameters, g = gradients, m = firstMoment, v = secondMoment, left = count;
  for (; left >= 8; left -= 8) {
    const p0 = v128.load(p), p1 = v128.load(p, 16);
    const g0 = regularised(v128.load(g), p0, scale, decay), g1 = regularised(v128.load(g, 16), p1, scale, decay);
    const m0 = moment(v128.load(m), g0, b1, rest1), m1 = moment(v128.load(m, 16), g1, b1, rest1);
    const v0 = moment(v128.load(v), f32x4.mul(g0, g0), b2, rest2);
    const v1 = moment(v128.load(v, 16), f32x4.mul(g1, g1), b2, rest2);
    const q0 = stepped(p0, m0, v0, kept, step, scale2, eps), q1 = stepped(p1, m1, v1, kept, step, scale2, eps);
    store8(m, m0, m1);
    store8(v, v0, v1);
    store8(p, q0, q1);
    p += 32;
    g += 32;
    m += 32;
    v += 32;
  }
  for (; left > 0; left--) {
    const p0 = loadLanes(p, 1), g0 = regularised(loadLanes(g, 1), p0, scale, decay);
    const m0 = moment(loadLanes(m, 1), g0, b1, rest1), v0 = moment(loadLanes(v, 1), f32x4.mul(g0, g0), b2, rest2);
    storeLanes(m, m0, 1);
    storeLanes(v, v0, 1);
    storeLanes(p, stepped(p0, m0, v0, kept, step, scale2, eps), 1);
    p += 4;
    g += 4;
    m += 4;
    v += 4;
  }
}

/** s y + t a */
@unmanaged
class Average {
  @inline at(y: usize, a: usize, b: usize, s: v128, t: v128, lanes: i32): v128 {
    return fma4(s, loadLanes(y, lanes), f32x4.mul(t, loadLanes(a, lanes)));
  }
}

/** average = decay average + (1 - decay) parameters */
export function averageWeights(average: usize, parameters: usize, count: i32, decay: f64): void {
  span<Average>(average, parameters, 0, f32x4.splat(<f32>decay), f32x4.splat(<f32>(1 - decay)), count);
}

/** copy 0 += copies 1, 2, ...: arrays of `count` floats that begin strideBytes apart. */
export function sumOver(first: usize, strideBytes: usize, copies: i32, count: i32): void {
  const none = f32x4.splat(0);
  for (let copy = 1; copy < copies; copy++) {
    span<Sum>(first, first + <usize>copy * strideBytes, 0, none, none, count);
  }
}
