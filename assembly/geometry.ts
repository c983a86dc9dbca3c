/**
 * The coordinates' side of a tile of edges, in any dimension n: differences, distances, the shift they are weighted
 * into (eq. 4), and the way back. Numbers here are few beside an edge's features, so plain scalar code does.
 */

/**
 * The next `edges` edges of complete graphs without self loops: receiver-major, senders ascending. edgeOffsets
 * [nodes + 1] says where a receiver's edges begin, firstNode [nodes] where its graph does; `edge` is the first one
 * and belongs to `receiver`. Returns the receiver of the last edge written.
 */
export function completeEdges(
  edgeOffsets: usize, firstNode: usize, receiver: i32, edge: i32, edges: i32, receivers: usize, senders: usize,
): i32 {
  const end = edge + edges;
  while (edge < end) {
    const at = <usize>receiver << 2;
    const begin = load<i32>(edgeOffsets + at), stop = load<i32>(edgeOffsets + at, 4), first = load<i32>(firstNode + at);
    const last = min(stop, end);
    for (; edge < last; edge++) {
      const sender = first + edge - begin;
      store<i32>(receivers, receiver);
      store<i32>(senders, sender < receiver ? sender : sender + 1);
      receivers += 4;
      senders += 4;
    }
    if (edge < end) receiver++;
  }
  return receiver;
}

/** differences[e] = x_i - x_j [edges, n]; squared[e] = |x_i - x_j|^2 */
export function edgeDifferences(
  x: usize, receivers: usize, senders: usize, differences: usize, squared: usize, edges: i32, n: i32,
): void {
  const bytes = <usize>n << 2;
  for (let e = 0; e < edges; e++) {
    let a = x + <usize>load<i32>(receivers) * bytes, b = x + <usize>load<i32>(senders) * bytes;
    let sum: f32 = 0;
    for (let k = 0; k < n; k++) {
      const d = load<f32>(a) - load<f32>(b);
      store<f32>(differences, d);
      sum += d * d;
      a += 4;
      b += 4;
      differences += 4;
    }
    store<f32>(squared, sum);
    squared += 4;
    receivers += 4;
    senders += 4;
  }
}

/** features[e] = [squared[e], attributes[e]], either of them possibly absent (squared 0, attributeCount 0) */
export function pairFeatures(squared: usize, attributes: usize, attributeCount: i32, features: usize, edges: i32): void {
  for (let e = 0; e < edges; e++) {
    if (squared) {
      store<f32>(features, load<f32>(squared));
      squared += 4;
      features += 4;
    }
    for (let a = 0; a < attributeCount; a++) {
      store<f32>(features, load<f32>(attributes));
      attributes += 4;
      features += 4;
    }
  }
}

/** norms[e] = sqrt(squared[e] + epsilon) + constant; directions[e] = differences[e] / norms[e] */
export function normalise(
  differences: usize, squared: usize, epsilon: f32, constant: f32, directions: usize, norms: usize, edges: i32, n: i32,
): void {
  for (let e = 0; e < edges; e++) {
    const norm = sqrt(load<f32>(squared) + epsilon) + constant;
    store<f32>(norms, norm);
    for (let k = 0; k < n; k++) {
      store<f32>(directions, load<f32>(differences) / norm);
      differences += 4;
      directions += 4;
    }
    squared += 4;
    norms += 4;
  }
}

@inline
function shareOf(shares: usize, node: usize): f32 {
  return shares ? load<f32>(shares + (node << 2)) : 1;
}

/** shift[receiver] += share[receiver] clamp(directions[e] strength[e]); shares 0 = 1, limit may be infinite */
export function addShifts(
  directions: usize, strengths: usize, limit: f32, shares: usize, receivers: usize, shift: usize, edges: i32, n: i32,
): void {
  for (let e = 0; e < edges; e++) {
    const i = <usize>load<i32>(receivers), strength = load<f32>(strengths), share = shareOf(shares, i);
    let target = shift + i * (<usize>n << 2);
    for (let k = 0; k < n; k++) {
      const t = max<f32>(-limit, min<f32>(limit, load<f32>(directions) * strength));
      store<f32>(target, load<f32>(target) + share * t);
      directions += 4;
      target += 4;
    }
    strengths += 4;
    receivers += 4;
  }
}

/**
 * Back through addShifts: with G = share[i] dShift[i] where the limit let the component through, else 0:
 * dStrengths[e] = G . directions[e];  dDirections[e] = G strength[e]
 */
export function shiftGradient(
  directions: usize, strengths: usize, limit: f32, shares: usize, receivers: usize, dShift: usize,
  dStrengths: usize, dDirections: usize, edges: i32, n: i32,
): void {
  for (let e = 0; e < edges; e++) {
    const i = <usize>load<i32>(receivers), strength = load<f32>(strengths), share = shareOf(shares, i);
    let source = dShift + i * (<usize>n << 2);
    let sum: f32 = 0;
    for (let k = 0; k < n; k++) {
      const direction = load<f32>(directions);
      const g: f32 = abs<f32>(direction * strength) > limit ? 0 : share * load<f32>(source);
      sum += g * direction;
      store<f32>(dDirections, g * strength);
      directions += 4;
      dDirections += 4;
      source += 4;
    }
    store<f32>(dStrengths, sum);
    dStrengths += 4;
    strengths += 4;
    receivers += 4;
  }
}

/**
 * Back through normalise, in place: dDirections becomes dDifferences. With r = sqrt(squared + epsilon), attached
 * norms add -(dDirection . difference) / (norm^2 r) difference; at r = 0 there is no direction and nothing is added.
 */
export function normaliseGradient(
  dDirections: usize, differences: usize, norms: usize, constant: f32, detached: i32, edges: i32, n: i32,
): void {
  const bytes = <usize>n << 2;
  for (let e = 0; e < edges; e++) {
    const norm = load<f32>(norms), root = norm - constant;
    let along: f32 = 0;
    if (!detached && root > 0) {
      for (let k: usize = 0; k < bytes; k += 4) along += load<f32>(dDirections + k) * load<f32>(differences + k);
      along /= norm * norm * root;
    }
    for (let k: usize = 0; k < bytes; k += 4) {
      store<f32>(dDirections + k, load<f32>(dDirections + k) / norm - along * load<f32>(differences + k));
    }
    dDirections += bytes;
    differences += bytes;
    norms += 4;
  }
}

/**
 * With g = dDifferences[e] + 2 differences[e] dSquared[e] (dSquared: one float every squaredStride floats; 0 =
 * absent; dDifferences 0 = absent): dxReceivers[receiver] += g, dxSenders[sender] -= g. An edge from a node to itself
 * adds nothing: under a norm of 1e-8 its g is huge, and would not cancel in float32.
 */
export function addCoordinateGradients(
  dDifferences: usize, differences: usize, dSquared: usize, squaredStride: i32, receivers: usize, senders: usize,
  dxReceivers: usize, dxSenders: usize, edges: i32, n: i32,
): void {
  const bytes = <usize>n << 2;
  for (let e = 0; e < edges; e++) {
    const scale: f32 = dSquared ? 2 * load<f32>(dSquared) : 0;
    let a = dxReceivers + <usize>load<i32>(receivers) * bytes, b = dxSenders + <usize>load<i32>(senders) * bytes;
    for (let k = 0; k < n; k++) {
      const g: f32 = a == b ? 0 : (dDifferences ? load<f32>(dDifferences) : 0) + scale * load<f32>(differences);
      store<f32>(a, load<f32>(a) + g);
      store<f32>(b, load<f32>(b) - g);
      a += 4;
      b += 4;
      differences += 4;
      if (dDifferences) dDifferences += 4;
    }
    if (dSquared) dSquared += <usize>squaredStride << 2;
    receivers += 4;
    senders += 4;
  }
}
