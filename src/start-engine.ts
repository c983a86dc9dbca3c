/** @file Choosing a backend in one place: the fastest that this machine can run, and why. */
import type { Backend } from './backends/backend.ts';
import { createReferenceBackend } from './backends/reference/reference.ts';
import { ThreadsError } from './backends/wasm/threads.ts';
import type { Variant } from './backends/wasm/variant.ts';
import { createWasmBackend } from './backends/wasm/wasm.ts';
import { checkNames } from './nn/check-config.ts';
import { Engine } from './tensor/engine.ts';

export const backendNames = ['wasm', 'reference'] as const;
export type BackendName = (typeof backendNames)[number];

export interface EngineOptions {
  /** The fastest that runs here if left out. */
  readonly backend?: BackendName;
  /**
   * Threads of the wasm backend. If left out: all cores; in a browser one, unless the page is cross-origin isolated and
   * the engine is started in a worker.
   */
  readonly threads?: number;
}

/**
 * Starts a backend and an engine on it. The environment variable EGNN_WASM (simd | relaxed | revectorized) insists on
 * one build of the kernels; EGNN_MEMORY limits their memory, in MiB.
 * @throws RangeError if `threads` is not a positive integer; TypeError if there is no such option; Error if the backend
 * asked for does not run here, or as many threads as asked for do not
 */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  checkNames('startEngine', options, ['backend', 'threads']);
  const { backend, threads } = options;
  if (backend !== undefined && !backendNames.includes(backend))
    throw new RangeError(`backend must be one of ${backendNames.join(', ')}; got ${backend}`);
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 64))
    throw new RangeError(`threads must be an integer from 1 to 64; got ${threads}`);
  if (backend === 'reference') return new Engine(createReferenceBackend());
  const variant = (globalThis.process?.env?.EGNN_WASM || undefined) as Variant | undefined;
  const limit = memoryLimit();
  try {
    return new Engine(await createWasmBackend({ threads, variant, memoryLimit: limit }));
  } catch (error) {
    if (backend === 'wasm' || variant || error instanceof ThreadsError) throw error;
    return new Engine(withReason(createReferenceBackend(), (error as Error).message));
  }
}

/** In bytes. @throws RangeError */
function memoryLimit(): number | undefined {
  const text = globalThis.process?.env?.EGNN_MEMORY;
  if (!text) return undefined;
  const mebibytes = Number(text);
  if (!(Number.isInteger(mebibytes) && mebibytes >= 1 && mebibytes <= 4096))
    throw new RangeError(`EGNN_MEMORY must be 1 to 4096, in MiB; got ${text}`);
  return mebibytes * 2 ** 20;
}

function withReason(backend: Backend, reason: string): Backend {
  return { ...backend, description: `${backend.description}, because ${reason}` };
}
