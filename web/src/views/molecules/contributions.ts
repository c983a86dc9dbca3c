/**
 * @file How much of a prediction comes from which atom. The readout adds up a term g_i of each atom and passes the sum S
 * through a small network f, which is not linear, so that a prediction has no parts by itself. Parts that do add up to
 * f(S) - f(0) are the Aumann-Shapley shares: along the straight way from no atoms to all of them, from 0 to S, every atom
 * gets what its own term changes,
 *
 *     share_i = integral over t in [0, 1] of  <grad f(t S), g_i> dt.
 *
 * For a linear f they are f's exact terms. (Aumann and Shapley, Values of Non-Atomic Games, 1974; as integrated gradients:
 * Sundararajan, Taly and Yan 2017.)
 */
import { type EGNN, linear, multiply, sum, type Tensor } from 'egnn';
import { parametersOf } from './attention.ts';
import { gaussLegendre } from './gauss-legendre.ts';

/** Points of the integral: with SiLU the shares add up to the precision of the kernels. */
const POINTS = 24;

export interface Shares {
  /** [K, N]: of output k, before mean and scale, from atom i */
  readonly shares: Float64Array;
  /** [K]: f(0), what the network says of no atoms. */
  readonly empty: Float64Array;
}

/**
 * The shares of one graph's nodes. Runs a step of its own.
 * @param features h behind the last layer, [N, F], row-major
 * @throws TypeError if the network has no readout
 */
export async function atomShares(
  network: EGNN,
  features: ArrayLike<number>,
  nodeCount: number,
): Promise<Shares> {
  const { engine } = network;
  const { readout, activation } = network.config;
  if (!readout) throw new TypeError('this network has no readout');
  const { outputs, pooling = 'sum' } = readout;
  const [atom, whole] = [parametersOf(network, 'node_dec.'), parametersOf(network, 'graph_dec.')];
  const width = features.length / nodeCount;
  const apply = (weights: typeof atom, x: Tensor) =>
    linear(
      linear(x, weights.get('0.weight')!, { bias: weights.get('0.bias')!, activation }),
      weights.get('2.weight')!,
      { bias: weights.get('2.bias')! },
    );

  const terms = Float64Array.from(
    await engine.step(() =>
      engine.withoutGradient(() => apply(atom, engine.tensor(features, nodeCount, width)).read()),
    ),
    (term) => (pooling === 'mean' ? term / nodeCount : term),
  );
  const total = new Float64Array(width);
  for (const [k, term] of terms.entries()) total[k % width] += term;

  const empty = await engine.step(() =>
    engine.withoutGradient(() => apply(whole, engine.tensor(new Float64Array(width), 1, width)).read()),
  );
  const gradients = await integratedGradients();
  // The weights' gradients are not wanted, and must not meet a training's.
  network.parameters.clearGradients();
  const shares = new Float64Array(outputs * nodeCount);
  for (let k = 0; k < outputs; k++)
    for (let i = 0; i < nodeCount; i++)
      for (let c = 0; c < width; c++)
        shares[k * nodeCount + i] += gradients[k * width + c] * terms[i * width + c];
  return { shares, empty: Float64Array.from(empty) };

  /** integral of grad f_k(t S) dt, [K, F]: one row of S an output and point, and one backward pass for all */
  async function integratedGradients(): Promise<Float64Array> {
    const { points, weights } = gaussLegendre(POINTS);
    const rows = outputs * POINTS;
    const along = Float64Array.from(
      { length: rows * width },
      (_, at) => points[Math.floor(at / width) % POINTS] * total[at % width],
    );
    const chosen = Float64Array.from({ length: rows * outputs }, (_, at) => {
      const row = Math.floor(at / outputs);
      return Math.floor(row / POINTS) === at % outputs ? weights[row % POINTS] : 0;
    });
    const raw = await engine.step(() => {
      const x = engine.tensor(along, rows, width, { requiresGradient: true });
      engine.backward(sum(multiply(apply(whole, x), engine.tensor(chosen, rows, outputs))));
      return x.readGradient();
    });
    const gradients = new Float64Array(outputs * width);
    for (const [at, value] of raw.entries())
      gradients[Math.floor(at / width / POINTS) * width + (at % width)] += value;
    return gradients;
  }
}
