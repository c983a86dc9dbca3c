/** @file The process that computes: it holds an engine and all models, and answers batches with JSON. */
import { type Atoms, LoadedModel } from '../models/index.ts';
import type { EGNN } from '../nn/egnn.ts';
import type { PlainGraph } from '../nn/plain-graph.ts';
import { graphOutputsOf, jobKindOf } from '../predict/jobs.ts';
import { digestOf, holdContents } from '../predict/model-digest.ts';
import { graphNumbers, moleculeNumbers } from '../predict/outputs.ts';
import { graphPredictor, moleculePredictor } from '../predict/predictors.ts';
import { startEngine } from '../start-engine.ts';
import type { Engine } from '../tensor/engine.ts';
import { oneByOne, serveJobs } from './child-process.ts';
import type {
  Batch,
  BatchResult,
  ComputeReady,
  ComputeSettings,
  ModelDescription,
  ReadModel,
} from './messages.ts';

/** @param openModel opens what a path names on an engine */
export function serveCompute(openModel: (path: string, engine: Engine) => Promise<LoadedModel>): void {
  serveJobs<ComputeSettings, Batch, BatchResult, ComputeReady>(async (settings) => {
    const engine = await startEngine(settings.engine);
    const models = new Map<string, LoadedModel>();
    const read: ReadModel[] = [];
    const descriptions: ModelDescription[] = [];
    for (const each of settings.models) {
      const { name } = each;
      try {
        const model =
          'contents' in each ? new LoadedModel(engine, each.contents) : await openModel(each.path, engine);
        const contents = await holdContents(model);
        models.set(name, model);
        read.push({ name, contents });
        descriptions.push(describeModel(name, model, digestOf(contents)));
      } catch (error) {
        if (settings.models.length === 1) throw error;
        throw new Error(`model ${name}: ${(error as Error).message}`, { cause: error });
      }
    }
    return {
      ready: { models: descriptions, read, backend: engine.backend.description },
      work: oneByOne((batch) => predictBatch(models.get(batch.model)!, batch)),
    };
  });
}

/** @throws TypeError for a model that predicts neither from molecules nor from plain graphs */
function describeModel(name: string, model: LoadedModel, digest: string): ModelDescription {
  const kind = jobKindOf(model);
  const { atoms } = model.config;
  const parameters = model.network.parameterCount;
  const outputs = model.outputs.map(({ name, unit, testError }) => ({ name, unit, testError }));
  if (kind === 'molecules') return { name, kind, parameters, digest, elements: atoms!.elements, outputs };
  const { inputFeatures, hiddenFeatures, outputFeatures, edgeFeatures, nodeAttributes, velocity } = (
    model.network as EGNN
  ).config;
  return {
    name,
    kind,
    parameters,
    digest,
    inputFeatures,
    edgeFeatures,
    nodeAttributes,
    velocity,
    outputFeatures: outputFeatures === 'hidden' ? hiddenFeatures : outputFeatures,
    outputs: outputs.length > 0 ? outputs : undefined,
  };
}

/** What is wrong with one item is its result; @throws what is wrong with the engine */
async function predictBatch(model: LoadedModel, batch: Batch): Promise<BatchResult> {
  const { precision } = model.network.engine.backend;
  if (batch.kind === 'graphs') {
    const graphs = batch.items as readonly PlainGraph[];
    const outputs = graphOutputsOf(model);
    const results = await graphPredictor(model).predict(graphs);
    return results.map((result, k) => {
      if (result instanceof Error) return { error: result.message };
      const unfinite = Object.entries(result).find(([, values]) => values && !values.every(Number.isFinite));
      if (unfinite)
        return { error: `${unfinite[0]} is not finite; are its nodes too close together, or too far apart?` };
      return { json: JSON.stringify(graphNumbers(graphs[k], result, outputs)) };
    });
  }
  const { forces } = batch;
  const molecules = batch.items as readonly Atoms[];
  const outputs = { outputs: model.outputs, forces, precision };
  const results = await moleculePredictor(model, forces).predict(molecules);
  return results.map((result, k) =>
    result instanceof Error
      ? { error: result.message }
      : { json: JSON.stringify(moleculeNumbers(molecules[k], result, outputs)) },
  );
}
