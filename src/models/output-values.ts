/** @file From what a network gives for a graph to the numbers that it stands for. */
import { symbolOf } from '../formats/molecules/elements.ts';
import type { OutputConfig } from './config.ts';

/**
 * mean + scale * raw for each output, and the references of the graph's atoms where an output has some.
 * @param raw [outputs], of one graph
 * @param numbers [N], the atomic numbers of its nodes; may be left out where no output has references
 * @throws RangeError naming an output whose value is not finite
 */
export function outputValues(
  outputs: readonly OutputConfig[],
  raw: ArrayLike<number>,
  numbers: ArrayLike<number> = [],
): number[] {
  return outputs.map(({ name, mean, scale, atomReferences }, k) => {
    if (!Number.isFinite(raw[k]))
      throw new RangeError(`${name} is ${raw[k]}; are its atoms too close together?`);
    const value = mean + scale * raw[k] + referenceOf(numbers, atomReferences);
    if (!Number.isFinite(value))
      throw new RangeError(
        `${name} is ${value}, from ${raw[k]} of the network and the configuration's mean, scale and atomReferences`,
      );
    return value;
  });
}

function referenceOf(numbers: ArrayLike<number>, references: OutputConfig['atomReferences']): number {
  if (!references) return 0;
  return Array.from(numbers, (number) => references[symbolOf(number)!] ?? 0).reduce((a, b) => a + b, 0);
}
