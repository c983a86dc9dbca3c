/** @file How large the numbers of a step are, layer by layer, and where the first one that is not finite comes from. */
import type { Tensor } from './tensor.ts';

export interface NonFinite {
  /** Where the first number that is not finite comes from; undefined where all are finite. */
  readonly layer: string | undefined;
  /** Of the absolute values that are finite, by the layers' names. */
  readonly largest: ReadonlyMap<string, number>;
  /** Of the absolute values of the gradients, where it is them that ran away; infinite for NaN. */
  readonly gradients?: ReadonlyMap<string, number>;
}

/** `; the first numbers ... come from LAYER; largest finite values: ...`; '' where nothing is known. */
export function describeNonFinite({ layer, largest, gradients }: NonFinite): string {
  const parts: string[] = [];
  if (gradients) parts.push(`the gradient is largest in ${layer}; largest gradients: ${list(gradients)}`);
  else if (layer !== undefined) parts.push(`the first numbers that are not finite come from ${layer}`);
  if (largest.size > 0) parts.push(`largest finite values: ${list(largest)}`);
  return parts.map((part) => `; ${part}`).join('');
}

function list(largest: ReadonlyMap<string, number>): string {
  return [...largest].map(([name, value]) => `${name} ${value.toPrecision(3)}`).join(', ');
}

/** @param tape the operations of a step, in their order */
export async function findNonFinite(
  tape: Iterable<{ readonly layer: string; readonly outputs: readonly Tensor[] }>,
): Promise<NonFinite> {
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
  return { layer: undefined, largest };
}
