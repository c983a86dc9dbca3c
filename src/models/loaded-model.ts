/**
 * @file A model with the description of its inputs and outputs: molecules or graphs in, named numbers with units out.
 */
import type { Numbers } from '../backends/backend.ts';
import { Graph } from '../graph/graph.ts';
import { flatten } from '../graph/plain-matrix.ts';
import { EGNN } from '../nn/egnn.ts';
import type { Model } from '../nn/model.ts';
import type { PlainGraph } from '../nn/plain-graph.ts';
import {
  asResult,
  concatenated,
  EDGES_A_PASS,
  type Prediction,
  predict,
  predictEach,
} from '../nn/predict.ts';
import type { Engine } from '../tensor/engine.ts';
import { multiply, slice, sum } from '../tensor/operations/index.ts';
import { atomFeatures, atomicNumbers } from './atoms.ts';
import { buildNetwork, expectPlausible } from './build.ts';
import type { ModelConfig, OutputConfig } from './config.ts';
import type { ModelContents } from './files.ts';
import { outputValues } from './output-values.ts';

/** What of a molecule a prediction is made from; the readers of molecules give more. */
export interface Atoms {
  /** [N], atomic numbers */
  readonly numbers: ArrayLike<number>;
  /** [N, 3], row-major, in angstrom */
  readonly positions: ArrayLike<number>;
}

export interface MoleculePrediction {
  /** By the outputs' names, in their units. */
  readonly values: Readonly<Record<string, number>>;
  /** -d value / d position of the output asked for, [N, 3], in its unit an angstrom. */
  readonly forces?: Float64Array;
}

export interface MoleculeOptions {
  /** The output whose negative gradient is wanted. */
  readonly forces?: string;
}

export class LoadedModel {
  readonly config: ModelConfig;
  readonly network: Model;

  /** @throws RangeError, TypeError or Error saying what does not fit */
  constructor(engine: Engine, { config, state }: ModelContents) {
    this.config = config;
    expectPlausible(
      config.network,
      Object.values(state).reduce((sum, { data }) => sum + data.length, 0),
    );
    this.network = buildNetwork(engine, config.network);
    this.network.loadStateDict(state);
  }

  /** What the network gives for each graph, in order; 'output K' where the configuration does not say. */
  get outputs(): readonly OutputConfig[] {
    const { network, outputs } = this.config;
    const count = network.kind === 'egnn' ? (network.readout?.outputs ?? 0) : 0;
    return (
      outputs ?? Array.from({ length: count }, (_, k) => ({ name: `output ${k + 1}`, mean: 0, scale: 1 }))
    );
  }

  /**
   * Properties of molecules, in their order.
   * @throws RangeError naming the molecule (counted from 1) and what is wrong with it; TypeError if this model is none
   *   of molecules
   */
  async predictMolecules(
    molecules: readonly Atoms[],
    options: MoleculeOptions = {},
  ): Promise<MoleculePrediction[]> {
    const features = this.#featuresOf(molecules);
    const predictions: MoleculePrediction[] = [];
    for (let first = 0; first < molecules.length; ) {
      let edges = 0;
      let end = first;
      do {
        edges += molecules[end].numbers.length ** 2;
        end++;
      } while (end < molecules.length && edges + molecules[end].numbers.length ** 2 <= EDGES_A_PASS);
      predictions.push(
        ...(await this.#pass(molecules.slice(first, end), features.slice(first, end), options)),
      );
      first = end;
    }
    return predictions;
  }

  /**
   * Features, coordinates and outputs of graphs as plain arrays; see `EGNN.predict`. The columns of `y` are `outputs`, in
   * their units.
   * @throws RangeError or TypeError naming what does not fit; TypeError if the model does not take graphs
   */
  async predictGraph(input: PlainGraph): Promise<Prediction> {
    return this.#inUnits(await predict(this.#graphNetwork, this.#withSelfLoops(input)), input);
  }

  /**
   * Graphs, small ones together, which takes far less time than one by one. What is wrong with one of them, as
   * `predictGraph` throws it, is its result.
   * @throws TypeError if the model does not take graphs
   */
  async predictGraphs(inputs: readonly PlainGraph[]): Promise<(Prediction | Error)[]> {
    const predictions = await predictEach(
      this.#graphNetwork,
      inputs.map((input) => this.#withSelfLoops(input)),
    );
    return predictions.map((prediction, k) => {
      try {
        return prediction instanceof Error ? prediction : this.#inUnits(prediction, inputs[k]);
      } catch (error) {
        return asResult(error);
      }
    });
  }

  get #graphNetwork(): EGNN {
    if (this.network instanceof EGNN) return this.network;
    throw new TypeError(`a model of kind ${this.config.network.kind} does not predict from a plain graph`);
  }

  #withSelfLoops(input: PlainGraph): PlainGraph {
    return this.config.edges === 'complete-with-self' ? { selfLoops: true, ...input } : input;
  }

  #inUnits(prediction: Prediction, input: PlainGraph): Prediction {
    return prediction.y ? { ...prediction, y: this.#graphOutputs(prediction.y, input) } : prediction;
  }

  /** @param raw [G, outputs] */
  #graphOutputs(raw: Numbers, { X, nodeCounts }: PlainGraph): Float64Array {
    const { outputs } = this;
    const { atoms } = this.config;
    const hasReferences = outputs.some(({ atomReferences }) => atomReferences);
    const numbers =
      atoms && hasReferences
        ? atomicNumbers(flatten('X', X, (this.network as EGNN).config.inputFeatures), atoms)
        : [];
    const counts = Array.from(nodeCounts ?? [numbers.length]);
    const values = new Float64Array(raw.length);
    let node = 0;
    for (const [g, count] of counts.entries()) {
      const first = g * outputs.length;
      const own = numbers.slice(node, node + count);
      values.set(outputValues(outputs, raw.subarray(first, first + outputs.length), own), first);
      node += count;
    }
    return values;
  }

  #featuresOf(molecules: readonly Atoms[]): Float64Array[] {
    const { atoms } = this.config;
    if (!(this.network instanceof EGNN) || !this.network.config.readout || !atoms)
      throw new TypeError(
        'this model does not predict properties of molecules: its configuration needs `atoms` and a `readout`',
      );
    return molecules.map(({ numbers, positions }, k) => {
      try {
        if (numbers.length === 0) throw new RangeError('it has no atoms');
        if (positions.length !== 3 * numbers.length)
          throw new RangeError(
            `${numbers.length} atoms have ${positions.length} coordinates; expected 3 each`,
          );
        for (let i = 0; i < positions.length; i++)
          if (!Number.isFinite(positions[i]))
            throw new RangeError(`atom ${Math.floor(i / 3) + 1} has the coordinate ${positions[i]}`);
        return atomFeatures(numbers, atoms);
      } catch (error) {
        throw new RangeError(`molecule ${k + 1}: ${(error as Error).message}`);
      }
    });
  }

  async #pass(
    molecules: readonly Atoms[],
    features: readonly Float64Array[],
    { forces }: MoleculeOptions,
  ): Promise<MoleculePrediction[]> {
    const network = this.network as EGNN;
    const { engine } = network;
    const counts = molecules.map(({ numbers }) => numbers.length);
    const graph = Graph.complete(counts, { selfLoops: this.config.edges === 'complete-with-self' });
    const wanted = forces === undefined ? undefined : this.#outputNamed(forces);
    const forward = () => {
      // A molecule's bits must not depend on those it is batched with; one that fills a pass is alone in it in any case.
      const { nodes } = engine.graph(graph, {
        whole: molecules.length > 1 || counts[0] ** 2 <= EDGES_A_PASS,
      });
      const h = engine.tensor(concatenated(features), nodes, network.config.inputFeatures);
      const x = engine.tensor(concatenated(molecules.map(({ positions }) => positions)), nodes, 3, {
        requiresGradient: wanted !== undefined,
      });
      if (wanted === undefined)
        return { y: engine.withoutGradient(() => network.forward({ graph, h, x }).y!), x: undefined };
      const { y } = network.forward({ graph, h, x });
      engine.backward(multiply(sum(slice(y!, wanted, 1)), -this.outputs[wanted].scale));
      return { y: y!, x };
    };
    // Forces need more memory than values alone.
    engine.expectToFit(wanted === undefined ? network : network.parameters, graph, forward);
    const [raw, gradient] = await engine.step(() => {
      const { y, x } = forward();
      return Promise.all([y.read(), x?.readGradient()]);
    });
    // The weights' gradients are not wanted here, and must not meet a training's.
    if (wanted !== undefined) network.parameters.clearGradients();
    let atom = 0;
    return molecules.map((molecule, m) => {
      const values = this.#valuesOf(raw, m, molecule);
      const first = 3 * atom;
      atom += counts[m];
      if (!gradient) return { values };
      const ownForces = Float64Array.from(gradient.subarray(first, 3 * atom));
      const bad = ownForces.findIndex((force) => !Number.isFinite(force));
      if (bad >= 0)
        throw new RangeError(
          `molecule ${m + 1}: the force on atom ${Math.floor(bad / 3) + 1} is ${ownForces[bad]}; are its atoms too close together?`,
        );
      return { values, forces: ownForces };
    });
  }

  #outputNamed(name: string): number {
    const position = this.outputs.findIndex((output) => output.name === name);
    if (position < 0)
      throw new RangeError(
        `the model has no output ${name}; it has ${this.outputs.map((output) => output.name).join(', ')}`,
      );
    return position;
  }

  #valuesOf(raw: Numbers, molecule: number, { numbers }: Atoms): Record<string, number> {
    const { outputs } = this;
    const own = raw.subarray(molecule * outputs.length, (molecule + 1) * outputs.length);
    try {
      const values = outputValues(outputs, own, numbers);
      return Object.fromEntries(outputs.map(({ name }, k) => [name, values[k]]));
    } catch (error) {
      throw new RangeError(`molecule ${molecule + 1}: ${(error as Error).message}`);
    }
  }
}
