/** The optimiser's step, averaged weights, and the sum of the threads' gradients. */
import { fma4 } from './constants';
import { loadLanes, span, storeLanes, Sum } from './vectors';

/** The numbers of one Adam step, in all lanes; a plain list so that one function takes them all. */
// @ts-ignore: decorator
@inline
function adamLanes(
  p: usize, g: usize, m: usize, v: usize, lanes: i32, stepSize: v128, beta1: v128, rest1: v128, beta2: v128, rest2: v128,
  epsilon: v128, secondScale: v128, gradientScale: v128, l2: v128, kept: v128,
): void {
  const parameter = loadLanes(p, lanes);
  const gradient = fma4(gradientScale, loadLanes(g, lanes), f32x4.mul(l2, parameter));
  const first = fma4(beta1, loadLanes(m, lanes), f32x4.mul(rest1, gradient));
  const second = fma4(beta2, loadLanes(v, lanes), f32x4.mul(f32x4.mul(rest2, gradient), gradient));
  const root = fma4(f32x4.sqrt(second), secondScale, epsilon);
  storeLanes(m, first, lanes);
  storeLanes(v, second, lanes);
  storeLanes(p, f32x4.sub(f32x4.mul(kept, parameter), f32x4.div(f32x4.mul(stepSize, first), root)), lanes);
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
  for (; left >= 4; left -= 4) {
    adamLanes(p, g, m, v, 4, step, b1, rest1, b2, rest2, eps, scale2, scale, decay, kept);
    p += 16;
    g += 16;
    m += 16;
    v += 16;
  }
  for (; left > 0; left--) {
    adamLanes(p, g, m, v, 1, step, b1, rest1, b2, rest2, eps, scale2, scale, decay, kept);
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
