/** @file Models that are fuzzed: configurations, whole model files, and settings as the command line takes them. */

import { autoencoderExperiment } from '../../src/cli/autoencoder-experiment.ts';
import { UsageError } from '../../src/cli/errors.ts';
import { nbodyExperiment } from '../../src/cli/nbody-experiment.ts';
import { qm9Experiment } from '../../src/cli/qm9-experiment.ts';
import { parseSettings } from '../../src/cli/settings.ts';
import { FormatError } from '../../src/formats/index.ts';
import { EGNN, startEngine } from '../../src/index.ts';
import { checkModelConfig, LoadedModel, packModel, unpackModel } from '../../src/models/index.ts';
import type { Reader } from './readers.ts';

const engine = await startEngine({ backend: 'reference' });
const options = { inputFeatures: 5, hiddenFeatures: 4, layers: 1, readout: { outputs: 1 }, seed: 1 };
const config = checkModelConfig({
  format: 'egnn-model',
  version: 1,
  network: { kind: 'egnn', ...options },
  edges: 'complete',
  atoms: { elements: ['H', 'C', 'N', 'O', 'F'], chargePowers: [0], maximumCharge: 9 },
  outputs: [{ name: 'energy', mean: 0, scale: 1, atomReferences: { H: 1.5 } }],
});
const state = await new EGNN(engine, options).stateDict();
export const exampleModel = { config, state };
const others = [
  { kind: 'gnn', inputFeatures: 2, outputFeatures: 1 },
  { kind: 'radial-field', hiddenFeatures: 4 },
  { kind: 'linear-dynamics' },
  {
    kind: 'egnn',
    inputFeatures: 2,
    normalize: { epsilon: 0, constant: 1, detached: true },
    tanh: 3,
    velocity: true,
  },
].map((network) => ({ format: 'egnn-model', version: 1, network, edges: 'complete' }));

const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const json = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));
const molecule = { numbers: [1, 6], positions: [0, 0, 0, 0, 0, 1.1] };

export const MODEL_READERS: Reader[] = [
  {
    name: 'config',
    corpus: () => [config, ...others].map(bytesOf),
    read: (bytes) => checkModelConfig(json(bytes)),
    refuses: (error) => error instanceof RangeError || error instanceof SyntaxError,
  },
  {
    name: 'model',
    corpus: () => [packModel(exampleModel)],
    // What loads has to predict, or say why not.
    read(bytes) {
      const model = new LoadedModel(engine, unpackModel(bytes));
      return model.config.atoms && model.predictMolecules([molecule]);
    },
    refuses: (error) =>
      error instanceof RangeError ||
      error instanceof TypeError ||
      /^the weights|^missing|^.* is missing/.test(error.message),
  },
  ...[nbodyExperiment, qm9Experiment, autoencoderExperiment].map(
    ({ name, form }): Reader => ({
      name: `settings of ${name}`,
      corpus: () => [bytesOf(form.recipe({}))],
      read(bytes) {
        parseSettings<unknown>(form, json(bytes));
      },
      refuses: (error) => error instanceof UsageError || error instanceof SyntaxError,
    }),
  ),
];

export function isRefusal(reader: Reader, error: unknown): boolean {
  return error instanceof FormatError || (error instanceof Error && (reader.refuses?.(error) ?? false));
}
