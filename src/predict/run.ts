/**
 * @file The loop of a prediction run: entries are gathered into windows, predicted together, and written in their order.
 * Nothing is kept beyond a window, so memory does not grow with the inputs.
 */
import { setImmediate } from 'node:timers/promises';
import type { PlacedEntry, Position } from './inputs.ts';
import type { Encoder } from './outputs.ts';
import type { Predictor } from './predictors.ts';

/** Nodes of a window: several passes of the network, so that the last, smaller one of each costs little. */
const WINDOW_NODES = 16_384;
/** Gathering does not take longer, conformers and slow pipes included: progress and Ctrl-C wait for it. */
const WINDOW_MILLISECONDS = 500;

/** How far a run is. */
export interface Progress extends Position {
  /** Results in the output. */
  readonly written: number;
  /** Records without a result. */
  readonly skipped: number;
}

export const BEGINNING: Progress = { input: 0, record: 0, written: 0, skipped: 0 };

/** A record that is malformed, or that the model cannot predict. */
export class InvalidRecordError extends Error {
  override name = 'InvalidRecordError';
}

interface RunOptions<Item, Result> {
  /** Those that come after `progress`. */
  readonly entries: AsyncIterable<PlacedEntry<Item>>;
  readonly progress: Progress;
  readonly predictor: Predictor<Item, Result>;
  readonly encode: Encoder<Item, Result>['encode'];
  /** Takes the text of whole records, which together with what came before is all up to `progress`. */
  readonly write: (text: string, progress: Progress) => Promise<void>;
  /** Called for each invalid record, after which the run goes on; without it the first one ends the run. */
  readonly onSkipped?: (problem: Error) => void;
  readonly onProgress: (progress: Progress) => void;
  readonly signal: AbortSignal;
}

/**
 * @throws InvalidRecordError naming file, record and what was expected, once all before it is written; an AbortError if
 *   `signal` is aborted
 */
export async function runPredictions<Item, Result>(options: RunOptions<Item, Result>): Promise<Progress> {
  const { entries, predictor, encode, write, onSkipped, onProgress, signal } = options;
  let { progress } = options;
  for await (const window of windowsOf(entries, predictor)) {
    const valid = window.flatMap((entry) => (entry.error ? [] : [entry.item]));
    const results = (await predictor.predict(valid)).values();
    let text = '';
    let problem: Error | undefined;
    for (const entry of window) {
      const { file, input, record, name } = entry;
      const result = entry.error ?? locate(entry, results.next().value!);
      const isProblem = result instanceof Error;
      if (isProblem && !onSkipped) {
        problem = result;
        break;
      }
      if (isProblem) onSkipped!(result);
      else text += encode({ file, record, name, item: entry.item!, result });
      const { written, skipped } = progress;
      progress = {
        input,
        record,
        written: written + (isProblem ? 0 : 1),
        skipped: skipped + (isProblem ? 1 : 0),
      };
    }
    await write(text, progress);
    if (problem) throw new InvalidRecordError(problem.message, { cause: problem });
    onProgress(progress);
    // Signals are only heard between two turns of the event loop.
    await setImmediate();
    signal.throwIfAborted();
  }
  return progress;
}

async function* windowsOf<Item>(
  entries: AsyncIterable<PlacedEntry<Item>>,
  { size }: Predictor<Item, unknown>,
): AsyncGenerator<PlacedEntry<Item>[]> {
  let window: PlacedEntry<Item>[] = [];
  let nodes = 0;
  let start = performance.now();
  for await (const entry of entries) {
    window.push(entry);
    nodes += entry.error ? 1 : size(entry.item);
    if (nodes < WINDOW_NODES && performance.now() - start < WINDOW_MILLISECONDS) continue;
    yield window;
    window = [];
    nodes = 0;
    start = performance.now();
  }
  if (window.length > 0) yield window;
}

function locate<Result>(
  { file, record, line }: PlacedEntry<unknown>,
  result: Result | Error,
): Result | Error {
  if (!(result instanceof Error)) return result;
  const place = `${file}, record ${record}${line === undefined ? '' : ` (line ${line})`}`;
  return new InvalidRecordError(`${place}: ${result.message}`, { cause: result });
}
