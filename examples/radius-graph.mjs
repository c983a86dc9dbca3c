// A graph of a few thousand points, each joined to those within a radius, and an EGNN over it. The time of both steps is printed.
import { EGNN, MersenneTwister, startEngine } from 'egnn';
import { radiusGraph } from 'egnn/graph';

const POINTS = 4000;
const NEIGHBOURS = 20;

// Uniform in a unit cube; the radius is that of a ball which holds 20 points on average.
const random = new MersenneTwister(3);
const points = Float64Array.from({ length: POINTS * 3 }, () => random.randomSample());
const features = Float64Array.from({ length: POINTS * 4 }, () => random.randn());
const radius = Math.cbrt((3 * NEIGHBOURS) / (4 * Math.PI * POINTS));

const started = performance.now();
const { graph } = radiusGraph(points, { dimensions: 3, radius });
console.log(
  `${graph.nodeCount} points, radius ${radius.toFixed(4)}: ${graph.edgeCount} edges, ` +
    `${(graph.edgeCount / graph.nodeCount).toFixed(1)} a point, built in ${milliseconds(started)}`,
);

const engine = await startEngine();
console.log(`engine: ${engine.backend.description}`);
const model = new EGNN(engine, { inputFeatures: 4, outputFeatures: 1, edgeFeatures: 0, layers: 4 });

/** One forward pass: a number a point, and the points moved. */
const forward = () =>
  engine.step(() => {
    const { nodes } = engine.graph(graph);
    const { h, x } = engine.withoutGradient(() =>
      model.forward({ graph, h: engine.tensor(features, nodes, 4), x: engine.tensor(points, nodes, 3) }),
    );
    return Promise.all([h.read(), x.read()]);
  });

await forward(); // the first pass includes the compilation of the kernels
const begun = performance.now();
const [h, x] = await forward();
console.log(`EGNN of ${model.parameterCount} parameters: forward in ${milliseconds(begun)}`);
console.log(`outputs: h [${h.length}, 1], x [${x.length / 3}, 3]`);
engine.close();

function milliseconds(since) {
  return `${(performance.now() - since).toFixed(1)} ms`;
}
