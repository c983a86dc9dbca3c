/** @file Where the first number of a step that is not finite comes from, and how large the numbers before it were. */
import type { Tensor } from './tensor.ts';

export interface NonFinite {
  readonly layer: string;
  /** Of the absolute values, by the layers' names. */
  readonly largest: ReadonlyMap<string, number>;
}

/** `; the first numbers ... come from LAYER; the largest before were ...`; '' where nothing is known. */
export function describeNonFinite(found: NonFinite | undefined): string {
  if (!found) return '';
  const largest = [...found.largest].map(([name, value]) => `${name} ${value.toPrecision(3)}`);
  return `; the first numbers that are not finite come from ${found.layer}; largest finite values: ${largest.join(', ')}`;
}

/** @param tape the operations of a step, in their order */
export async function findNonFinite(
  tape: Iterable<{ readonly layer: string; readonly outputs: readonly Tensor[] }>,
): Promise<NonFinite | undefined> {
  const largest = new Map<string, number>();
  for (const { layer, outputs } of tape) {
    const name = layer === '' ? 'the input or the loss' : layer;
    for (const output of outputs) {
      const values = await output.read();
      let found = largest.get(name) ?? 0;
      for (const value of values) if (Number.isFinite(value)) found = Math.max(found, Math.abs(value));
      largest.set(name, found);
      if (!values.every(Number.isFinite)) return { layer: name, largest };
    }
  }
  return undefined;
}
