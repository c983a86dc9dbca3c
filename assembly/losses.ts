/** Losses of a prediction p against a target t, and their derivatives: 0 mean squared error, 1 L1, 2 Huber, 3 cross-entropy of logits. */

function sigmoid(p: f32): f32 {
  return 1 / (1 + <f32>Math.exp(-<f64>p));
}

function lossOf(kind: i32, p: f32, t: f32): f64 {
  const d = <f64>p - <f64>t, size = abs(d);
  switch (kind) {
    case 0: return d * d;
    case 1: return size;
    case 2: return size < 1 ? 0.5 * d * d : size - 0.5;
    // log(1 + e^-|p|) keeps the exponential small
    default: return max<f64>(p, 0) - <f64>p * <f64>t + Math.log1p(Math.exp(-abs(<f64>p)));
  }
}

function lossDerivative(kind: i32, p: f32, t: f32): f32 {
  const d = p - t;
  switch (kind) {
    case 0: return 2 * d;
    case 1: return d > 0 ? 1 : d < 0 ? -1 : d;
    case 2: return max<f32>(-1, min<f32>(1, d));
    default: return sigmoid(p) - t;
  }
}

/** The sum of losses, in float64. */
export function loss(kind: i32, prediction: usize, target: usize, count: i32): f64 {
  let total: f64 = 0;
  for (const end = prediction + (<usize>count << 2); prediction < end; prediction += 4) {
    total += lossOf(kind, load<f32>(prediction), load<f32>(target));
    target += 4;
  }
  return total;
}

/** dPrediction += scale dy[0] loss'(prediction, target) */
export function lossGradient(
  kind: i32, prediction: usize, target: usize, dy: usize, dPrediction: usize, scale: f32, count: i32,
): void {
  const factor = scale * load<f32>(dy);
  for (const end = prediction + (<usize>count << 2); prediction < end; prediction += 4) {
    const g = factor * lossDerivative(kind, load<f32>(prediction), load<f32>(target));
    store<f32>(dPrediction, load<f32>(dPrediction) + g);
    target += 4;
    dPrediction += 4;
  }
}
