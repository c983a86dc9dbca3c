/**
 * @file The networks of E(n) normalizing flows (Garcia Satorras et al. 2021, github.com/vgsatorras/en_flows) and of
 * equivariant diffusion (Hoogeboom et al. 2022, EDM): vector fields whose features carry time and context columns.
 */
import { type Architecture, type Assumption, pairInputs } from './architecture.ts';
import { countOf, has, sizesOf, type Weights } from './weights.ts';

/** Where the network is the `egnn` of a dynamics class, it is used as a vector field. */
const ofDynamics = (prefix: string) =>
  /(^|\.)egnn\.$/.test(prefix) ? { time: true, context: 0 } : undefined;

const distance = (constant: number, why: string): Assumption => ({
  option: 'normalize',
  value: { epsilon: 1e-8, constant, detached: false },
  why,
});

/** Widths that both have, from an embedding and the first feature layer, whose weights are below `layer`. */
function widthsOf(weights: Weights, layer: string) {
  const first = sizesOf(weights, `${layer}.edge_mlp.0.weight`);
  const { outputs: hiddenFeatures } = sizesOf(weights, 'embedding.weight');
  const pair = pairInputs(first.inputs, hiddenFeatures, 1, `${layer}.edge_mlp.0`);
  return {
    inputFeatures: sizesOf(weights, 'embedding.weight').inputs,
    outputFeatures: sizesOf(weights, 'embedding_out.weight').outputs,
    hiddenFeatures,
    edgeHidden: first.outputs,
    messageFeatures: sizesOf(weights, `${layer}.edge_mlp.2.weight`).outputs,
    attention: has(weights, `${layer}.att_mlp.`),
    pair,
  };
}

/** What the dynamics classes of both take from the command line. */
function fieldOptions(given: Readonly<Record<string, unknown>>) {
  const options: Record<string, unknown> = {};
  if ('condition_time' in given || 'context_node_nf' in given)
    options.vectorField = { time: given.condition_time !== false, context: given.context_node_nf ?? 0 };
  return options;
}

/** Ours has egnn_clean's name for an embedding at the input, where there is one at the output too. */
const embeddingIn = (name: string) => name.replace(/^embedding\./, 'embedding_in.');

export const edm: Architecture = {
  name: 'edm',
  about: 'the EGNN of equivariant diffusion (EDM)',
  landmark: /^(.*?)e_block_0\.gcl_0\.edge_mlp\.0\.weight$/,
  recognises: (weights) => has(weights, 'e_block_0.gcl_equiv.'),
  fromArguments: edmOptions,
  read(weights, prefix) {
    const { pair, ...widths } = widthsOf(weights, 'e_block_0.gcl_0');
    if (pair !== 2)
      throw new Error(
        `e_block_0.gcl_0.edge_mlp.0 takes ${pair} numbers of a pair; expected 2 distances. sin_embedding is not supported`,
      );
    const sublayers = countOf(weights, (k) => `e_block_0.gcl_${k}.`);
    const blocks = countOf(weights, (k) => `e_block_${k}.`);
    return {
      network: {
        kind: 'egnn',
        ...widths,
        layers: blocks * sublayers,
        inputDistance: true,
        coordinateNetwork: 'pair',
        coordinateEvery: sublayers,
      },
      vectorField: ofDynamics(prefix),
      assumptions: [
        { option: 'activation', value: 'silu', why: 'the default of the original' },
        {
          option: 'tanh',
          value: 15,
          why: "`tanh` with `coords_range` 15, as EDM's scripts set it; the class's default is off",
        },
        distance(1, '`norm_constant` 1, as the scripts set it'),
        {
          option: 'messageAggregation',
          value: 'sum',
          why: "`normalization_factor` 1, as the scripts set it; the class's default is 100",
        },
        { option: 'coordinateAggregation', value: 'sum', why: 'the same' },
      ],
      rename(name, tensor) {
        const found = /^e_block_(\d+)\.(?:gcl_(\d+)|gcl_equiv)\.(.+)$/.exec(name);
        if (!found) return [embeddingIn(name), tensor];
        const [, block, sublayer, rest] = found;
        return [`gcl_${Number(block) * sublayers + Number(sublayer ?? sublayers - 1)}.${rest}`, tensor];
      },
    };
  },
};

/** EDM's arguments: one divisor, or the mean, for messages and coordinates alike. */
function edmOptions(given: Readonly<Record<string, unknown>>) {
  const options = fieldOptions(given);
  if (given.sin_embedding === true) throw new Error('sin_embedding is not supported');
  if ('tanh' in given) options.tanh = given.tanh === true ? 15 : false;
  if ('norm_constant' in given)
    options.normalize = { epsilon: 1e-8, constant: given.norm_constant, detached: false };
  if ('normalization_factor' in given || 'aggregation_method' in given) {
    const divisor = given.normalization_factor === 1 ? 'sum' : given.normalization_factor;
    const aggregation = given.aggregation_method === 'mean' ? 'mean' : (divisor ?? 'sum');
    options.messageAggregation = aggregation;
    options.coordinateAggregation = aggregation;
  }
  return options;
}

/** The flows' arguments: with means of coordinates the range of tanh is 19 times larger. */
function flowOptions(given: Readonly<Record<string, unknown>>, layers: number) {
  const options = fieldOptions(given);
  const mean = given.x_aggregation === 'mean';
  if ('x_aggregation' in given) options.coordinateAggregation = mean ? 'mean' : 'sum';
  if ('tanh' in given) options.tanh = given.tanh === true && (15 / layers) * (mean ? 19 : 1);
  return options;
}

export const normalizingFlow: Architecture = {
  name: 'en-flow',
  about: 'the EGNN of E(n) normalizing flows',
  landmark: /^(.*?)gcl_0\.edge_mlp\.0\.weight$/,
  fromArguments: flowOptions,
  recognises: (weights) =>
    has(weights, 'embedding.weight') && has(weights, 'embedding_out.') && has(weights, 'gcl_0.coord_mlp.'),
  read(weights, prefix) {
    const { pair, ...widths } = widthsOf(weights, 'gcl_0');
    const layers = countOf(weights, (k) => `gcl_${k}.`);
    return {
      network: {
        kind: 'egnn',
        ...widths,
        layers,
        inputDistance: pair > 1,
        edgeFeatures: Math.max(0, pair - 2),
      },
      vectorField: ofDynamics(prefix),
      assumptions: [
        { option: 'activation', value: 'silu', why: 'the default of the original' },
        { option: 'residual', value: true, why: '`recurrent` is on by default' },
        {
          option: 'tanh',
          value: 15 / layers,
          why: '`tanh` with `coords_range` 15 shared by the layers, as the scripts set it',
        },
        distance(1, 'a constant of the original'),
        { option: 'messageAggregation', value: 'sum', why: "`agg` is 'sum' by default" },
        { option: 'coordinateAggregation', value: 'sum', why: 'the same' },
      ],
      rename: (name, tensor) => [embeddingIn(name), tensor],
    };
  },
};
