/**
 * @file The gates of one layer's messages, eq. 8: e_ij = sigmoid(m_ij w + b). The layer computes them edge by edge and
 * keeps none, so they are computed again here from what flows into the layer and the layer's own weights.
 */
import {
  concatenate,
  cos,
  type EGNN,
  type Graph,
  gather,
  type LayerState,
  linear,
  multiply,
  type Parameter,
  rowSums,
  sin,
  square,
  subtract,
  type Tensor,
} from 'egnn';

/**
 * @param state what flows into the layer
 * @param input the coordinates at the network's input, [N, n]
 * @returns e_ij, [E, 1], in the graph's order of edges: by receiver i, then by sender j
 * @throws TypeError if the network has no attention, or takes edge attributes
 */
export function attentionGates(
  network: EGNN,
  layer: number,
  graph: Graph,
  { h, x }: LayerState,
  input: Tensor,
): Tensor {
  const { attention, edgeFeatures, activation, fourierFeatures, inputDistance } = network.config;
  if (!attention) throw new TypeError('this network has no attention');
  if (edgeFeatures > 0) throw new TypeError('this network takes edge attributes; a molecule has none');
  const { engine } = network;
  const weights = parametersOf(network, `gcl_${layer}.`);
  const { receivers, senders } = engine.graph(graph);
  return engine.inLayer('attention', () => {
    const distances = squaredDistances(graph, x);
    const angles = Array.from({ length: fourierFeatures }, (_, k) => multiply(distances, 2 ** -k));
    const pair = [
      gather(h, receivers),
      gather(h, senders),
      distances,
      ...(angles.length > 0 ? [concatenate([...angles.map(sin), ...angles.map(cos)])] : []),
      ...(inputDistance ? [squaredDistances(graph, input)] : []),
    ];
    const apply = (inputs: readonly Tensor[], name: string, f: typeof activation) =>
      linear(inputs, weights.get(`${name}.weight`)!, { bias: weights.get(`${name}.bias`)!, activation: f });
    const message = apply([apply(pair, 'edge_mlp.0', activation)], 'edge_mlp.2', activation);
    return apply([message], 'att_mlp.0', 'sigmoid');
  });
}

/** Those whose names begin with `prefix`, by the rest of their names. */
export function parametersOf(network: EGNN, prefix: string): Map<string, Parameter> {
  return new Map(
    [...network.parameters]
      .filter(({ name }) => name.startsWith(prefix))
      .map((parameter) => [parameter.name.slice(prefix.length), parameter]),
  );
}

/** |x_i - x_j|^2, [E, 1] */
function squaredDistances(graph: Graph, x: Tensor): Tensor {
  const { receivers, senders } = x.engine.graph(graph);
  return rowSums(square(subtract(gather(x, receivers), gather(x, senders))));
}
