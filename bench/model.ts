/** @file Our side of a case: the model, one forward pass, one training step. */
import { join } from 'node:path';
import {
  EGNN,
  type Engine,
  Graph,
  Linear,
  l1Loss,
  Model,
  meanSquaredError,
  type Plan,
  type RowIndex,
  type StateDict,
  segmentSum,
  type Tensor,
} from '../dist/index.js';
import { unflatten } from '../dist/nn/state-dict.js';
import { Adam } from '../dist/train/index.js';
import { type Arrays, floatsOf, integersOf, readArrays } from './arrays.ts';
import type { Case } from './cases.ts';

export const LEARNING_RATE = 5e-4;

/** From node features to a number a molecule: node decoder, sum over atoms, graph decoder. */
class Decoder extends Model {
  readonly name = 'Decoder';
  readonly #node: readonly [Linear, Linear];
  readonly #graph: readonly [Linear, Linear];

  constructor(engine: Engine, hidden: number) {
    super(engine);
    const declare = (name: string, outputs = hidden) =>
      new Linear(this.parameters, name, { inputs: hidden, outputs });
    this.#node = [declare('node_dec.0'), declare('node_dec.2')];
    this.#graph = [declare('graph_dec.0'), declare('graph_dec.2', 1)];
    this.initialise(1);
  }

  /** [N, H] to [G, 1] */
  forward(h: Tensor, graphOfNode: RowIndex): Tensor {
    const atoms = this.#node[1].apply(this.#node[0].apply(h, 'silu'));
    const molecules = segmentSum(atoms, graphOfNode);
    return this.#graph[1].apply(this.#graph[0].apply(molecules, 'silu'));
  }
}

/** The models of a case, whose weights together are those of the peers' one model. */
export function buildModels(engine: Engine, { model, hidden, layers }: Case): [EGNN, Decoder?] {
  const size = { hiddenFeatures: hidden, layers };
  if (model === 'velocity')
    return [
      new EGNN(engine, {
        ...size,
        inputFeatures: 1,
        outputFeatures: 0,
        edgeFeatures: 2,
        velocity: true,
        coordinateClamp: 100,
      }),
    ];
  return [
    new EGNN(engine, {
      ...size,
      inputFeatures: 15,
      outputFeatures: 'hidden',
      attention: true,
      updateCoordinates: false,
    }),
    new Decoder(engine, hidden),
  ];
}

/** A case on our engine, ready to run. */
export class Ours {
  readonly #engine: Engine;
  readonly #case: Case;
  readonly #graph: Graph;
  readonly #arrays: Arrays;
  readonly #egnn: EGNN;
  readonly #decoder: Decoder | undefined;
  readonly #optimisers: Adam[];
  /** The inputs' tensors by name, written anew before every run, as a training on new batches does. */
  readonly #inputs = new Map<string, Tensor>();
  /** One forward pass, or forward and backward: shapes are fixed here, as in what JAX compiles. */
  readonly #plan: Plan<Tensor>;

  /** @param folder where `writeProblem` has put the case's files */
  constructor(engine: Engine, theCase: Case, folder: string) {
    this.#engine = engine;
    this.#case = theCase;
    this.#arrays = readArrays(join(folder, 'inputs.safetensors'));
    this.#graph = this.#readGraph(folder);
    [this.#egnn, this.#decoder] = buildModels(engine, theCase);
    const weights = readArrays(join(folder, 'weights.safetensors'));
    for (const model of this.#models)
      model.loadStateDict(Object.fromEntries([...model.parameters].map(({ name }) => [name, weights[name]])));
    this.#optimisers = this.#models.map(
      ({ parameters }) => new Adam(parameters, { learningRate: LEARNING_RATE }),
    );
    this.#plan = engine.plan(() =>
      this.mode === 'forward' ? engine.withoutGradient(() => this.#predict()) : this.#lossAndGradients(),
    );
    for (const { parameters } of this.#models) parameters.clearGradients();
  }

  /** What the case asks for, once. @throws Error if training has lost its way: other numbers take other times */
  async run(): Promise<void> {
    if (this.#case.mode === 'forward') await this.forward();
    else if (!Number.isFinite(await this.train())) throw new Error('the loss is not finite any more');
  }

  get mode(): Case['mode'] {
    return this.#case.mode;
  }

  /** One forward pass and what it gives: positions [N, 3], or a number a molecule [G, 1]. */
  forward(): Promise<ArrayLike<number>> {
    this.#runPlan();
    return this.#plan.result.read();
  }

  /** One training step; the loss. */
  async train(): Promise<number> {
    this.#runPlan();
    for (const optimiser of this.#optimisers) optimiser.step();
    const [loss] = await this.#plan.result.read();
    return loss;
  }

  /** All weights, and the gradients of the first training step: Adam's first moment is a tenth of them. */
  async state(): Promise<{ weights: StateDict; gradients: Arrays }> {
    const weights: StateDict = {};
    const gradients: Arrays = {};
    for (const [k, model] of this.#models.entries()) {
      Object.assign(weights, await model.stateDict());
      const { firstMoment } = await this.#optimisers[k].state();
      for (const [name, { data, shape }] of Object.entries(unflatten(model.parameters, firstMoment)))
        gradients[name] = { data: Float32Array.from(data, (value) => value / 0.1), shape };
    }
    return { weights, gradients };
  }

  get #models(): Model[] {
    return this.#decoder ? [this.#egnn, this.#decoder] : [this.#egnn];
  }

  #readGraph(folder: string): Graph {
    const nodeCounts = integersOf(this.#arrays, 'nodeCounts');
    if (this.#case.graphs.kind !== 'radius') return Graph.complete(nodeCounts);
    const edges = readArrays(join(folder, 'edges.safetensors'));
    const nodeCount = nodeCounts.reduce((sum, count) => sum + count, 0);
    return Graph.fromEdges([integersOf(edges, 'senders'), integersOf(edges, 'receivers')], {
      nodeCount,
      nodeCounts,
    });
  }

  #runPlan(): void {
    for (const [name, tensor] of this.#inputs) tensor.write(floatsOf(this.#arrays, name));
    this.#plan.run();
  }

  #lossAndGradients(): Tensor {
    const prediction = this.#predict();
    const lossFunction = this.#case.model === 'velocity' ? meanSquaredError : l1Loss;
    const target = this.#tensor('target', prediction.rows, prediction.columns);
    const loss = lossFunction(prediction, target);
    this.#engine.backward(loss);
    return loss;
  }

  #predict(): Tensor {
    const handle = this.#engine.graph(this.#graph);
    const x = this.#tensor('x', handle.nodes, 3);
    if (this.#decoder) {
      const { h } = this.#egnn.forward({ graph: this.#graph, h: this.#tensor('h', handle.nodes, 15), x });
      return this.#decoder.forward(h!, handle.graphOfNode);
    }
    return this.#egnn.forward({
      graph: this.#graph,
      h: this.#tensor('h', handle.nodes, 1),
      x,
      velocity: this.#tensor('velocity', handle.nodes, 3),
      edgeAttributes: this.#tensor('edgeAttributes', handle.edges, 2),
    }).x!;
  }

  #tensor(name: string, rows: Tensor['rows'], columns: number): Tensor {
    const tensor = this.#engine.tensor(floatsOf(this.#arrays, name), rows, columns);
    this.#inputs.set(name, tensor);
    return tensor;
  }
}
