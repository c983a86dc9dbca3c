// Turns, mirrors and shifts a random point cloud, and shows what that does to the output of an EGNN and of a plain
// GNN: the EGNN's output turns along, the GNN's does not.
import { EGNN, GNN, Graph, MersenneTwister, startEngine } from 'egnn';

const POINTS = 30;
const random = new MersenneTwister(7);
const normals = (count) => Float64Array.from({ length: count }, () => random.randn());

/** A random orthogonal 3 x 3 matrix, rotation or reflection: Gram-Schmidt on random rows. */
function randomOrthogonal() {
  const rows = [];
  while (rows.length < 3) {
    const row = normals(3);
    for (const other of rows) {
      const along = row.reduce((sum, value, k) => sum + value * other[k], 0);
      for (let k = 0; k < 3; k++) row[k] -= along * other[k];
    }
    const length = Math.hypot(...row);
    rows.push(row.map((value) => value / length));
  }
  return rows;
}

/** Each row x of a flat [N, 3] array becomes Q x + t. */
function transform(points, Q, t = [0, 0, 0]) {
  const result = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 3)
    for (let r = 0; r < 3; r++)
      result[i + r] = t[r] + Q[r][0] * points[i] + Q[r][1] * points[i + 1] + Q[r][2] * points[i + 2];
  return result;
}

/** Largest difference of two arrays, over the largest magnitude of the second. */
function relativeError(ours, expected) {
  let difference = 0;
  let magnitude = 0;
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(ours[i] - expected[i]));
    magnitude = Math.max(magnitude, Math.abs(expected[i]));
  }
  return difference / magnitude;
}

const engine = await startEngine();

// First weights hardly move a point (the authors draw the coordinate head small); the weight of 100 makes them.
const egnn = new EGNN(engine, { inputFeatures: 2, outputFeatures: 4, coordinateWeight: 100 });
const gnn = new GNN(engine, { inputFeatures: 3, outputFeatures: 3 });
const graph = Graph.complete(POINTS);

/** The plain GNN takes coordinates as ordinary features and gives new ones. */
const runGNN = (points) =>
  engine.step(() =>
    engine.withoutGradient(() => gnn.forward({ graph, h: engine.tensor(points, POINTS, 3) }).read()),
  );

const features = normals(POINTS * 2);
const cloud = normals(POINTS * 3);
const Q = randomOrthogonal();
const t = normals(3);
const moved = transform(cloud, Q, t);

const before = await egnn.predict({ X: features, C: cloud });
const after = await egnn.predict({ X: features, C: moved });
const none = [0, 0, 0];
const gnnBefore = await runGNN(cloud);
const gnnAfter = await runGNN(transform(cloud, Q));

console.log(`${POINTS} random points, a random rotation or reflection Q and a random translation t`);
console.log(
  `EGNN  coordinates: f(Q x + t) against Q f(x) + t  ${relativeError(after.x, transform(before.x, Q, t)).toExponential(1)}`,
);
console.log(
  `EGNN  features:    h(Q x + t) against h(x)        ${relativeError(after.h, before.h).toExponential(1)}`,
);
console.log(
  `GNN   coordinates: f(Q x) against Q f(x)          ${relativeError(gnnAfter, transform(gnnBefore, Q, none)).toExponential(1)}`,
);
engine.close();
