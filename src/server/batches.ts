/**
 * @file Requests wait here in the order of their arrival, and are gathered into batches of one model. A batch goes out
 * when nothing is being computed; a second one waits for it ready to hand, so that the engine never waits for the server.
 * A request that fills more than a batch goes to the end of the queue after each, so that others wait for two of its
 * batches and not for all.
 */
import type { Batch, BatchResult, Item } from './messages.ts';

/** As much as a pass of the network takes, in edges; see `EDGES_A_PASS`. */
const WORK_A_BATCH = 40_000;
/** A batch that waits for the engine is sent ahead with this much work, or after this many milliseconds. */
const WORK_AHEAD = WORK_A_BATCH / 4;
const GATHER_MILLISECONDS = 2;
const BATCHES_AHEAD = 2;

type ItemResult = BatchResult[number];

/** What was asked for together. */
interface Request {
  readonly key: string;
  readonly batch: Omit<Batch, 'items'>;
  readonly items: readonly Item[];
  /** Of each item, in edges. */
  readonly work: readonly number[];
  readonly since: number;
  readonly signal: AbortSignal;
  /** The first item that has not been sent. */
  next: number;
  readonly results: ItemResult[];
  missing: number;
  /** It has failed; what is left of it is not computed. */
  hasFailed: boolean;
  readonly resolve: (results: BatchResult) => void;
  readonly reject: (error: unknown) => void;
}

/** Items `first .. end` of a request in a batch. */
interface Part {
  readonly request: Request;
  readonly first: number;
  readonly end: number;
}

export interface Batcher {
  /**
   * @param work of each item, in edges
   * @returns a result an item
   * @throws the signal's reason once it is aborted, which gives the places of those that wait free; what `compute` throws
   */
  predict(batch: Batch, work: readonly number[], signal: AbortSignal): Promise<BatchResult>;
  /** Batches may go out again, to another process. */
  resume(): void;
  /** Items that wait. */
  readonly waiting: number;
}

interface BatcherOptions {
  /** Computes; undefined while nothing can. */
  compute(): ((batch: Batch) => Promise<BatchResult>) | undefined;
  onBatch?(items: number, seconds: number): void;
}

export function createBatcher({ compute, onBatch }: BatcherOptions): Batcher {
  /** Those with items that have not been sent. */
  let queue: Request[] = [];
  let running = 0;
  let timer: NodeJS.Timeout | undefined;
  let isScheduled = false;

  /** After what arrived in the same turn of the event loop has been taken up. */
  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      send();
    });
  }

  function send(): void {
    while (running < BATCHES_AHEAD) {
      queue = queue.filter(({ signal, hasFailed }) => !signal.aborted && !hasFailed);
      const computeBatch = compute();
      if (queue.length === 0 || !computeBatch) return;
      const { parts, work } = nextBatch();
      const waited = performance.now() - parts[0].request.since;
      if (running > 0 && work < WORK_AHEAD && waited < GATHER_MILLISECONDS) {
        if (timer) return;
        timer = setTimeout(() => {
          timer = undefined;
          send();
        }, GATHER_MILLISECONDS - waited);
        return;
      }
      take(parts);
      void run(computeBatch, parts);
    }
  }

  /** Of the oldest request, and of those of its kind that fit in with it. */
  function nextBatch(): { parts: Part[]; work: number } {
    const { key } = queue[0];
    const parts: Part[] = [];
    let total = 0;
    for (const request of queue) {
      if (request.key !== key) continue;
      const { next: first, work } = request;
      let end = first;
      while (end < work.length && (total === 0 || total + work[end] <= WORK_A_BATCH)) total += work[end++];
      if (end > first) parts.push({ request, first, end });
      if (end < work.length) break;
    }
    return { parts, work: total };
  }

  function take(parts: readonly Part[]): void {
    const taken = new Set<Request>();
    for (const { request, end } of parts) {
      request.next = end;
      taken.add(request);
    }
    const unfinished = [...taken].filter(({ next, items }) => next < items.length);
    queue = [...queue.filter((request) => !taken.has(request)), ...unfinished];
  }

  async function run(
    computeBatch: (batch: Batch) => Promise<BatchResult>,
    parts: readonly Part[],
  ): Promise<void> {
    running++;
    const start = performance.now();
    try {
      const items = parts.flatMap(({ request, first, end }) => request.items.slice(first, end));
      const results = await computeBatch({ ...parts[0].request.batch, items });
      onBatch?.(items.length, (performance.now() - start) / 1000);
      let k = 0;
      for (const { request, first, end } of parts) {
        for (let index = first; index < end; index++) request.results[index] = results[k++];
        request.missing -= end - first;
        if (request.missing === 0) request.resolve(request.results);
      }
    } catch (error) {
      for (const { request } of parts) {
        request.hasFailed = true;
        request.reject(error);
      }
    } finally {
      running--;
      schedule();
    }
  }

  return {
    predict({ items, ...batch }, work, signal) {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        queue.push({
          key: JSON.stringify([batch.model, batch.kind, batch.forces]),
          batch,
          items,
          work,
          since: performance.now(),
          signal,
          next: 0,
          results: new Array<ItemResult>(items.length),
          missing: items.length,
          hasFailed: false,
          resolve,
          reject,
        });
        schedule();
      });
    },
    resume: schedule,
    get waiting() {
      return queue.reduce((sum, { items, next }) => sum + items.length - next, 0);
    },
  };
}
