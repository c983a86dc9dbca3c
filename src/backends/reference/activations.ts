/** @file The elementwise functions and their derivatives, in float64. */
import type { Activation } from '../backend.ts';

const LEAKY_SLOPE = 0.2;

export function sigmoid(z: number): number {
  return 1 / (1 + Math.exp(-z));
}

/** Each function beside its derivative. */
export const functions: Record<Activation, { f: (z: number) => number; derivative: (z: number) => number }> =
  {
    identity: { f: (z) => z, derivative: () => 1 },
    silu: {
      f: (z) => z * sigmoid(z),
      derivative: (z) => sigmoid(z) * (1 + z * (1 - sigmoid(z))),
    },
    relu: { f: (z) => (z > 0 ? z : z * 0), derivative: (z) => (z > 0 ? 1 : 0) },
    leakyRelu: { f: (z) => (z > 0 ? z : LEAKY_SLOPE * z), derivative: (z) => (z > 0 ? 1 : LEAKY_SLOPE) },
    tanh: { f: Math.tanh, derivative: (z) => 1 - Math.tanh(z) ** 2 },
    sigmoid: { f: sigmoid, derivative: (z) => sigmoid(z) * (1 - sigmoid(z)) },
    square: { f: (z) => z * z, derivative: (z) => 2 * z },
    // A distance of zero has no direction: its gradient is 0, not infinite.
    squareRoot: { f: Math.sqrt, derivative: (z) => (z > 0 ? 0.5 / Math.sqrt(z) : 0) },
    sin: { f: Math.sin, derivative: Math.cos },
    cos: { f: Math.cos, derivative: (z) => -Math.sin(z) },
  };
