// Checkpoints of architectures met in the wild, imported from their names and shapes, give the outputs and gradients
// of the original code (test/fixtures/variants).
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NpyArray, readNpz } from '../../src/formats/index.ts';
import { type EGNN, Graph, type Tensor, vectorField } from '../../src/index.ts';
import { buildNetwork } from '../../src/models/build.ts';
import { importWeights, type Weights } from '../../src/models/import/index.ts';
import { unflatten } from '../../src/nn/state-dict.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { add, multiply, sum } from '../../src/tensor/operations/index.ts';
import { reference } from '../support/engines.ts';

const FOLDER = new URL('../fixtures/variants/', import.meta.url);

type Arguments = Readonly<Record<string, unknown>>;
type Options = Record<string, unknown>;

/** What the weights do not tell, from the original's arguments. */
const optionsOf: Record<string, (config: Arguments, edgeWidth: number) => Options> = {
  lucidrains_egnn: (config) => ({
    fourierFeatures: config.fourier_features ?? 0,
    messageAggregation: config.m_pool_method ?? 'sum',
  }),
  lucidrains_network: () => ({}),
  edm_egnn: (config) => {
    const mean = config.aggregation_method === 'mean';
    const aggregation = mean ? 'mean' : (config.normalization_factor ?? 100);
    return {
      tanh: config.tanh ? 15 : false,
      normalize: { epsilon: 1e-8, constant: config.norm_constant ?? 1, detached: false },
      messageAggregation: aggregation,
      coordinateAggregation: aggregation,
    };
  },
  enf_egnn: (config) => {
    const mean = config.agg === 'mean';
    const range = ((config.coords_range as number) ?? 15) / (config.n_layers as number);
    return {
      // The wrapper gives the distance at the input as edge attribute; here it is any.
      inputDistance: false,
      edgeFeatures: config.in_edge_nf,
      residual: config.recurrent ?? true,
      tanh: config.tanh ? range * (mean ? 19 : 1) : false,
      coordinateAggregation: config.agg ?? 'sum',
    };
  },
  authors_e_gcl: (config) => ({
    residual: config.recurrent ?? true,
    tanh: config.tanh ?? false,
    normalize: config.norm_diff ? { epsilon: 0, constant: 1, detached: false } : false,
    coordinateWeight: config.coords_weight ?? 1,
  }),
  authors_qm9: () => ({}),
};
optionsOf.authors_e_gcl_vel = optionsOf.authors_e_gcl;
optionsOf.edm_dynamics = (config, width) => ({
  ...optionsOf.edm_egnn(config, width),
  vectorField: { time: true, context: config.context_node_nf ?? 0 },
});
optionsOf.enf_dynamics = (config) => ({ tanh: config.tanh ? 15 / (config.n_layers as number) : false });

/** What we do not do, and why. */
const refused: Record<string, string> = {
  'edm_sin_embedding.npz': 'sin_embedding is not supported',
  'edm_gnn.npz': 'no EGNN that is known here',
  'lucidrains_no_feats.npz': 'update_feats=False',
};
const notOurs: Record<string, string> = {
  'lucidrains_all.npz': 'clamps the scalar weight of a pair',
  'authors_e_gcl_not_recurrent.npz': 'a single layer with another width at its output',
  'edm_dynamics_mean.npz': 'the mean counts the masked self pair',
};

const names = readdirSync(FOLDER).filter((name) => name.endsWith('.npz'));
const read = (name: string) => readNpz(readFileSync(new URL(name, FOLDER)));
type Case = Record<string, NpyArray>;

function part(arrays: Case, start: string): Map<string, { shape: number[]; data: Float64Array }> {
  return new Map(
    Object.entries(arrays).flatMap(([name, { shape, data }]) =>
      name.startsWith(start)
        ? [[name.slice(start.length), { shape: [...shape], data: data as Float64Array }]]
        : [],
    ),
  );
}

describe('variants', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await reference.start();
  });
  afterAll(() => engine.close());

  it('there are cases of every kind', () => {
    const kinds = new Set(names.map((name) => JSON.parse(String(read(name).config.data[0])).kind));
    for (const kind of Object.keys(optionsOf)) expect(kinds, kind).toContain(kind);
  });

  it.each(Object.entries(refused))('%s is refused: %s', (name, reason) => {
    expect(() => importWeights(part(read(name), 'param.') as Weights)).toThrow(reason);
  });

  it.each(names.filter((name) => !(name in refused) && !(name in notOurs)))('%s', async (name) => {
    const arrays = read(name);
    const config = JSON.parse(String(arrays.config.data[0])) as Arguments;
    const options = optionsOf[config.kind as string](config, 0);
    const imported = importWeights(part(arrays, 'param.') as Weights, { options });
    expect(imported.unused).toEqual([]);
    const model = buildNetwork(engine, imported.config.network) as EGNN;
    model.loadStateDict(imported.state);

    const ours = await run(engine, model, arrays, imported.config.vectorField !== undefined);
    const gradients = importWeights(part(arrays, 'grad.') as Weights, { options }).state;
    for (const [array, values] of Object.entries(ours)) {
      const expected = array.startsWith('grad.') ? gradients[array.slice(5)]?.data : arrays[array]?.data;
      // Self pairs give the scale of the coordinates' normalisation nothing, and the time is a plain number to some.
      if (!expected && array.startsWith('gradin.')) continue;
      expect(expected, array).toBeDefined();
      const scale = Math.max(1e-3, ...Array.from(expected as Float64Array, Math.abs));
      for (let k = 0; k < values.length; k++)
        expect(Math.abs(values[k] - Number(expected[k])) / scale, `${array}[${k}]`).toBeLessThan(2e-8);
    }
  });
});

/** Outputs, gradients of the weights under our names, gradients of the inputs. */
async function run(engine: Engine, model: EGNN, arrays: Case, isField: boolean) {
  const nodeCounts = Array.from(arrays['in.graph_sizes'].data as Int32Array);
  const nodeCount = nodeCounts.reduce((a, b) => a + b, 0);
  const graph = Graph.fromEdges(
    { data: arrays['in.edge_index'].data as Int32Array, shape: [2, arrays['in.edge_index'].shape[1]] },
    { nodeCount, nodeCounts, convention: 'target-to-source' },
  );
  const ours: Record<string, ArrayLike<number>> = {};
  model.parameters.clearGradients();
  const reads = engine.step(() => {
    const { nodes, edges } = engine.graph(graph);
    const tensor = (name: string, onEdges = false): Tensor | undefined => {
      const array = arrays[`in.${name}`];
      if (!array) return undefined;
      const data = array.data as Float64Array;
      const values = onEdges ? graph.sortEdgeRows(data, array.shape[1]) : data;
      return engine.tensor(values, onEdges ? edges : nodes, array.shape[1], { requiresGradient: true });
    };
    const [h, x] = [tensor('h')!, tensor('x')!];
    let outputs: Record<string, Tensor | undefined>;
    if (isField) {
      const times = arrays['in.t'].data as Float64Array;
      const time = engine.tensor(
        nodeCounts.flatMap((count, g) => new Array<number>(count).fill(times[times.length > 1 ? g : 0])),
        nodes,
        1,
      );
      const field = vectorField(model, { graph, h, x, time, context: tensor('context') });
      outputs = { x: field.velocity, h: field.h };
    } else {
      const output = model.forward({
        graph,
        h,
        x,
        edgeAttributes: tensor('edge_attr', true),
        nodeAttributes: tensor('node_attr'),
        velocity: tensor('vel'),
      });
      outputs = { h: output.h, x: output.x, y: output.y };
    }
    const wanted = Object.entries(outputs).filter(([name]) => `out.${name}` in arrays) as [string, Tensor][];
    const losses = wanted.map(([name, output]) => {
      const upstream = arrays[`g.${name}`].data as Float64Array;
      return sum(multiply(output, engine.tensor(upstream, output.rows, output.columns)));
    });
    engine.backward(losses.reduce((total, loss) => add(total, loss)));
    return [
      ...wanted.map(async ([name, output]) => {
        ours[`out.${name}`] = await output.read();
      }),
      ...Object.entries({ h, x }).map(async ([name, input]) => {
        ours[`gradin.${name}`] = await input.readGradient();
      }),
    ];
  });
  await Promise.all(reads);
  engine.backend.combine(model.parameters.gradients);
  const gradients = unflatten(model.parameters, await engine.backend.read(model.parameters.gradients));
  for (const [name, { data }] of Object.entries(gradients)) ours[`grad.${name}`] = data;
  return ours;
}
