/** @file A list of molecules or graphs in, for each a prediction or what is wrong with it out. */
import { type Atoms, atomFeatures, type LoadedModel, type MoleculePrediction } from '../models/index.ts';
import type { PlainGraph } from '../nn/plain-graph.ts';
import { asResult, type Prediction } from '../nn/predict.ts';

export interface Predictor<Item, Result> {
  /** How much work it is, in nodes. */
  size(item: Item): number;
  predict(items: readonly Item[]): Promise<(Result | Error)[]>;
}

/** @param forces the output whose negative gradient is wanted */
export function moleculePredictor(model: LoadedModel, forces?: string): Predictor<Atoms, MoleculePrediction> {
  const { atoms } = model.config;
  return {
    size: ({ numbers }) => numbers.length,
    async predict(molecules) {
      const problems = molecules.map(({ numbers }) => problemOf(() => atoms && atomFeatures(numbers, atoms)));
      // Those of unknown elements are many at times, and known beforehand; the others go through together.
      const known = [...molecules.keys()].filter((k) => !problems[k]);
      const predictions = (await together(known.map((k) => molecules[k]))).values();
      return problems.map((problem) => problem ?? predictions.next().value!);
    },
  };

  /** A batch in which one fails is tried in halves, down to the one. */
  async function together(molecules: readonly Atoms[]): Promise<(MoleculePrediction | Error)[]> {
    if (molecules.length === 0) return [];
    try {
      return await model.predictMolecules(molecules, { forces });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      if (molecules.length === 1) return [new RangeError(error.message.replace(/^molecule 1: /, ''))];
      const half = molecules.length >> 1;
      return [...(await together(molecules.slice(0, half))), ...(await together(molecules.slice(half)))];
    }
  }
}

export function graphPredictor(model: LoadedModel): Predictor<PlainGraph, Prediction> {
  return {
    // Nested or flat: coordinates have few numbers a node.
    size: ({ C }) => C.length,
    predict: (graphs) => model.predictGraphs(graphs),
  };
}

function problemOf(work: () => unknown): Error | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return asResult(error);
  }
}
