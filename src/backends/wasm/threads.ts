/**
 * @file Worker threads, in Node and in browsers: as many as asked for, started once. Starting one takes longer than
 * choosing and compiling the kernels, so workers are spawned first and get the kernels when they are there.
 *
 * Node's modules are asked for at run time (`process.getBuiltinModule`), so that bundlers for browsers find none.
 */
import { workerUrl } from '../../workers.ts';
import { MAXIMUM_THREADS } from './command-ring.ts';
import { programTable } from './program.ts';
import type { WorkerSetup } from './worker.ts';

export interface ThreadLimit {
  readonly threads: number;
  /** Why it is one, and what to do about it. */
  readonly reason?: string;
}

const inNode = () => Boolean(globalThis.process?.versions?.node);

/** How many threads this machine, or this page, can run at once. */
export function threadLimit(): ThreadLimit {
  if (inNode()) {
    const { availableParallelism } = process.getBuiltinModule('node:os');
    return { threads: Math.min(availableParallelism(), MAXIMUM_THREADS) };
  }
  if (!globalThis.crossOriginIsolated)
    return {
      threads: 1,
      reason:
        'the page is not cross-origin isolated: send Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp with it',
    };
  if (typeof document !== 'undefined' || typeof Worker === 'undefined')
    return {
      threads: 1,
      reason: 'only a worker of the page may wait for other threads: start the engine in one',
    };
  return { threads: Math.min(navigator.hardwareConcurrency, MAXIMUM_THREADS) };
}

/** As many threads as were asked for cannot run here. */
export class ThreadsError extends Error {
  override name = 'ThreadsError';
}

/** @throws ThreadsError if a browser cannot run that many here. Node runs more threads than it has cores. */
export function assertThreads(threads: number): void {
  if (threads === 1 || inNode()) return;
  const { reason } = threadLimit();
  if (reason)
    throw new ThreadsError(`${threads} threads do not run here, because ${reason}; or leave \`threads\` out`);
}

interface Workers {
  /** Resolves when all listen to the ring. @throws ThreadsError if one cannot be started */
  start(setup: Omit<WorkerSetup, 'thread' | 'threads' | 'programs'>): Promise<void>;
  /** Told of a worker that has died since. */
  onDeath(listener: (message: string) => void): void;
  /** Whether a worker has died, known even while this thread is blocked; undefined where it is not. */
  hasEnded(thread: number): boolean | undefined;
  end(): void;
}

/** A worker of Node or of a browser. */
interface Port {
  post(setup: WorkerSetup): void;
  /** Called with the first message, which says that the worker is ready. */
  onMessage(listener: () => void): void;
  onDeath(listener: (message: string) => void): void;
  hasEnded(): boolean | undefined;
  /** The process may end though the worker waits. */
  release(): void;
  end(): void;
}

/** Spawns workers 1..threads-1, which wait for their setup. */
export function spawnWorkers(threads: number): Workers {
  const spawn = inNode() ? spawnInNode : spawnInBrowser;
  const ports = Array.from({ length: threads - 1 }, spawn);
  const ready = Promise.all(ports.map(readiness));
  // Who waits for `start` hears of a failure; until then it must not end the process.
  ready.catch(() => {});
  return {
    async start(setup) {
      for (const [position, port] of ports.entries())
        port.post({ ...setup, thread: position + 1, threads, programs: programTable() });
      await ready;
      for (const port of ports) port.release();
    },
    onDeath(listener) {
      for (const port of ports) port.onDeath(listener);
    },
    hasEnded: (thread) => ports[thread - 1]?.hasEnded(),
    end() {
      for (const port of ports) port.end();
    },
  };
}

function readiness(port: Port): Promise<void> {
  return new Promise((resolve, reject) => {
    port.onMessage(resolve);
    port.onDeath((message) => reject(new ThreadsError(`a worker thread could not be started: ${message}`)));
  });
}

function spawnInNode(): Port {
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  // Without the options of the command line: a program given by --eval would have none for its workers.
  const worker = new Worker(workerUrl('./worker.js', import.meta.url), { execArgv: [] });
  return {
    post: (setup) => worker.postMessage(setup),
    onMessage: (listener) => worker.once('message', listener),
    onDeath(listener) {
      worker.once('error', (error) => listener(error.message));
      worker.once('exit', (code) => listener(`it ended with code ${code}`));
    },
    // The event that says so waits for the event loop; but Node has no idle time of a thread that has ended.
    hasEnded: () => worker.performance.eventLoopUtilization().idle < 0,
    release() {
      // Node has to be asked once while the thread is alive.
      worker.performance.eventLoopUtilization();
      worker.unref();
    },
    end: () => void worker.terminate(),
  };
}

function spawnInBrowser(): Port {
  // Bundlers know a worker by exactly this expression.
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'egnn' });
  return {
    post: (setup) => worker.postMessage(setup),
    onMessage: (listener) => worker.addEventListener('message', () => listener(), { once: true }),
    onDeath: (listener) =>
      worker.addEventListener(
        'error',
        ({ message }) => listener(message || 'its script could not be loaded'),
        {
          once: true,
        },
      ),
    hasEnded: () => undefined,
    release() {},
    end: () => worker.terminate(),
  };
}
