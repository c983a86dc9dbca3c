/**
 * @file The encoders that the paper compares in section 5.2, with parameters under the authors' names:
 *
 *   EGNN          coordinates start as noise, features as ones; the embedding is where the coordinates end
 *   GNN           features start as ones; the embedding is a linear function of where they end
 *   Noise-GNN     the same, from noise: one number a node
 *   Radial Field  coordinates alone, moved along their differences by a function of distance and adjacency
 *
 * All of them read the adjacency as their one edge attribute, on the complete graph. Where coordinates move, a small
 * part of them is taken away after each layer, x <- x - decay x. That pull to the origin keeps them from growing, and is
 * equivariant to rotations, reflections and permutations, but not to translations.
 *
 * The authors' first layers go from one feature to the hidden width, without a residual; here the feature is embedded
 * first, and all layers are the same. What can be expressed is no less.
 */
import { EGCL } from '../nn/egcl.ts';
import { fullConfig, layerConfig } from '../nn/egnn-config.ts';
import { Linear, xavierUniform } from '../nn/linear.ts';
import {
  add,
  gather,
  multiply,
  rowSums,
  segmentMean,
  square,
  squareRoot,
  subtract,
} from '../tensor/operations/index.ts';
import type { ParameterSet } from '../tensor/parameters.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { AutoencoderTensors } from './autoencoder-inputs.ts';
import type { AutoencoderModelSettings } from './autoencoder-settings.ts';

/** The embeddings z of all nodes, [N, k]. */
export type Encoder = (batch: AutoencoderTensors) => Tensor;

/** Share of the coordinates that is taken away after each layer (the authors' `reg`). */
const COORDINATE_DECAY = 1e-3;

/** Declares an encoder's parameters. */
export function declareEncoder(parameters: ParameterSet, settings: AutoencoderModelSettings): Encoder {
  switch (settings.model) {
    case 'egnn':
      return declareEGNN(parameters, settings);
    case 'gnn':
    case 'noise-gnn':
      return declareGNN(parameters, settings);
    case 'radial-field':
      return declareRadialField(parameters, settings);
  }
}

function declareEGNN(parameters: ParameterSet, settings: AutoencoderModelSettings): Encoder {
  const { engine } = parameters;
  const embedding = new Linear(parameters, 'embedding', { inputs: 1, outputs: settings.hidden });
  const layers = declareLayers(parameters, settings, true);
  return ({ graph, inputs }) => {
    let h = engine.inLayer('embedding', () => embedding.apply(inputs.h));
    let x = inputs.x;
    for (const [position, layer] of layers.entries()) {
      const input = { graph, h, x, edgeAttributes: inputs.adjacency };
      const output = engine.inLayer(`gcl_${position}`, () =>
        layer.forward(input, position < layers.length - 1),
      );
      h = output.h ?? h;
      x = decayed(output.x!);
    }
    return x;
  };
}

function declareGNN(parameters: ParameterSet, settings: AutoencoderModelSettings): Encoder {
  const { engine } = parameters;
  const embedding = new Linear(parameters, 'embedding', { inputs: 1, outputs: settings.hidden });
  const layers = declareLayers(parameters, settings, false);
  const output = new Linear(parameters, 'fc_emb', { inputs: settings.hidden, outputs: settings.embedding });
  return ({ graph, inputs }) => {
    let h = engine.inLayer('embedding', () => embedding.apply(inputs.h));
    for (const [position, layer] of layers.entries()) {
      const input = { graph, h, edgeAttributes: inputs.adjacency };
      h = engine.inLayer(`gcl_${position}`, () => layer.forward(input).h!);
    }
    return engine.inLayer('fc_emb', () => output.apply(h));
  };
}

/** @param coordinates whether the layers see and move coordinates */
function declareLayers(
  parameters: ParameterSet,
  { hidden, layers }: AutoencoderModelSettings,
  coordinates: boolean,
): EGCL[] {
  const config = fullConfig({
    inputFeatures: 1,
    hiddenFeatures: hidden,
    layers,
    edgeFeatures: 1,
    updateCoordinates: coordinates,
    coordinateClamp: 100,
  });
  return Array.from(
    { length: layers },
    (_, layer) =>
      new EGCL(parameters, `gcl_${layer}`, {
        ...layerConfig(config, layer),
        squaredDistance: coordinates,
      }),
  );
}

/** x_i' = x_i + mean_j (x_i - x_j) phi(|x_i - x_j|, a_ij), without the tanh of the N-body experiment */
function declareRadialField(parameters: ParameterSet, settings: AutoencoderModelSettings): Encoder {
  const { engine } = parameters;
  const { hidden, layers } = settings;
  const fields = Array.from({ length: layers }, (_, layer) => ({
    first: new Linear(parameters, `gcl_${layer}.phi.0`, { inputs: 2, outputs: hidden }),
    second: new Linear(parameters, `gcl_${layer}.phi.2`, {
      inputs: hidden,
      outputs: 1,
      bias: false,
      initialise: xavierUniform(hidden, 1, 0.001),
    }),
  }));
  return ({ graph, inputs }) => {
    const { receivers, senders } = engine.graph(graph);
    let x = inputs.x;
    for (const [position, { first, second }] of fields.entries())
      x = engine.inLayer(`gcl_${position}`, () => {
        const difference = subtract(gather(x, receivers), gather(x, senders));
        const distance = squareRoot(rowSums(square(difference)));
        const strength = second.apply(first.apply([distance, inputs.adjacency], 'silu'));
        return add(segmentMean(multiply(difference, strength), receivers), decayed(x));
      });
    return x;
  };
}

function decayed(x: Tensor): Tensor {
  return multiply(x, 1 - COORDINATE_DECAY);
}
