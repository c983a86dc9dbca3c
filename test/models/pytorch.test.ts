// Weights of ours load with strict=True into the same model in PyTorch, and give the same outputs.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/formats/index.ts';
import { EGNN, type Engine, Graph } from '../../src/index.ts';
import { packModel } from '../../src/models/index.ts';
import { networkOf } from '../../src/tasks/nbody-models.ts';
import { reference } from '../support/engines.ts';
import { Draw } from '../support/random.ts';

/** A Python with torch and safetensors: EGNN_PYTHON, that of the bench, or the system's. */
const python = [process.env.EGNN_PYTHON, 'bench/.venv/bin/python', 'python3'].find(
  (name) => name && spawnSync(name, ['-c', 'import torch, safetensors, numpy']).status === 0,
);
const script = new URL('./load_in_pytorch.py', import.meta.url).pathname;
const cli = new URL('../../dist/cli/main.js', import.meta.url).pathname;
const counts = [5, 5, 3];
const graph = Graph.complete(counts);
const nodes = graph.nodeCount;

let engine: Engine;
let folder: string;
beforeAll(async () => {
  engine = await reference.start();
  folder = mkdtempSync(join(tmpdir(), 'egnn-pytorch-'));
});
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

it.skipIf(!python || !existsSync(cli))(
  'our weights in PyTorch (skipped without a Python that has torch and safetensors)',
  { timeout: 60_000 },
  async () => {
    const draw = new Draw(3);
    const floats = (length: number) => Float32Array.from(draw.normal(length));
    const velocity = networkOf({ model: 'egnn', hidden: 16, layers: 3, seed: 1 });
    const molecules = {
      kind: 'egnn',
      inputFeatures: 15,
      hiddenFeatures: 16,
      layers: 3,
      attention: true,
      updateCoordinates: false,
      readout: { outputs: 1 },
      seed: 2,
    } as const;
    const arrays = {
      h: { data: floats(nodes), shape: [nodes, 1] },
      x: { data: floats(nodes * 3), shape: [nodes, 3] },
      velocity: { data: floats(nodes * 3), shape: [nodes, 3] },
      edgeAttributes: { data: floats(graph.edgeCount * 2), shape: [graph.edgeCount, 2] },
      receivers: { data: graph.receivers, shape: [graph.edgeCount] },
      senders: { data: graph.senders, shape: [graph.edgeCount] },
    };
    const features = { data: floats(nodes * 15), shape: [nodes, 15] };
    const nodeCounts = { data: Int32Array.from(counts), shape: [counts.length] };

    for (const [kind, network, inputs] of [
      ['velocity', velocity, arrays],
      ['molecules', molecules, { h: features, x: arrays.x, nodeCounts }],
    ] as const) {
      const path = (name: string) => join(folder, `${kind}-${name}.safetensors`);
      const { kind: _, ...options } = network as typeof molecules;
      const model = new EGNN(engine, options);
      const state = await model.stateDict();
      writeFileSync(
        path('model'),
        packModel({ config: { format: 'egnn-model', version: 1, network, edges: 'complete' }, state }),
      );
      const exported = spawnSync(
        process.execPath,
        [cli, 'export', path('model'), '--to', 'pytorch-names', '--out', path('weights')],
        { encoding: 'utf8' },
      );
      expect(exported.stderr).toBe('');
      writeFileSync(path('inputs'), writeSafetensors(inputs));
      const run = spawnSync(
        python!,
        [script, kind, '16', '3', path('weights'), path('inputs'), path('output')],
        { encoding: 'utf8' },
      );
      expect(run.status, run.stderr).toBe(0);
      const theirs = readSafetensors(readFileSync(path('output'))).tensors.get('output')!
        .data as Float32Array;

      const ours = await engine.step(() => {
        const handle = engine.graph(graph);
        const tensor = (name: keyof typeof arrays, rows: 'nodes' | 'edges') => {
          const array = name in inputs ? (inputs as typeof arrays)[name] : undefined;
          return array && engine.tensor(array.data, handle[rows], array.shape[1]);
        };
        const output = model.forward({
          graph,
          h: tensor('h', 'nodes')!,
          x: tensor('x', 'nodes')!,
          velocity: tensor('velocity', 'nodes'),
          edgeAttributes: tensor('edgeAttributes', 'edges'),
        });
        return (output.y ?? output.x!).read();
      });
      expect(theirs.length).toBe(ours.length);
      for (let k = 0; k < ours.length; k++) expect(Math.abs(ours[k] - theirs[k])).toBeLessThan(1e-5);
    }
  },
);
