/** @file The tape: which operations made which tensors, in their order, so that a backward pass can walk it in reverse. */
import type { Backend, Matrix } from '../backends/backend.ts';
import type { Tensor } from './tensor.ts';

export interface TapeEntry {
  readonly layer: string;
  readonly outputs: readonly Tensor[];
  /** Adds this operation's share to its inputs' gradients, given those of its outputs. */
  readonly backward: (outputGradients: readonly (Matrix | undefined)[]) => void;
}

/** Takes the gradients that tensors of the tape have to everything they were made from. */
export function walkBack(tape: readonly TapeEntry[], backend: Backend): void {
  for (let position = tape.length - 1; position >= 0; position--) {
    const { outputs, backward } = tape[position];
    if (!outputs.some((output) => output.gradient)) continue;
    for (const output of outputs)
      if (output.gradient && output.gradientIsAccumulator) backend.combine(output.gradient);
    backward(outputs.map((output) => output.gradient));
    // Handed on: a second loss of this step starts from nothing.
    for (const output of outputs) {
      if (output.gradient) backend.free(output.gradient);
      output.gradient = undefined;
      output.gradientIsAccumulator = false;
    }
  }
}
