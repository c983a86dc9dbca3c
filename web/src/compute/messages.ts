/** @file What the page and its compute worker say to each other. */
export type Request =
  | {
      readonly type: 'call';
      readonly id: number;
      readonly view: string;
      readonly fn: string;
      readonly argument: unknown;
    }
  | { readonly type: 'info'; readonly id: number }
  | { readonly type: 'abort'; readonly id: number };

export type Reply =
  | { readonly type: 'result'; readonly id: number; readonly value: unknown }
  | { readonly type: 'progress'; readonly id: number; readonly value: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: ErrorText };

/** The engine that computes here. */
export interface ComputeInfo {
  /** `wasm`, or `reference` where WebAssembly SIMD does not run. */
  readonly name: string;
  /** What runs and why, for people. */
  readonly backend: string;
  readonly threads: number;
}

/** An error as text: cloning keeps neither the names of our own errors nor anything that cannot be cloned. */
export interface ErrorText {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

export function describeError(error: unknown): ErrorText {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  return { name: error.name, message: error.message, stack: error.stack };
}

export function restoreError({ name, message, stack }: ErrorText): Error {
  return Object.assign(new Error(message), { name, stack });
}
