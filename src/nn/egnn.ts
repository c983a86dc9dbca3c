/** @file The E(n)-equivariant graph neural network: an embedding, layers of EGCL, an output embedding or a readout. */
import type { Engine } from '../tensor/engine.ts';
import { concatenate } from '../tensor/operations/index.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkInput } from './check-input.ts';
import { squaredDistances } from './distances.ts';
import { EGCL, type LayerInput } from './egcl.ts';
import { type EGNNConfig, type FullEGNNConfig, fullConfig, layerConfig } from './egnn-config.ts';
import { Linear } from './linear.ts';
import { Model } from './model.ts';
import type { PlainGraph } from './plain-graph.ts';
import { type Prediction, predict } from './predict.ts';
import { Readout } from './readout.ts';

export interface EGNNOutput {
  /** [N, outputFeatures]; undefined if outputFeatures is 0. */
  readonly h: Tensor | undefined;
  /** [N, n] */
  readonly x: Tensor | undefined;
  /** The last layer's v', eq. 7, [N, n]; with `velocity` only. */
  readonly v: Tensor | undefined;
  /** [G, readout.outputs]; with a `readout` only. */
  readonly y: Tensor | undefined;
}

/** What flows into a layer. */
export interface LayerState {
  /** [N, hiddenFeatures] */
  readonly h: Tensor;
  /** [N, n] */
  readonly x: Tensor;
}

/**
 * The authors' `EGNN` (egnn_clean), and with `velocity: true, outputFeatures: 0, coordinateClamp: 100` their
 * `EGNN_vel`; parameter names are theirs.
 */
export class EGNN extends Model {
  readonly name = 'EGNN';
  readonly config: FullEGNNConfig;
  readonly #embedding: Linear | undefined;
  readonly #layers: EGCL[];
  readonly #output: Linear | undefined;
  readonly #readout: Readout | undefined;

  /** @throws RangeError or TypeError naming an option that is unknown or out of range */
  constructor(engine: Engine, config: EGNNConfig) {
    super(engine);
    this.config = fullConfig(config);
    const { inputFeatures, hiddenFeatures, outputFeatures, layers, seed } = this.config;
    const outputs = typeof outputFeatures === 'number' && outputFeatures > 0 ? outputFeatures : undefined;

    if (this.config.embedding)
      this.#embedding = new Linear(this.parameters, outputs ? 'embedding_in' : 'embedding', {
        inputs: inputFeatures,
        outputs: hiddenFeatures,
      });
    this.#layers = Array.from(
      { length: layers },
      (_, layer) => new EGCL(this.parameters, `gcl_${layer}`, layerConfig(this.config, layer)),
    );
    if (outputs)
      this.#output = new Linear(this.parameters, 'embedding_out', { inputs: hiddenFeatures, outputs });
    if (this.config.readout)
      this.#readout = new Readout(this.parameters, {
        features: outputs ?? hiddenFeatures,
        activation: this.config.activation,
        config: this.config.readout,
      });
    this.initialise(seed);
  }

  /**
   * One pass inside `engine.step`.
   * @param observe called before each layer, counted from 0, with what flows into it; its tensors live as long as the step
   * @throws RangeError if an input's shape does not fit the model or the graph
   */
  forward(input: LayerInput, observe?: (layer: number, state: LayerState) => void): EGNNOutput {
    checkInput(input, {
      features: this.config.inputFeatures,
      edgeFeatures: this.config.edgeFeatures,
      nodeAttributes: this.config.nodeAttributes,
      coordinates: true,
      velocity: this.config.velocity,
    });
    const { engine } = this;
    const lastLayer = this.#layers.length - 1;
    const embedding = this.#embedding;
    let h: Tensor | undefined = embedding
      ? engine.inLayer('embedding', () => embedding.apply(input.h))
      : input.h;
    const edgeAttributes = this.#edgeAttributes(input);
    const nodeAttributes = this.#nodeAttributes(input);
    let x = input.x;
    let v: Tensor | undefined;
    for (const [position, layer] of this.#layers.entries()) {
      observe?.(position, { h: h!, x: x! });
      const wantFeatures = position < lastLayer || this.config.outputFeatures !== 0;
      const output = engine.inLayer(`gcl_${position}`, () =>
        layer.forward({ ...input, edgeAttributes, nodeAttributes, h: h!, x }, wantFeatures),
      );
      h = output.h;
      x = output.x;
      v = this.config.velocity ? output.displacement : undefined;
    }
    if (this.#output) h = engine.inLayer('embedding_out', () => this.#output!.apply(h!));
    const y = this.#readout && engine.inLayer('readout', () => this.#readout!.apply(h!, input.graph));
    return { h, x, v, y };
  }

  /** The nodes' own attributes, behind the features at the input. */
  #nodeAttributes({ h, nodeAttributes }: LayerInput): Tensor | undefined {
    if (!this.config.inputAttributes) return nodeAttributes;
    return nodeAttributes ? concatenate([h, nodeAttributes]) : h;
  }

  /** The edges' own attributes, behind the distance at the input. */
  #edgeAttributes({ graph, x, edgeAttributes }: LayerInput): Tensor | undefined {
    if (!this.config.inputDistance) return edgeAttributes;
    const distances = this.engine.inLayer('input_distance', () => squaredDistances(graph, x!));
    return edgeAttributes ? concatenate([distances, edgeAttributes]) : distances;
  }

  /**
   * Plain arrays in, typed arrays out: `await model.predict({ X, C, E, A })`.
   * @throws RangeError or TypeError naming the argument, what was expected and what came
   */
  predict(input: PlainGraph): Promise<Prediction> {
    return predict(this, input);
  }
}
