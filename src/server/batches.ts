/**
 * @file Requests wait here in the order of their arrival, and are gathered into batches of one model. A batch goes out
 * when nothing is being computed; a second one waits for it ready to hand, so that the engine never waits for the server.
 */
import type { Batch, BatchResult, Item } from './messages.ts';
import { edgesOfItem } from './read-request.ts';

/** As many edges as a pass of the network takes; see `LoadedModel`. */
const EDGES_A_BATCH = 40_000;
/** A batch that waits for the engine is sent ahead with this many edges, or after this many milliseconds. */
const EDGES_AHEAD = EDGES_A_BATCH / 4;
const GATHER_MILLISECONDS = 2;
const BATCHES_AHEAD = 2;

type ItemResult = BatchResult[number];

/** What was asked for together. */
interface Request {
  readonly key: string;
  readonly batch: Omit<Batch, 'items'>;
  readonly since: number;
  readonly signal: AbortSignal;
  readonly results: ItemResult[];
  missing: number;
  readonly resolve: (results: BatchResult) => void;
  readonly reject: (error: unknown) => void;
}

interface Waiting {
  readonly request: Request;
  /** In the request. */
  readonly index: number;
  readonly item: Item;
  readonly edges: number;
}

export interface Batcher {
  /**
   * @returns a result an item
   * @throws the signal's reason once it is aborted, which gives the places of those that wait free; what `compute` throws
   */
  predict(batch: Batch, signal: AbortSignal): Promise<BatchResult>;
  /** Batches may go out again, to another process. */
  resume(): void;
  /** Items that wait. */
  readonly waiting: number;
}

interface BatcherOptions {
  /** Computes; undefined while nothing can. */
  compute(): ((batch: Batch) => Promise<BatchResult>) | undefined;
  onBatch?(items: number, edges: number, seconds: number): void;
}

export function createBatcher({ compute, onBatch }: BatcherOptions): Batcher {
  let queue: Waiting[] = [];
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
      queue = queue.filter(({ request }) => !request.signal.aborted);
      const work = compute();
      if (queue.length === 0 || !work) return;
      const members = nextBatch();
      const edges = members.reduce((sum, each) => sum + each.edges, 0);
      const waited = performance.now() - members[0].request.since;
      if (running > 0 && edges < EDGES_AHEAD && waited < GATHER_MILLISECONDS) {
        if (timer) return;
        timer = setTimeout(() => {
          timer = undefined;
          send();
        }, GATHER_MILLISECONDS - waited);
        return;
      }
      const taken = new Set(members);
      queue = queue.filter((each) => !taken.has(each));
      void run(work, members, edges);
    }
  }

  /** The oldest one, and those of its kind that fit in with it. */
  function nextBatch(): Waiting[] {
    const { key } = queue[0].request;
    const members: Waiting[] = [];
    let edges = 0;
    for (const each of queue) {
      if (each.request.key !== key) continue;
      if (members.length > 0 && edges + each.edges > EDGES_A_BATCH) break;
      members.push(each);
      edges += each.edges;
    }
    return members;
  }

  async function run(
    work: (batch: Batch) => Promise<BatchResult>,
    members: readonly Waiting[],
    edges: number,
  ): Promise<void> {
    running++;
    const start = performance.now();
    try {
      const results = await work({ ...members[0].request.batch, items: members.map(({ item }) => item) });
      onBatch?.(members.length, edges, (performance.now() - start) / 1000);
      for (const [k, { request, index }] of members.entries()) {
        request.results[index] = results[k];
        if (--request.missing === 0) request.resolve(request.results);
      }
    } catch (error) {
      for (const { request } of members) request.reject(error);
    } finally {
      running--;
      schedule();
    }
  }

  return {
    predict({ items, ...batch }, signal) {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        const key = JSON.stringify([batch.model, batch.kind, batch.forces]);
        const since = performance.now();
        const results = new Array<ItemResult>(items.length);
        const request = { key, batch, since, signal, results, missing: items.length, resolve, reject };
        for (const [index, item] of items.entries())
          queue.push({ request, index, item, edges: edgesOfItem(item) });
        schedule();
      });
    },
    resume: schedule,
    get waiting() {
      return queue.length;
    },
  };
}
