/**
 * @file The three networks of the view, each as a function from a point cloud to moved points. Their weights are random
 * (livelyWeights), the same whenever the page is opened. All see the complete graph, and the kinds of the points: as
 * features, and in the radial field, which has no features, as an edge attribute.
 */
import { EGNN, type Engine, GNN, Graph, type Model, RadialField } from 'egnn';
import { type Factors, livelyWeights } from '../../lively-weights.ts';
import { KINDS, type PointCloud } from './point-cloud.ts';
import type { NetworkName } from './settings.ts';

export interface Moved {
  /** x', [N, n] */
  readonly x: Float32Array;
  /** h', [N, F]; undefined where a network has no features of its own. */
  readonly h: Float32Array | undefined;
}

export type Network = (cloud: PointCloud) => Promise<Moved>;

interface Choice {
  readonly name: NetworkName;
  readonly layers: number;
  readonly dimension: 2 | 3;
}

const HIDDEN = 32;
const OUTPUTS = 4;
/** Found by trial, as the factors: points move visibly, and not just towards or away from their middle. */
const seeds: Record<NetworkName, number> = { egnn: 13, gnn: 5, 'radial-field': 5 };
const factors: Record<NetworkName, (layers: number) => Factors> = {
  egnn: (layers) => ({ weights: 3, heads: 800 / layers }),
  gnn: () => ({ weights: 1.4, heads: 1 }),
  'radial-field': (layers) => ({ weights: 2, heads: 400 / layers }),
};

/** @returns a network whose parameters stay in the engine's memory: make each one once */
export async function buildNetwork(engine: Engine, choice: Choice): Promise<Network> {
  const { model, network } = builders[choice.name](engine, choice);
  model.loadStateDict(livelyWeights(await model.stateDict(), factors[choice.name](choice.layers)));
  return network;
}

const builders: Record<NetworkName, (engine: Engine, choice: Choice) => { model: Model; network: Network }> =
  { egnn, gnn, 'radial-field': radialField };

function egnn(engine: Engine, { layers }: Choice) {
  const model = new EGNN(engine, {
    inputFeatures: KINDS,
    outputFeatures: OUTPUTS,
    hiddenFeatures: HIDDEN,
    layers,
    activation: 'tanh',
    tanh: true,
    messageAggregation: 'mean',
    seed: seeds.egnn,
  });
  const network: Network = async ({ points, kinds, dimension }) => {
    const X = oneHot(kinds);
    const { x, h } = await model.predict({ X, C: rows(points, dimension) });
    return { x: Float32Array.from(x), h: Float32Array.from(h!) };
  };
  return { model, network };
}

/** As the paper's baseline, with the coordinates among the features; its outputs are taken as displacements. */
function gnn(engine: Engine, { layers, dimension }: Choice) {
  const inputFeatures = KINDS + dimension;
  const model = new GNN(engine, {
    inputFeatures,
    outputFeatures: dimension,
    hiddenFeatures: HIDDEN,
    layers,
    activation: 'tanh',
    seed: seeds.gnn,
  });
  const network: Network = async ({ points, kinds }) => {
    const graph = Graph.complete(kinds.length);
    const features = oneHot(kinds).flatMap((row, node) => [
      ...row,
      ...points.subarray(dimension * node, dimension * (node + 1)),
    ]);
    const moves = await engine.step(() =>
      engine.withoutGradient(() =>
        model.forward({ graph, h: engine.tensor(features, engine.graph(graph).nodes, inputFeatures) }).read(),
      ),
    );
    return { x: Float32Array.from(points, (value, k) => value + moves[k]), h: undefined };
  };
  return { model, network };
}

/** Without velocities: phi_v has nothing to weight. */
function radialField(engine: Engine, { layers }: Choice) {
  const model = new RadialField(engine, {
    hiddenFeatures: HIDDEN,
    layers,
    edgeFeatures: 1,
    activation: 'tanh',
    seed: seeds['radial-field'],
  });
  const network: Network = async ({ points, kinds, dimension }) => {
    const count = kinds.length;
    const graph = Graph.complete(count);
    const attributes = Float64Array.from(
      graph.receivers,
      (receiver, edge) => (kinds[receiver] - 1) * (kinds[graph.senders[edge]] - 1),
    );
    const x = await engine.step(() =>
      engine.withoutGradient(() => {
        const { nodes, edges } = engine.graph(graph);
        return model
          .forward({
            graph,
            x: engine.tensor(points, nodes, dimension),
            velocity: engine.tensor(new Float32Array(points.length), nodes, dimension),
            speed: engine.tensor(new Float32Array(count), nodes, 1),
            edgeAttributes: engine.tensor(attributes, edges, 1),
          })
          .read();
      }),
    );
    return { x: Float32Array.from(x), h: undefined };
  };
  return { model, network };
}

function oneHot(kinds: Uint8Array): number[][] {
  return Array.from(kinds, (kind) => Array.from({ length: KINDS }, (_, k) => (k === kind ? 1 : 0)));
}

function rows(points: Float64Array, width: number): Float64Array[] {
  return Array.from({ length: points.length / width }, (_, row) =>
    points.subarray(width * row, width * (row + 1)),
  );
}
