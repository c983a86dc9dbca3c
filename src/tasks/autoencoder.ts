/**
 * @file The paper's graph autoencoder (section 5.2): from the adjacency of a small graph an embedding of each node, and
 * from the distances of the embeddings the adjacency again.
 *
 *   data      community graphs or Erdos-Renyi graphs; 5,000 to train on, 500 to validate, 500 to test
 *   noise     what tells the nodes apart, from N(0, 1), anew in every pass
 *   loss      binary cross-entropy, summed over the ordered pairs of a graph
 *   reported  cross-entropy, share of wrong pairs and F1 score on the test set, of the weights with the best
 *             cross-entropy on the validation set
 *
 * Most of the community test graphs occur in the training set, node for node, so the scores are also given for those
 * that do not.
 */
import type { Numbers } from '../backends/backend.ts';
import { type GraphParts, markUnseen, type UndirectedGraph } from '../data/graphs/index.ts';
import type { MersenneTwister } from '../random/mersenne-twister.ts';
import type { Engine } from '../tensor/engine.ts';
import { binaryCrossEntropy, multiply } from '../tensor/operations/index.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { batchTensors } from '../train/batch.ts';
import { shuffledBatches } from '../train/batches.ts';
import {
  type AutoencoderBatch,
  type AutoencoderInputName,
  type AutoencoderTensors,
  adjacencyOf,
  type NoiseShape,
  prepareGraphs,
} from './autoencoder-inputs.ts';
import {
  countReconstruction,
  type ReconstructionCounts,
  type ReconstructionScores,
  scoreReconstruction,
} from './autoencoder-metrics.ts';
import { GraphAutoencoder } from './autoencoder-model.ts';
import type { AutoencoderModelSettings } from './autoencoder-settings.ts';
import type { TestedTask } from './run.ts';

/** Graphs in one forward pass without gradients. */
const EVALUATION_BATCH = 20;

/** Keys of the noise on which a model is measured: the same whenever it is. */
const VALIDATION_NOISE = 1;
const TEST_NOISE = 2;

export interface AutoencoderScores {
  readonly all: ReconstructionScores;
  /** Of the test graphs that do not occur in the training set; undefined if there are none. */
  readonly unseen: ReconstructionScores | undefined;
}

export class AutoencoderTask implements TestedTask<AutoencoderInputName, AutoencoderScores> {
  readonly model: GraphAutoencoder;
  readonly sampleCount: number;
  readonly #train: readonly UndirectedGraph[];
  readonly #valid: readonly UndirectedGraph[];
  readonly #test: readonly UndirectedGraph[];
  readonly #noise: NoiseShape;
  /** Key of the noise of this epoch. */
  #epoch = 0;

  /** @param samples how many training graphs are used, the first ones */
  constructor(
    engine: Engine,
    settings: AutoencoderModelSettings & { readonly samples: number },
    { train, valid, test }: GraphParts,
  ) {
    this.model = new GraphAutoencoder(engine, settings);
    this.#train = train.slice(0, settings.samples);
    this.#valid = valid;
    this.#test = test;
    this.sampleCount = this.#train.length;
    this.#noise = { embedding: settings.embedding, noisyFeatures: settings.model === 'noise-gnn' };
  }

  /** Decides about the epoch's noise as well. */
  batches(batchSize: number, random: MersenneTwister): Int32Array[] {
    this.#epoch = random.uint32();
    return shuffledBatches(this.sampleCount, batchSize, random);
  }

  batch(samples: Int32Array): AutoencoderBatch {
    const graphs = Array.from(samples, (sample) => this.#train[sample]);
    return prepareGraphs(graphs, this.#noise, [this.#epoch, ...samples]);
  }

  loss(batch: AutoencoderTensors): Tensor {
    const logits = this.#reconstruct(batch);
    return this.model.engine.inLayer('loss', () => {
      const crossEntropy = binaryCrossEntropy(logits, batch.inputs.adjacency, 'sum');
      const { graphCount } = batch.graph;
      return graphCount === 1 ? crossEntropy : multiply(crossEntropy, 1 / graphCount);
    });
  }

  async validate(): Promise<number> {
    return scoreReconstruction(await this.#count(this.#valid, VALIDATION_NOISE)).crossEntropy;
  }

  /** The scores of the weights at hand on the test set. */
  async test(): Promise<AutoencoderScores> {
    const counts = await this.#count(this.#test, TEST_NOISE);
    const isUnseen = markUnseen(this.#test, this.#train);
    const unseen = counts.filter((_, k) => isUnseen[k] === 1);
    return {
      all: scoreReconstruction(counts),
      unseen: unseen.length > 0 ? scoreReconstruction(unseen) : undefined,
    };
  }

  #reconstruct(batch: AutoencoderTensors): Tensor {
    return this.model.decode(batch.graph, this.model.encode(batch));
  }

  /**
   * What the model makes of the graphs of a set, with the noise on which they are measured.
   * @param most how many graphs at most, the first ones
   * @returns for each graph the logits of its ordered pairs, in the order of `adjacencyOf`
   */
  async reconstruct(
    set: 'test' | 'validation',
    most = Number.POSITIVE_INFINITY,
  ): Promise<{ graph: UndirectedGraph; logits: Numbers }[]> {
    const [graphs, noise] =
      set === 'test' ? [this.#test, TEST_NOISE] : ([this.#valid, VALIDATION_NOISE] as const);
    const found: { graph: UndirectedGraph; logits: Numbers }[] = [];
    await this.#forEachGraph(graphs.slice(0, most), noise, (graph, logits) =>
      found.push({ graph, logits: logits.slice() }),
    );
    return found;
  }

  /** One count a graph. */
  async #count(graphs: readonly UndirectedGraph[], noise: number): Promise<ReconstructionCounts[]> {
    const counts: ReconstructionCounts[] = [];
    await this.#forEachGraph(graphs, noise, (graph, logits) =>
      counts.push(countReconstruction(logits, adjacencyOf(graph))),
    );
    return counts;
  }

  /** @param use the logits of the graph's ordered pairs; the noise is the same in every call */
  async #forEachGraph(
    graphs: readonly UndirectedGraph[],
    noise: number,
    use: (graph: UndirectedGraph, logits: Numbers) => void,
  ): Promise<void> {
    const { engine } = this.model;
    for (let first = 0; first < graphs.length; first += EVALUATION_BATCH) {
      const part = graphs.slice(first, first + EVALUATION_BATCH);
      const batch = prepareGraphs(part, this.#noise, [noise, first]);
      const logits = await engine.step(() =>
        engine.withoutGradient(() => this.#reconstruct(batchTensors(engine, batch)).read()),
      );
      let pair = 0;
      for (const graph of part) {
        const pairs = graph.nodes * (graph.nodes - 1);
        use(graph, logits.subarray(pair, pair + pairs));
        pair += pairs;
      }
    }
  }
}
