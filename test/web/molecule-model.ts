/** @file A small model of molecules with random weights, for tests. Two layers with attention, two outputs. */
import type { ModelConfig } from 'egnn/models';

export const moleculeConfig: ModelConfig = {
  format: 'egnn-model',
  version: 1,
  network: {
    kind: 'egnn',
    inputFeatures: 10,
    hiddenFeatures: 12,
    layers: 2,
    attention: true,
    updateCoordinates: false,
    readout: { outputs: 2 },
    seed: 5,
  },
  edges: 'complete',
  atoms: { elements: ['H', 'C', 'N', 'O', 'F'], chargePowers: [0, 1], maximumCharge: 9 },
  outputs: [
    { name: 'mu', unit: 'D', mean: 2.5, scale: 1.2, testError: 0.15 },
    { name: 'gap', unit: 'hartree', mean: 0.25, scale: 0.04, testError: 0.0054 },
  ],
};
