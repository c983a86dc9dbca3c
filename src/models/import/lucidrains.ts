/**
 * @file The layer of lucidrains' egnn-pytorch (github.com/lucidrains/egnn-pytorch), alone, in a list, or in its
 * EGNN_Network. Every node also receives from itself.
 */
import { type Architecture, pairInputs } from './architecture.ts';
import { countOf, has, reorderColumns, sizesOf, type Weights } from './weights.ts';

/** Where a layer's weights stand, by number; the prefix ends before the number. */
function layerName(weights: Weights): (k: number) => string {
  if (has(weights, '0.1.edge_mlp.')) return (k) => `${k}.1.`;
  if (has(weights, '0.edge_mlp.')) return (k) => `${k}.`;
  return (k) => (k === 0 ? '' : '-');
}

/** Their sequences have a dropout in the middle. */
const ours: Record<string, string> = {
  'edge_mlp.0': 'edge_mlp.0',
  'edge_mlp.3': 'edge_mlp.2',
  'node_mlp.0': 'node_mlp.0',
  'node_mlp.3': 'node_mlp.2',
  'coors_mlp.0': 'coord_mlp.0',
  'coors_mlp.3': 'coord_mlp.2',
  'edge_gate.0': 'att_mlp.0',
  node_norm: 'node_norm',
  coors_norm: 'coord_norm',
};

export const lucidrains: Architecture = {
  name: 'lucidrains',
  about: "lucidrains' egnn-pytorch",
  landmark: /^(.*?)(?<!\d\.?)(?:0\.(?:1\.)?)?edge_mlp\.0\.weight$/,
  recognises: (weights) => [...weights.keys()].some((name) => /(^|\.)edge_mlp\.3\.weight$/.test(name)),
  read(weights) {
    const nameOf = layerName(weights);
    const first = nameOf(0);
    const edge = sizesOf(weights, `${first}edge_mlp.0.weight`);
    const { outputs: messageFeatures } = sizesOf(weights, `${first}edge_mlp.3.weight`);
    const updateFeatures = has(weights, `${first}node_mlp.`);
    const features = updateFeatures ? sizesOf(weights, `${first}node_mlp.3.weight`).outputs : 0;
    if (!updateFeatures)
      throw new Error(
        'without node_mlp (update_feats=False) the weights do not say how many features a node has; this is not supported',
      );
    const pair = pairInputs(edge.inputs, features, 1, `${first}edge_mlp.0`);
    const updateCoordinates = has(weights, `${first}coors_mlp.`);
    const layers = countOf(weights, nameOf);
    return {
      network: {
        kind: 'egnn',
        inputFeatures: features,
        hiddenFeatures: features,
        embedding: false,
        layers,
        messageFeatures,
        edgeHidden: edge.outputs,
        nodeHidden: sizesOf(weights, `${first}node_mlp.0.weight`).outputs,
        coordinateHidden: updateCoordinates
          ? sizesOf(weights, `${first}coors_mlp.0.weight`).outputs
          : undefined,
        edgeFeatures: pair - 1,
        attention: has(weights, `${first}edge_gate.`),
        updateCoordinates,
        coordinateBias: true,
        coordinateScale: has(weights, `${first}coors_norm.`),
        normalizeFeatures: has(weights, `${first}node_norm.`),
        normalize: has(weights, `${first}coors_norm.`) && { epsilon: 0, constant: 1e-8, detached: false },
        coordinateAggregation: 'sum',
      },
      assumptions: [
        { option: 'activation', value: 'silu', why: 'a constant of the original' },
        {
          option: 'fourierFeatures',
          value: 0,
          why: "`fourier_features` is 0 by default; each takes two of the edge attributes' columns",
        },
        { option: 'messageAggregation', value: 'sum', why: "`m_pool_method` is 'sum' by default" },
        {
          option: 'edges',
          value: 'complete-with-self',
          why: 'every node receives from itself too in the original',
        },
      ],
      rename(name, tensor) {
        let layer = 0;
        while (layer < layers && !name.startsWith(nameOf(layer))) layer++;
        if (layer === layers) return undefined;
        const rest = name.slice(nameOf(layer).length);
        const [, module, kind] = /^(.+)\.([a-z]+)$/.exec(rest) ?? [];
        if (!module || !Object.hasOwn(ours, module)) return undefined;
        return [
          `gcl_${layer}.${ours[module]}.${module === 'node_norm' && kind === 'weight' ? 'scale' : kind}`,
          tensor,
        ];
      },
    };
  },
};

/**
 * Their columns are [h_i, h_j, sin, cos, r^2, edge attributes], ours [h_i, h_j, r^2, sin, cos, edge attributes].
 * @param features width of h
 * @param count Fourier features
 */
export function fourierColumns(
  tensor: Parameters<typeof reorderColumns>[0],
  features: number,
  count: number,
) {
  const order = Array.from({ length: tensor.shape[1] }, (_, c) => c);
  const distance = 2 * features;
  order.splice(
    distance,
    2 * count + 1,
    distance + 2 * count,
    ...Array.from({ length: 2 * count }, (_, k) => distance + k),
  );
  return reorderColumns(tensor, order);
}
