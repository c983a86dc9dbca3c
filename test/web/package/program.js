/** @file A prediction and some steps of training with the package: the same program in Node, on a page and in a worker. */
import { EGNN, Graph, MersenneTwister, meanSquaredError, startEngine } from 'egnn';
import { Adam } from 'egnn/train';

const GRAPHS = 60;
const POINTS = 5;

/** @param options of `startEngine` */
export async function compute(options) {
  const engine = await startEngine(options);
  const model = new EGNN(engine, {
    inputFeatures: 1,
    outputFeatures: 2,
    hiddenFeatures: 32,
    layers: 2,
    seed: 3,
  });
  const random = new MersenneTwister(0);
  const numbers = (count) => Float64Array.from({ length: count }, () => random.randn());
  const adam = new Adam(model.parameters, { learningRate: 1e-2 });
  const graph = Graph.complete(new Array(GRAPHS).fill(POINTS));
  const losses = [];
  for (let step = 0; step < 20; step++) {
    const [loss] = await engine.step(() => {
      const { nodes } = engine.graph(graph);
      const h = engine.tensor(numbers(graph.nodeCount), nodes, 1);
      const { x } = model.forward({ graph, h, x: engine.tensor(numbers(3 * graph.nodeCount), nodes, 3) });
      const error = meanSquaredError(x, engine.tensor(numbers(3 * graph.nodeCount), nodes, 3));
      engine.backward(error);
      return error.read();
    });
    adam.step();
    losses.push(loss);
  }
  const cloud = 80;
  const { h, x } = await model.predict({ X: numbers(cloud), C: numbers(3 * cloud) });
  const { description, threads } = engine.backend;
  engine.close();
  return { description, threads, losses, h: [...h], x: [...x] };
}
