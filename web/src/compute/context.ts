/** @file What the functions of a view's `compute.ts` are given, in the worker. */
import type { Engine } from 'egnn';

export interface ComputeContext {
  /**
   * The engine, started once and shared by all views: with all threads where the page is cross-origin isolated, one
   * otherwise.
   */
  engine(): Promise<Engine>;
  /** Sends a value to the caller's `onProgress` (structured clone). */
  progress(value: unknown): void;
  /** Aborted when the caller has lost interest. The call has failed for the caller already; end soon. */
  readonly signal: AbortSignal;
  /** Lets messages in, an abort among them; call it every few milliseconds of long work. */
  pause(): Promise<void>;
}

/**
 * A function that a view's `compute.ts` exports. Typed arrays in its result are transferred, not copied: return a copy
 * of what the worker keeps.
 */
export type ComputeFunction = (argument: never, context: ComputeContext) => unknown;
