/** @file The page's side of the compute worker. The worker starts with the first call. */
import { type ComputeInfo, type Reply, type Request, restoreError } from './messages.ts';

export interface CallOptions {
  /** Ends the job; the call then fails with the signal's reason. */
  readonly signal?: AbortSignal;
  onProgress?(value: unknown): void;
}

export interface Compute {
  /**
   * Runs function `fn` of `views/VIEW/compute.ts` in the worker.
   * @param argument goes through structured clone; so does the result, whose typed arrays are transferred
   * @throws an Error with the name and message of what the function throws, or the signal's reason
   */
  call<Result>(view: string, fn: string, argument?: unknown, options?: CallOptions): Promise<Result>;
  /** Starts the engine and says what it is. */
  info(): Promise<ComputeInfo>;
}

interface Job {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  onProgress?(value: unknown): void;
}

type Channel = Pick<Worker, 'postMessage' | 'addEventListener'>;

/** @param start makes the worker */
export function createCompute(start: () => Channel): Compute {
  const jobs = new Map<number, Job>();
  let worker: Channel | undefined;
  let lastId = 0;

  const listen = (): Channel => {
    const channel = start();
    channel.addEventListener('message', (event) => {
      const reply = (event as MessageEvent<Reply>).data;
      const job = jobs.get(reply.id);
      if (!job) return;
      if (reply.type === 'progress') {
        job.onProgress?.(reply.value);
        return;
      }
      jobs.delete(reply.id);
      if (reply.type === 'result') job.resolve(reply.value);
      else job.reject(restoreError(reply.error));
    });
    channel.addEventListener('error', (event) => {
      const { message } = event as ErrorEvent;
      const error = new Error(`the compute worker failed: ${message || 'its script could not be loaded'}`);
      for (const job of jobs.values()) job.reject(error);
      jobs.clear();
      // The next call gets a new one.
      worker = undefined;
    });
    return channel;
  };

  const ask = (request: (id: number) => Request, options: CallOptions = {}): Promise<unknown> => {
    const { signal, onProgress } = options;
    signal?.throwIfAborted();
    worker ??= listen();
    const channel = worker;
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      const abort = () => {
        jobs.delete(id);
        channel.postMessage({ type: 'abort', id } satisfies Request);
        reject(signal!.reason);
      };
      const settled = () => signal?.removeEventListener('abort', abort);
      jobs.set(id, {
        resolve(value) {
          settled();
          resolve(value);
        },
        reject(error) {
          settled();
          reject(error);
        },
        onProgress,
      });
      signal?.addEventListener('abort', abort, { once: true });
      try {
        channel.postMessage(request(id));
      } catch (error) {
        // Something in the argument cannot be cloned.
        jobs.delete(id);
        settled();
        reject(error);
      }
    });
  };

  return {
    async call<Result>(view: string, fn: string, argument?: unknown, options?: CallOptions) {
      return (await ask((id) => ({ type: 'call', id, view, fn, argument }), options)) as Result;
    },
    async info() {
      return (await ask((id) => ({ type: 'info', id }))) as ComputeInfo;
    },
  };
}
