/** @file What the playground's worker gives the functions of a view, for tests that run them in Node. */
import type { Engine } from '../../src/index.ts';
import type { ComputeContext } from '../../web/src/compute/context.ts';

export function computeContext(
  engine: Engine,
  progress: (value: unknown) => void = () => {},
): ComputeContext {
  return {
    engine: async () => engine,
    progress,
    signal: new AbortController().signal,
    pause: async () => {},
  };
}
