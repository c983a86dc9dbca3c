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
  /** Nothing can be computed, and the last attempt to mend that has failed. */
  readonly isBroken: boolean;
  readonly waiting: number;
  /** See `Batcher.predict`. */
  predict: Batcher['predict'];
  /** Reads all models anew. @throws Error saying what is wrong with them; those there are stay in use */
  reload(): Promise<void>;
  stop(): void;
}

interface ComputingEvents {
  onEnded(): void;
  onFailedStart(reason: Error): void;
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
    onBatch(items, seconds) {
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
    settingsAfter: ({ read }) => ({ models: read, engine }) satisfies ComputeSettings,
    accept: ({ models }, before) => expectSame(models, before.models),
    onEnded: events.onEnded,
    onFailedStart: events.onFailedStart,
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
    get isBroken() {
      return supervisor.isBroken;
    },
    get waiting() {
      return batcher.waiting;
    },
    predict: batcher.predict,
    reload: () => supervisor.replace(),
    stop: () => supervisor.stop(),
  };
}

/** Addresses and schemas stand for as long as the server. @throws Error naming a model that takes or gives something else */
function expectSame(models: readonly ModelDescription[], before: readonly ModelDescription[]): void {
  const form = ({ parameters: _, digest: __, outputs, ...rest }: ModelDescription) =>
    JSON.stringify([rest, outputs?.map(({ name, unit }) => [name, unit])]);
  for (const [k, model] of models.entries())
    if (form(model) !== form(before[k]))
      throw new Error(
        `model ${model.name} takes or gives something else than before; start the server anew for that`,
      );
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
