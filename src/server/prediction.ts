/** @file One prediction request: read, predicted, answered as JSON. */

import type { Computing } from './computing.ts';
import type { BatchResult, ModelDescription, ReadItem } from './messages.ts';
import type { Place } from './occupancy.ts';
import type { Limits } from './options.ts';
import type { Reading } from './reading.ts';
import { Refusal } from './refusal.ts';
import { costOf } from './work.ts';

interface PredictionRequest {
  readonly model: ModelDescription;
  readonly bytes: Uint8Array;
  /** Of the body, without parameters. */
  readonly type: string;
  readonly forces: string | undefined;
  readonly signal: AbortSignal;
}

interface PredictionParts {
  readonly reading: Reading;
  readonly computing: Computing;
  readonly limits: Limits;
  readonly place: Place;
}

interface PredictionAnswer {
  readonly json: string;
  readonly predicted: number;
  readonly failed: number;
}

/**
 * @throws Refusal if nothing of the request can be predicted; the signal's reason once it is aborted; ChildEndedError if
 *   the process that did it ended
 */
export async function answerPrediction(
  { model, bytes, type, forces, signal }: PredictionRequest,
  { reading, computing, limits, place }: PredictionParts,
): Promise<PredictionAnswer> {
  const outputs = (model.kind === 'molecules' && model.outputs) || [];
  if (forces !== undefined && !outputs.some(({ name }) => name === forces))
    throw new Refusal(
      400,
      'unknown_output',
      outputs.length > 0
        ? `the model has no output ${JSON.stringify(forces)}; it has ${outputs.map(({ name }) => name).join(', ')}`
        : 'forces are those of an output of molecules, which this model does not have',
    );
  const { items, problem } = await reading.read({ bytes, type, kind: model.kind }, signal);
  if (!items) throw new Refusal(400, 'invalid_request', problem);
  const good = items.flatMap(({ item }) => (item ? [item] : []));
  const costs = good.map((item) => costOf(model, item, forces));
  const edges = costs.reduce((sum, cost) => sum + cost.edges, 0);
  if (edges > limits.requestEdges) throw tooMuch(`${edges} edges in all`, limits.requestEdges, model);
  const length = costs.reduce((sum, cost) => sum + cost.answerBytes, 0);
  if (length > limits.answerBytes)
    throw tooMuch(`an answer of up to ${length} bytes`, limits.answerBytes, model);
  place.hold(length);
  const batch = { model: model.name, kind: model.kind, forces, items: good };
  const work = costs.map((cost) => cost.work);
  const results = good.length > 0 ? await computing.predict(batch, work, signal) : [];
  return answerOf(model, items, results);
}

function tooMuch(what: string, most: number, { kind }: ModelDescription): Refusal {
  return new Refusal(413, 'too_much', `${what}; at most ${most} a request: ask for fewer ${kind} at a time`);
}

function answerOf(
  model: ModelDescription,
  items: readonly ReadItem[],
  results: BatchResult,
): PredictionAnswer {
  const next = results.values();
  let failed = 0;
  const predictions = items.map(({ name, error }, index) => {
    const result = error === undefined ? next.next().value! : { error };
    const place = JSON.stringify({ index, name });
    if ('json' in result) return `${place.slice(0, -1)},${result.json.slice(1)}`;
    failed++;
    return JSON.stringify({ index, name, error: result.error });
  });
  const units = Object.fromEntries(
    (model.outputs ?? []).flatMap(({ name, unit }) => (unit === undefined ? [] : [[name, unit]])),
  );
  const head = JSON.stringify({ model: model.name, units });
  return {
    json: `${head.slice(0, -1)},"predictions":[${predictions.join(',')}]}`,
    predicted: items.length - failed,
    failed,
  };
}
