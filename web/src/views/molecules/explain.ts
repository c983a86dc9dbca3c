/** @file One molecule through a model, with what is inside: the gates of a layer, and the atoms' shares of the outputs. */
import { type EGNN, Graph, type Tensor } from 'egnn';
import { atomFeatures, type LoadedModel } from 'egnn/models';
import { attentionGates } from './attention.ts';
import { atomShares } from './contributions.ts';
import type { Explanation } from './types.ts';

export interface Atoms {
  /** [N], atomic numbers */
  readonly numbers: Uint8Array;
  /** [N, 3], angstrom */
  readonly positions: Float64Array;
}

/**
 * @param layer whose gates are wanted, from 0
 * @throws RangeError or TypeError saying what the model cannot take
 */
export async function explainMolecule(
  model: LoadedModel,
  { numbers, positions }: Atoms,
  layer: number,
): Promise<Explanation> {
  const [prediction] = await model.predictMolecules([{ numbers, positions }]);
  const values = model.outputs.map(({ name }) => prediction.values[name]);
  // predictMolecules has made sure of both.
  const network = model.network as EGNN;
  const features = atomFeatures(numbers, model.config.atoms!);
  const { gates, h } = await insideOf(network, model.config.edges, features, positions, layer);
  const { shares } = await atomShares(network, h, numbers.length);
  return { values, gates: gates && dense(gates, numbers.length, model.config.edges), ...inUnits() };

  /** The network's own numbers, times each output's scale. */
  function inUnits(): Pick<Explanation, 'shares' | 'rest'> {
    const scaled = shares.slice();
    const rest = Float64Array.from(values);
    for (const [k, { scale }] of model.outputs.entries())
      for (let i = 0; i < numbers.length; i++) {
        scaled[k * numbers.length + i] *= scale;
        rest[k] -= scaled[k * numbers.length + i];
      }
    return { shares: scaled, rest };
  }
}

async function insideOf(
  network: EGNN,
  edges: 'complete' | 'complete-with-self',
  features: Float64Array,
  positions: Float64Array,
  layer: number,
): Promise<{ gates: ArrayLike<number> | undefined; h: ArrayLike<number> }> {
  const { engine } = network;
  const count = positions.length / 3;
  const graph = Graph.complete(count, { selfLoops: edges === 'complete-with-self' });
  const [h, gates] = await engine.step(() =>
    engine.withoutGradient(() => {
      const { nodes } = engine.graph(graph);
      const x = engine.tensor(positions, nodes, 3);
      let wanted: Tensor | undefined;
      const output = network.forward(
        { graph, h: engine.tensor(features, nodes, network.config.inputFeatures), x },
        (position, state) => {
          if (position === layer && network.config.attention && graph.edgeCount > 0)
            wanted = attentionGates(network, layer, graph, state, x);
        },
      );
      return Promise.all([output.h!.read(), wanted?.read()]);
    }),
  );
  return { h, gates };
}

/** From edges by receiver, then by sender, to [N, N]. */
function dense(
  gates: ArrayLike<number>,
  count: number,
  edges: 'complete' | 'complete-with-self',
): Float32Array {
  const matrix = new Float32Array(count * count);
  let edge = 0;
  for (let i = 0; i < count; i++)
    for (let j = 0; j < count; j++)
      if (i !== j || edges === 'complete-with-self') matrix[i * count + j] = gates[edge++];
  return matrix;
}
