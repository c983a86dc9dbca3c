// A trained model of other people on the command line gives what their own code gives.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { findStateDicts, readNpz, readPyTorch, writeNpz } from '../../src/formats/index.ts';
import { importWeights, type ModelConfig, packModel, type Weights } from '../../src/models/index.ts';
import { at, cells, isBuilt, predict, removeFolder } from './predict-command.ts';

const SHARED = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

afterAll(removeFolder);

const missing = !isBuilt || !existsSync(SHARED);
describe.skipIf(missing)('the trained dipole model of MDM (skipped without ../shared or dist/)', () => {
  it.each([
    { backend: 'wasm', count: 1000, within: 1e-4 },
    // The outputs to compare with were computed in float32, and are up to 1.8e-6 off exact ones.
    { backend: 'reference', count: 30, within: 2e-6 },
  ])(
    'gives the raw outputs of its own code on $backend',
    { timeout: 240_000 },
    ({ backend, count, within }) => {
      const [{ tensors }] = findStateDicts(
        readPyTorch(readFileSync(join(SHARED, 'checkpoints/mdm_mu/best_checkpoint.pt'))),
      );
      const describe: Pick<ModelConfig, 'atoms' | 'outputs'> = {
        atoms: { elements: ['H', 'C', 'N', 'O', 'F'], chargePowers: [0], maximumCharge: 9 },
        outputs: [{ name: 'mu', unit: 'D', mean: 2.6753, scale: 1.1772 }],
      };
      writeFileSync(at('mu.safetensors'), packModel(importWeights(tensors as Weights, { describe })));
      const qm9 = readNpz(readFileSync(join(SHARED, 'qm9/qm9_test.npz')));
      const { rows, raw_output, qm9_index } = readNpz(
        readFileSync(join(SHARED, 'checkpoints/mdm_mu/reference_outputs.npz')),
      );
      const chosen = Array.from(rows.data as BigInt64Array, Number).slice(0, count);
      const some = Object.fromEntries(
        ['num_atoms', 'charges', 'positions', 'index'].map((name) => {
          const { data, shape } = qm9[name];
          const width = data.length / shape[0];
          const values = chosen.flatMap((row) =>
            Array.from(data.slice(row * width, (row + 1) * width), Number),
          );
          return [name, { data: Float64Array.from(values), shape: [count, ...shape.slice(1)] }];
        }),
      );
      writeFileSync(at('some.npz'), writeNpz(some));
      const predicted = cells(predict('mu.safetensors', 'some.npz', '--backend', backend).stdout);
      expect(predicted.map((row) => row[2])).toEqual(
        Array.from(qm9_index.data as BigInt64Array, String).slice(0, count),
      );
      const off = predicted.map((row, k) =>
        Math.abs((Number(row[3]) - 2.6753) / 1.1772 - Number(raw_output.data[k])),
      );
      expect(Math.max(...off)).toBeLessThan(within);
    },
  );
});
