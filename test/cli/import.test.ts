// egnn import and egnn export as people call them. Skipped when dist/ is not built.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  readNpz,
  readSafetensors,
  type SafetensorsInput,
  writeSafetensors,
} from '../../src/formats/index.ts';
import { loadModel } from '../../src/models/index.ts';
import { reference } from '../support/engines.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const VARIANTS = new URL('../fixtures/variants/', import.meta.url);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'egnn-import-'));
  for (const [name, prefix] of [
    ['authors_qm9', 'model.'],
    ['edm_dynamics', 'dynamics.'],
    ['lucidrains_fourier', ''],
  ])
    writeFileSync(join(folder, `${name}.safetensors`), weightsOf(name, prefix));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A fixture's weights as a checkpoint: below a prefix, beside something that is no weight. */
function weightsOf(name: string, prefix: string): Uint8Array {
  const arrays = readNpz(readFileSync(new URL(`${name}.npz`, VARIANTS)));
  const tensors: [string, SafetensorsInput][] = Object.entries(arrays).flatMap(([key, { shape, data }]) =>
    key.startsWith('param.')
      ? [[prefix + key.slice(6), { shape, data: data as Float64Array }] as [string, SafetensorsInput]]
      : [],
  );
  return writeSafetensors([...tensors, ['steps', { shape: [], data: BigInt64Array.of(7n) }]]);
}

function egnn(...args: string[]) {
  return spawnSync(process.execPath, [MAIN, ...args], { cwd: folder, encoding: 'utf8' });
}

describe.skipIf(!existsSync(MAIN))('egnn import and export (skipped when dist/ is not built)', () => {
  it('makes a model folder, says what it assumed, and the folder loads', async () => {
    const { status, stdout, stderr } = egnn(
      ...['import', 'authors_qm9.safetensors', '--out', 'mu', '--elements', 'H,C,O'],
      ...['--output', 'mu:D:2.5:0.5'],
    );
    expect(stderr).toContain("the authors' QM9 model");
    expect(stderr).toContain("below 'model.'");
    expect(stderr).toContain('assumed: residual = true');
    expect([status, stdout]).toEqual([0, '337 parameters in mu\n']);
    const config = JSON.parse(readFileSync(join(folder, 'mu/config.json'), 'utf8'));
    expect(config.outputs).toEqual([{ name: 'mu', unit: 'D', mean: 2.5, scale: 0.5 }]);
    expect(config.network.inputAttributes).toBe(true);
    expect(readFileSync(join(folder, 'mu/README.md'), 'utf8')).toContain('| mu | D | 2.5 + 0.5 x raw |');

    const engine = await reference.start();
    const model = await loadModel(join(folder, 'mu'), { engine });
    const water = { numbers: [8, 1, 1], positions: [0, 0, 0, 0.96, 0, 0, -0.24, 0.93, 0] };
    const [{ values }] = await model.predictMolecules([water]);
    expect(Number.isFinite(values.mu)).toBe(true);
    engine.close();

    const again = egnn('import', 'authors_qm9.safetensors', '--out', 'mu');
    expect(again.stderr).toContain('mu holds a model already; --overwrite replaces it');
    expect(again.status).toBe(2);
  });

  it('takes options, a prefix and a vector field', () => {
    const { stdout, status } = egnn(
      ...['import', 'edm_dynamics.safetensors', '--json', '--out', 'edm', '--prefix', 'dynamics.egnn.'],
      ...['--set', 'tanh=false', '--set', 'messageAggregation=100', '--set', 'activation=relu'],
    );
    expect(status).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.architecture).toBe('edm');
    expect(report.config.network).toMatchObject({
      tanh: false,
      messageAggregation: 100,
      activation: 'relu',
      coordinateNetwork: 'pair',
    });
    expect(report.config.vectorField).toEqual({ time: true, context: 0 });
    expect(report.assumed.map(({ option }: { option: string }) => option)).toEqual([
      'normalize',
      'coordinateAggregation',
    ]);
  });

  it('exports: one file that loads, names of PyTorch, ONNX', async () => {
    egnn(...['import', 'lucidrains_fourier.safetensors', '--out', 'fourier', '--set', 'fourierFeatures=2']);
    const one = egnn('export', 'fourier', '--to', 'safetensors');
    expect([one.status, one.stdout]).toEqual([
      0,
      expect.stringMatching(/^fourier\.safetensors: \d+ parameters/),
    ]);
    const engine = await reference.start();
    const model = await loadModel(readFileSync(join(folder, 'fourier.safetensors')), { engine });
    expect(model.config.network).toMatchObject({ fourierFeatures: 2, edgeFeatures: 0 });
    const { h } = await model.predictGraph({ X: [[1, 2, 3]], C: [[0, 0, 0]] });
    expect(h!.every(Number.isFinite)).toBe(true);
    engine.close();

    egnn('export', 'fourier', '--to', 'pytorch-names', '--out', 'names.safetensors');
    const { tensors, metadata } = readSafetensors(readFileSync(join(folder, 'names.safetensors')));
    expect([...tensors.keys()]).toContain('gcl_0.edge_mlp.2.weight');
    expect(metadata).toEqual({ format: 'pt' });

    const onnx = JSON.parse(egnn('export', 'fourier', '--to', 'onnx', '--json').stdout);
    expect(onnx).toMatchObject({ out: 'fourier.onnx', kind: 'onnx' });
    const existing = egnn('export', 'fourier', '--to', 'onnx');
    expect(existing.stderr).toContain('fourier.onnx exists; --overwrite replaces it');
    expect(existing.status).toBe(2);
  });

  it.each([
    [['authors_qm9.safetensors', '--set', 'atention=true'], 2, 'Unrecognized key: "atention"'],
    [['authors_qm9.safetensors', '--set', 'layers'], 2, 'expected option=value'],
    [['authors_qm9.safetensors', '--elements', 'H,Xx,O'], 2, 'not a chemical element'],
    [['authors_qm9.safetensors', '--elements', 'H,C'], 2, 'makes 2 features an atom; its network takes 3'],
    [['authors_qm9.safetensors', '--output', 'mu:D:x'], 2, 'expected name, name:unit'],
    [['authors_qm9.safetensors', '--from', 'schnet'], 2, 'no architecture is called schnet'],
    [['authors_qm9.safetensors', '--from', 'edm'], 2, 'these are not weights of edm'],
    [['edm_dynamics.safetensors', '--prefix', 'ema.'], 2, "below 'ema.'"],
    [['nothing.pt'], 5, 'ENOENT'],
    [['broken.pt'], 1, 'egnn: broken.pt cannot be read: '],
    [['broken.safetensors'], 1, 'egnn: broken.safetensors cannot be read: safetensors: '],
    [['authors_qm9.safetensors', '--args', 'broken.pt'], 1, 'egnn: broken.pt cannot be read: pickle: '],
  ])('import %j ends with code %i: %s', (args, code, message) => {
    writeFileSync(join(folder, 'broken.pt'), 'no weights');
    writeFileSync(join(folder, 'broken.safetensors'), '\x09\0\0\0\0\0\0\0{"a": 1}');
    const { status, stderr } = egnn('import', ...args, '--out', 'refused');
    expect(stderr).toContain(message);
    expect(status).toBe(code);
    expect(existsSync(join(folder, 'refused'))).toBe(false);
  });

  it('a folder without a model is an error that says what a model is', () => {
    const { status, stderr } = egnn('export', '.', '--to', 'onnx', '--out', 'x.onnx');
    expect(status).toBe(5);
    expect(stderr).toContain('a model folder has model.safetensors and config.json');
  });
});
