// Fits a small EGNN to an equivariant rule with a loop of one's own: charged points, connected by springs, pull
// each other where their charges differ and push where they are alike:
//
//   x_i' = x_i + 0.1 sum_j q_i q_j (x_i - x_j)
//
// The network sees x and q; it has to find the rule. Points of the test set were never seen in training.
import assert from 'node:assert/strict';
import { EGNN, Graph, MersenneTwister, meanSquaredError, startEngine } from 'egnn';
import { Adam, clippingScale, cosineSchedule, gradientNorm } from 'egnn/train';

const POINTS = 6;
const BATCH = 50;
const STEPS = 300;

const random = new MersenneTwister(1);
const graph = Graph.complete(new Int32Array(BATCH).fill(POINTS));

/** A batch of point clouds with their charges and where the rule moves them. */
function draw() {
  const charges = Float64Array.from({ length: BATCH * POINTS }, () => (random.randomSample() < 0.5 ? -1 : 1));
  const points = Float64Array.from({ length: BATCH * POINTS * 3 }, () => random.randn());
  const targets = points.slice();
  for (let k = 0; k < graph.edgeCount; k++) {
    const i = graph.receivers[k];
    const j = graph.senders[k];
    for (let c = 0; c < 3; c++)
      targets[3 * i + c] += 0.1 * charges[i] * charges[j] * (points[3 * i + c] - points[3 * j + c]);
  }
  return { charges, points, targets };
}

const engine = await startEngine();
const model = new EGNN(engine, {
  inputFeatures: 1,
  outputFeatures: 0, // coordinates alone
  hiddenFeatures: 32,
  layers: 2,
  coordinateAggregation: 'sum',
});
const adam = new Adam(model.parameters, { learningRate: 2e-3 });
const schedule = cosineSchedule();
const LONGEST_GRADIENT = 1;

/** The loss of a batch, [1, 1]; called inside `engine.step`. */
function lossOf({ charges, points, targets }) {
  const { nodes } = engine.graph(graph);
  const { x } = model.forward({
    graph,
    h: engine.tensor(charges, nodes, 1),
    x: engine.tensor(points, nodes, 3),
  });
  return meanSquaredError(x, engine.tensor(targets, nodes, 3));
}

async function testError() {
  const [loss] = await engine.step(() => engine.withoutGradient(() => lossOf(test).read()));
  return loss;
}

const test = draw();
const first = await testError();
console.log(`before training: test error ${first.toFixed(5)}`);
for (let step = 1; step <= STEPS; step++) {
  const batch = draw();
  const [[loss], norm] = await engine.step(() => {
    const tensor = lossOf(batch);
    engine.backward(tensor);
    return Promise.all([tensor.read(), gradientNorm(model.parameters)]);
  });
  adam.step({
    learningRateFactor: schedule(step / STEPS),
    gradientScale: clippingScale(norm, LONGEST_GRADIENT),
  });
  if (step % 100 === 0) console.log(`step ${step}: training loss ${loss.toFixed(5)}`);
}
const last = await testError();
console.log(`after training:  test error ${last.toFixed(5)}`);
assert(last < first / 10, 'the test error fell to less than a tenth');
engine.close();
