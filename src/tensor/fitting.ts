/** @file Graphs held against the memory before anything is computed on them, once a size. */
import type { MemoryMeasurement } from '../backends/backend.ts';
import { OutOfMemoryError } from '../backends/out-of-memory.ts';
import type { Graph } from '../graph/graph.ts';

interface Size {
  readonly nodeCount: number;
  readonly edgeCount: number;
}

export class Fitting {
  /** The largest that is known to fit, by whose work it was. */
  readonly #known = new WeakMap<object, Size>();

  /**
   * @param measure what the owner's work on this graph takes; not asked where a larger one has fitted
   * @throws OutOfMemoryError saying how much it needs
   */
  expect(
    owner: object,
    { graphCount, nodeCount, edgeCount }: Graph,
    measure: () => MemoryMeasurement | undefined,
  ): void {
    const known = this.#known.get(owner);
    if (known && nodeCount <= known.nodeCount && edgeCount <= known.edgeCount) return;
    const found = measure();
    if (found && found.needed > found.available) {
      const size = [graphCount, nodeCount, edgeCount].map((count) => count.toLocaleString('en'));
      const what = `${size[0]} graph${graphCount === 1 ? '' : 's'} with ${size[1]} nodes and ${size[2]} edges`;
      throw new OutOfMemoryError(what, found.needed, found.available);
    }
    this.#known.set(owner, {
      nodeCount: Math.max(nodeCount, known?.nodeCount ?? 0),
      edgeCount: Math.max(edgeCount, known?.edgeCount ?? 0),
    });
  }
}
