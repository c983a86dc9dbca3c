/** @file The models, as the server has them: batches go to the process that computes, and a reload replaces it. */
import { type Batcher, createBatcher } from './batches.ts';
import type { Child } from './child.ts';
import type { Batch, BatchResult, ComputeReady, ComputeSettings, ModelDescription } from './messages.ts';
import type { Metrics } from './metrics.ts';
import type { ServerOptions } from './options.ts';
import { type Supervisor, supervise } from './supervisor.ts';

export interface Computing {
  readonly models: readonly ModelDescription[];
  readonly backend: string;
  readonly isReady: boolean;
  readonly processId: number | undefined;
  readonly waiting: number;
  /** See `Batcher.predict`. */
  predict: Batcher['predict'];
  /** Reads all models anew. @throws Error saying what is wrong with them; those there are stay in use */
  reload(): Promise<void>;
  stop(): void;
}

interface ComputingEvents {
  onEnded(reason: Error | undefined): void;
  onReady(processId: number): void;
  /** Called when it can be told what is counted. */
  metrics(): Metrics;
}

/** @throws Error if a model cannot be opened */
export async function startComputing(
  { models, engine, limits, computeScript }: ServerOptions,
  events: ComputingEvents,
): Promise<Computing> {
  let ready: ComputeReady | undefined;
  let supervisor: Supervisor<Batch, BatchResult, ComputeReady> | undefined;

  const batcher = createBatcher({
    compute() {
      const child = supervisor?.child;
      return child && ((batch) => runWithin(child, batch, limits.seconds));
    },
    onBatch(items, _edges, seconds) {
      events.metrics().batchItems.observe(items);
      events.metrics().batchSeconds.observe(seconds);
    },
  });
  supervisor = await supervise<Batch, BatchResult, ComputeReady>({
    script: computeScript,
    settings: { models, engine } satisfies ComputeSettings,
    onReady(child) {
      ready = child.ready;
      events.onReady(child.processId);
      batcher.resume();
    },
    onEnded: events.onEnded,
  });
  return {
    get models() {
      return ready!.models;
    },
    get backend() {
      return ready!.backend;
    },
    get isReady() {
      return supervisor.child !== undefined;
    },
    get processId() {
      return supervisor.child?.processId;
    },
    get waiting() {
      return batcher.waiting;
    },
    predict: batcher.predict,
    reload: () => supervisor.replace(),
    stop: () => supervisor.stop(),
  };
}

/** A process that does not come to an end of a batch is ended. */
async function runWithin(
  child: Child<Batch, BatchResult, ComputeReady>,
  batch: Batch,
  seconds: number,
): Promise<BatchResult> {
  const timer = setTimeout(() => child.kill(), seconds * 1000);
  try {
    return await child.run(batch);
  } finally {
    clearTimeout(timer);
  }
}
