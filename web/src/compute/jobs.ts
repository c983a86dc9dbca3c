/** @file The worker's side: runs calls, passes on progress and aborts. Knows nothing of workers, so that tests run it as it is. */
import type { Engine } from 'egnn';
import type { ComputeContext, ComputeFunction } from './context.ts';
import { type ComputeInfo, describeError, type Reply, type Request } from './messages.ts';
import { transferables } from './transfer.ts';

export interface JobSettings {
  startEngine(): Promise<Engine>;
  /** The functions of a view. */
  load(view: string): Promise<Readonly<Record<string, unknown>>>;
  send(reply: Reply, transfer: ArrayBuffer[]): void;
}

/** What to do with each message of the page. */
export function createJobs({ startEngine, load, send }: JobSettings): (request: Request) => Promise<void> {
  const running = new Map<number, AbortController>();
  let started: Promise<Engine> | undefined;
  const engine = () => {
    started ??= startEngine().catch((error) => {
      // Perhaps it can be started later, with less memory in use.
      started = undefined;
      throw error;
    });
    return started;
  };

  const run = async (request: Exclude<Request, { type: 'abort' }>, signal: AbortSignal): Promise<unknown> => {
    if (request.type === 'info') {
      const { backend } = await engine();
      const { name, description, threads } = backend;
      return { name, backend: description, threads } satisfies ComputeInfo;
    }
    const { id, view, fn, argument } = request;
    const work = (await load(view))[fn];
    if (typeof work !== 'function') throw new Error(`views/${view}/compute.ts has no function ${fn}`);
    const context: ComputeContext = {
      engine,
      progress: (value) => send({ type: 'progress', id, value }, []),
      signal,
      pause: nextTask,
    };
    return await (work as ComputeFunction)(argument as never, context);
  };

  return async (request) => {
    const { id } = request;
    if (request.type === 'abort') {
      running.get(id)?.abort();
      return;
    }
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const value = await run(request, controller.signal);
      if (!controller.signal.aborted) send({ type: 'result', id, value }, transferables(value));
    } catch (error) {
      if (!controller.signal.aborted) send({ type: 'error', id, error: describeError(error) }, []);
    } finally {
      running.delete(id);
    }
  };
}

/** A task of its own behind the messages that wait already; a timer would take 4 ms. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
