/** @file The process that computes: it holds an engine and all models, and answers batches with JSON. */
import type { Atoms, LoadedModel, MoleculePrediction } from '../models/index.ts';
import type { PlainGraph } from '../nn/plain-graph.ts';
import { graphOutputsOf, jobKindOf } from '../predict/jobs.ts';
import { formatRows, type Precision } from '../predict/numbers.ts';
import { graphNumbers } from '../predict/outputs.ts';
import { graphPredictor, moleculePredictor } from '../predict/predictors.ts';
import { startEngine } from '../start-engine.ts';
import type { Engine } from '../tensor/engine.ts';
import { serveJobs } from './child-process.ts';
import type { Batch, BatchResult, ComputeReady, ComputeSettings, ModelDescription } from './messages.ts';

/** @param openModel opens what a path names on an engine */
export function serveCompute(openModel: (path: string, engine: Engine) => Promise<LoadedModel>): void {
  serveJobs<ComputeSettings, Batch, BatchResult, ComputeReady>(async (settings) => {
    const engine = await startEngine(settings.engine);
    const models = new Map<string, LoadedModel>();
    for (const { name, path } of settings.models) models.set(name, await openModel(path, engine));
    const descriptions = [...models].map(([name, model]) => describeModel(name, model));
    return {
      ready: { models: descriptions, backend: engine.backend.description },
      work: (batch) => predictBatch(models.get(batch.model)!, batch),
    };
  });
}

/** @throws TypeError for a model that predicts neither from molecules nor from plain graphs */
function describeModel(name: string, model: LoadedModel): ModelDescription {
  const kind = jobKindOf(model);
  const { network, atoms } = model.config;
  const parameters = model.network.parameterCount;
  const outputs = model.outputs.map(({ name, unit, testError }) => ({ name, unit, testError }));
  if (kind === 'molecules') return { name, kind, parameters, elements: atoms!.elements, outputs };
  const {
    inputFeatures,
    edgeFeatures = 0,
    nodeAttributes = 0,
    velocity = false,
  } = network as {
    inputFeatures: number;
    edgeFeatures?: number;
    nodeAttributes?: number;
    velocity?: boolean;
  };
  return {
    name,
    kind,
    parameters,
    inputFeatures,
    edgeFeatures,
    nodeAttributes,
    velocity,
    outputs: outputs.length > 0 ? outputs : undefined,
  };
}

/** What is wrong with one item is its result; @throws what is wrong with the engine */
async function predictBatch(model: LoadedModel, batch: Batch): Promise<BatchResult> {
  const { precision } = model.network.engine.backend;
  // A reload may have brought another kind of model under this name.
  if (jobKindOf(model) !== batch.kind)
    return batch.items.map(() => ({ error: `the model now predicts ${jobKindOf(model)}` }));
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
  if (forces !== undefined && !model.outputs.some(({ name }) => name === forces))
    return batch.items.map(() => ({ error: `the model has no output ${forces}` }));
  const molecules = batch.items as readonly Atoms[];
  const results = await moleculePredictor(model, forces).predict(molecules);
  return results.map((result, k) =>
    result instanceof Error
      ? { error: result.message }
      : { json: moleculeJson(result, molecules[k].numbers.length, precision) },
  );
}

function moleculeJson({ values, forces }: MoleculePrediction, atoms: number, precision: Precision): string {
  return JSON.stringify({ atoms, values, forces: forces && formatRows(forces, atoms, precision) });
}
