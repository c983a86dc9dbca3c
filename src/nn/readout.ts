/**
 * @file From the nodes' features to a few numbers a graph, as in the authors' QM9 model:
 *
 *   y = graph_dec(sum over the graph's nodes of node_dec(h_i)),
 *
 * both of two layers.
 */
import type { Activation } from '../backends/backend.ts';
import type { Graph } from '../graph/graph.ts';
import { shown } from '../shown.ts';
import { segmentMean, segmentSum } from '../tensor/operations/index.ts';
import type { ParameterSet } from '../tensor/parameters.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkNames, checkSizes } from './check-config.ts';
import { Linear } from './linear.ts';

export interface ReadoutConfig {
  /** Numbers a graph. */
  readonly outputs: number;
  /** `sum` (the authors') if left out. */
  readonly pooling?: 'sum' | 'mean';
}

export class Readout {
  readonly #pool: typeof segmentSum;
  readonly #activation: Activation;
  readonly #node: readonly [Linear, Linear];
  readonly #graph: readonly [Linear, Linear];

  /** @throws RangeError or TypeError naming an option that is unknown or out of range */
  constructor(
    parameters: ParameterSet,
    { features, activation, config }: { features: number; activation: Activation; config: ReadoutConfig },
  ) {
    const { outputs, pooling = 'sum' } = config;
    checkNames('readout', config, ['outputs', 'pooling']);
    checkSizes(config, ['outputs'], []);
    if (pooling !== 'sum' && pooling !== 'mean')
      throw new RangeError(`readout.pooling must be 'sum' or 'mean'; got ${shown(pooling)}`);
    this.#pool = pooling === 'sum' ? segmentSum : segmentMean;
    this.#activation = activation;
    const declare = (name: string, columns = features) =>
      new Linear(parameters, name, { inputs: features, outputs: columns });
    this.#node = [declare('node_dec.0'), declare('node_dec.2')];
    this.#graph = [declare('graph_dec.0'), declare('graph_dec.2', outputs)];
  }

  /** [N, features] to [G, outputs] */
  apply(h: Tensor, graph: Graph): Tensor {
    const nodes = this.#node[1].apply(this.#node[0].apply(h, this.#activation));
    const graphs = this.#pool(nodes, h.engine.graph(graph).graphOfNode);
    return this.#graph[1].apply(this.#graph[0].apply(graphs, this.#activation));
  }
}
