/**
 * @file The graph autoencoder of the paper's section 5.2: an encoder gives each node an embedding z_i of k numbers, and
 * the decoder reads off distances which pairs are joined:
 *
 *   A_ij = sigmoid(w |z_i - z_j|^2 + b)
 *
 * w and b are learned, from -0.1 and 1. For the two GNNs the authors' code learns a w for each of the k dimensions,
 * A_ij = sigmoid(sum_k w_k (z_ik - z_jk)^2 + b); a model that is to be equivariant cannot tell dimensions apart.
 */
import type { Graph } from '../graph/graph.ts';
import { Linear } from '../nn/linear.ts';
import { Model } from '../nn/model.ts';
import type { Engine } from '../tensor/engine.ts';
import { gather, linear, rowSums, square, subtract } from '../tensor/operations/index.ts';
import { constant, type ParameterSet } from '../tensor/parameters.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { declareEncoder, type Encoder } from './autoencoder-encoders.ts';
import type { AutoencoderTensors } from './autoencoder-inputs.ts';
import type { AutoencoderModelSettings } from './autoencoder-settings.ts';

type Decoder = (graph: Graph, z: Tensor) => Tensor;

export class GraphAutoencoder extends Model {
  readonly name = 'GraphAutoencoder';
  readonly #encoder: Encoder;
  readonly #decoder: Decoder;

  constructor(engine: Engine, settings: AutoencoderModelSettings) {
    super(engine);
    this.#encoder = declareEncoder(this.parameters, settings);
    const ofGNN = settings.model === 'gnn' || settings.model === 'noise-gnn';
    this.#decoder = ofGNN
      ? declareWeightedDecoder(this.parameters, settings.embedding)
      : declareDistanceDecoder(this.parameters);
    this.initialise(settings.seed);
  }

  /** z, [N, k]; called inside `engine.step`. */
  encode(batch: AutoencoderTensors): Tensor {
    return this.#encoder(batch);
  }

  /** The logit of A_ij for each ordered pair, [E, 1]. @param z [N, k] */
  decode(graph: Graph, z: Tensor): Tensor {
    return this.engine.inLayer('decoder', () => this.#decoder(graph, z));
  }
}

function declareDistanceDecoder(parameters: ParameterSet): Decoder {
  const w = parameters.declare('w', [1, 1], constant(-0.1));
  const b = parameters.declare('b', [1, 1], constant(1));
  return (graph, z) => linear(rowSums(squaredDifferences(graph, z)), w, { bias: b });
}

function declareWeightedDecoder(parameters: ParameterSet, embedding: number): Decoder {
  const weights = new Linear(parameters, 'fc_dec', { inputs: embedding, outputs: 1 });
  return (graph, z) => weights.apply(squaredDifferences(graph, z));
}

/** (z_ik - z_jk)^2, [E, k] */
function squaredDifferences(graph: Graph, z: Tensor): Tensor {
  const { receivers, senders } = z.engine.graph(graph);
  return square(subtract(gather(z, receivers), gather(z, senders)));
}
