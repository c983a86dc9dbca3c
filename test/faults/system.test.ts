// What the system does to commands: a full disk, folders that cannot be written, files that vanish, readers that leave.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EGNN, startEngine } from '../../src/index.ts';
import { checkModelConfig, packModel } from '../../src/models/index.ts';
import { RunFolder } from '../../src/train/index.ts';
import { canRun, MAIN } from './command.ts';
import { writeSmallQM9 } from './small-qm9.ts';

const MOLECULES = fileURLToPath(new URL('../fixtures/molecules/qm9.xyz', import.meta.url));
const TINY = [
  '--threads',
  '1',
  '--hidden',
  '8',
  '--layers',
  '1',
  '--trajectories',
  '40,20,20',
  '--batch-size',
  '10',
];

/** Why no small disk can be made here; '' if one can. */
const noDisk = (() => {
  const folder = mkdtempSync(join(tmpdir(), 'egnn-mount-'));
  try {
    const { status, stderr, error } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
    if (status !== 0) return `mount: ${error?.message ?? String(stderr).trim().split('\n')[0]}`;
    spawnSync('umount', [folder]);
    return '';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
})();

describe.skipIf(!canRun)('egnn (skipped when dist/ is not built)', () => {
  let folder: string;
  let molecules: string;
  let model: string;
  const mounted: string[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'egnn-system-'));
    molecules = join(folder, 'many.xyz');
    const network = { hiddenFeatures: 16, layers: 2, seed: 1, readout: { outputs: 1 } };
    const engine = await startEngine({ backend: 'reference' });
    const state = await new EGNN(engine, { inputFeatures: 5, ...network }).stateDict();
    const config = checkModelConfig({
      format: 'egnn-model',
      version: 1,
      network: { kind: 'egnn', inputFeatures: 5, ...network },
      edges: 'complete',
      atoms: { elements: ['H', 'C', 'N', 'O', 'F'], chargePowers: [0], maximumCharge: 9 },
      outputs: [{ name: 'energy', mean: 0, scale: 1 }],
    });
    model = join(folder, 'model.safetensors');
    writeFileSync(model, packModel({ config, state }));
    writeFileSync(molecules, readFileSync(MOLECULES, 'utf8').repeat(3000));
  });
  afterAll(() => {
    for (const path of mounted) spawnSync('umount', [path]);
    rmSync(folder, { recursive: true, force: true });
  });

  const environment = () => ({ ...process.env, EGNN_CACHE: join(folder, 'cache') });
  function egnn(...args: string[]) {
    const options = { cwd: folder, env: environment(), encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], options);
    return { status, stdout, stderr };
  }
  function mount(name: string, options: string): string {
    const path = join(folder, name);
    mkdirSync(path);
    const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
    if (status !== 0) throw new Error(String(stderr));
    mounted.push(path);
    return path;
  }

  describe.skipIf(noDisk !== '')(`with a disk of its own${noDisk && ` (skipped: ${noDisk})`}`, () => {
    it('a full disk ends a training with 3; what is there can be read, and it goes on with more room', async () => {
      const disk = mount('full', 'size=96k');
      const run = join(disk, 'run');
      const first = egnn(
        'train',
        'nbody',
        ...TINY,
        '--hidden',
        '24',
        '--epochs',
        '1',
        '--out',
        run,
        '--quiet',
      );
      expect(first.stderr).toMatch(/^egnn: cannot write .*\/run\/\S+: no space left on device \(ENOSPC\)/);
      expect(first.status).toBe(3);
      expect(readdirSync(run).filter((name) => name.endsWith('.tmp') || name === 'run.lock')).toEqual([]);
      await (await RunFolder.open(run)).readCheckpoint(() => expect.unreachable());

      spawnSync('mount', ['-o', 'remount,size=10m', disk]);
      expect(egnn('train', 'nbody', '--resume', run, '--quiet')).toMatchObject({ status: 0, stderr: '' });
    });

    it('a full disk ends a prediction with 3, which goes on where it was', () => {
      const disk = mount('narrow', 'size=64k');
      const out = join(disk, 'out.csv');
      const full = egnn('predict', model, molecules, '--out', out, '--quiet');
      expect(full.stderr).toContain('make room and give the same command again');
      expect(full.status).toBe(3);
      expect(existsSync(out)).toBe(false);
      spawnSync('mount', ['-o', 'remount,size=10m', disk]);
      expect(egnn('predict', model, molecules, '--out', out, '--quiet').status).toBe(0);
      const whole = join(folder, 'whole.csv');
      expect(egnn('predict', model, molecules, '--out', whole, '--quiet').status).toBe(0);
      expect(readFileSync(out).equals(readFileSync(whole))).toBe(true);
      expect(readdirSync(disk)).toEqual(['out.csv']);
    });

    it('a full disk under the cache is said, and the training goes on', () => {
      const disk = mount('cache-disk', 'size=4k');
      const options = {
        cwd: folder,
        env: { ...environment(), EGNN_CACHE: join(disk, 'cache') },
        encoding: 'utf8',
      } as const;
      const args = ['train', 'nbody', ...TINY, '--epochs', '1', '--out', 'no-cache'];
      const { status, stderr } = spawnSync(process.execPath, [MAIN, ...args], options);
      expect(stderr).toMatch(/N-body data not kept: cannot write .*no space left/);
      expect(status).toBe(0);
    });

    it.each([
      ['train', (disk: string) => ['train', 'nbody', ...TINY, '--epochs', '1', '--out', join(disk, 'run')]],
      ['predict', (disk: string) => ['predict', model, MOLECULES, '--out', join(disk, 'out.csv')]],
      [
        'export',
        (disk: string) => ['export', 'nbody', '--to', 'safetensors', '--out', join(disk, 'a.safetensors')],
      ],
    ])('a folder that cannot be written ends %s with 4', (name, args) => {
      const disk = mount(`read-only-${name}`, 'ro');
      const { status, stderr } = egnn(...args(disk));
      expect(stderr).toMatch(/EROFS|read-only file system/);
      expect(stderr).toContain(disk);
      expect(status).toBe(4);
    });
  });

  it.each([
    ['evaluate', ['evaluate', 'nowhere']],
    ['train --resume', ['train', 'nbody', '--resume', 'nowhere']],
    ['predict, model', ['predict', 'nowhere', MOLECULES]],
    ['predict, input', ['predict', 'nbody', 'nowhere.npz']],
  ])('what is not there ends %s with 5', (_, args) => {
    const { status, stderr } = egnn(...args);
    expect(stderr).toMatch(/^egnn: .*nowhere/);
    expect(status).toBe(5);
  });

  /** A training that does not end by itself; it prints a line an epoch. */
  const trainForLong = (out: string) => {
    const long = ['--epochs', '100000', '--patience', '0', '--validate-every', '1'];
    const args = [MAIN, 'train', 'nbody', ...TINY, ...long, '--out', out, '--json'];
    return spawn(process.execPath, args, { cwd: folder, env: environment() });
  };

  it('a run folder that vanishes while it trains ends with 5', async () => {
    const child = trainForLong('vanishing');
    let errors = '';
    child.stderr.on('data', (text) => {
      errors += text;
    });
    await once(child.stdout, 'data');
    child.stdout.resume();
    renameSync(join(folder, 'vanishing'), join(folder, 'gone'));
    const [code] = await once(child, 'exit');
    expect(errors).toMatch(/^egnn: cannot write vanishing\/\S+: no such file or directory \(ENOENT\)/);
    expect(code).toBe(5);
  });

  it('a second process on a run folder ends with 6, and is told who has it', async () => {
    const child = trainForLong('held');
    await once(child.stdout, 'data');
    child.stdout.resume();
    for (const again of [
      ['--resume', 'held'],
      [...TINY, '--out', 'held'],
    ]) {
      const { status, stderr } = egnn('train', 'nbody', ...again);
      expect(stderr).toContain(`process ${child.pid} on ${hostname()} has been using held since`);
      expect(status).toBe(6);
    }
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    expect(code).toBe(130);
    expect(existsSync(join(folder, 'held/run.lock'))).toBe(false);
  });

  describe('a learning rate of 100', () => {
    beforeAll(() => writeSmallQM9(join(folder, 'cache')));
    const SMALL = ['--threads', '1', '--quiet', '--learning-rate', '100'];
    const TRAJECTORIES = ['--trajectories', '40,20,20', '--batch-size', '10'];
    const MOLECULES_USED = ['--samples', '96', '--validation-samples', '48', '--batch-size', '24'];

    it.each([
      ['nbody', 'egnn', ...TRAJECTORIES],
      ['nbody', 'gnn', '--clip', '0', ...TRAJECTORIES],
      ['qm9', 'all', '--preset', 'tiny', ...MOLECULES_USED],
      ['qm9', 'mu', '--preset', 'paper', '--target', 'mu', '--hidden', '16', ...MOLECULES_USED],
      ['autoencoder', 'egnn', '--samples', '10'],
    ])('ends %s, %s, with 7: step, layer, largest values, advice', (experiment, subject, ...args) => {
      const out = `exploding-${experiment}-${subject}`;
      const model = experiment === 'nbody' ? ['--model', subject] : [];
      const { status, stderr, stdout } = egnn('train', experiment, ...model, ...args, ...SMALL, '--out', out);
      expect(stderr).toMatch(
        /^egnn: the (loss|length of the gradient) is (NaN|Infinity) at step \d+; the (first numbers that are not finite come from|gradient is largest in) \S+; largest .*gcl_0 \d\S+, /,
      );
      expect(stderr).toMatch(
        /\(exploding-\S+ keeps the last good checkpoint; try a lower --learning-rate first, then --warm-up 0.05 and --clip\)\n$/,
      );
      expect([status, stdout]).toEqual([7, '']);
    });

    it('that leaves finite numbers is a warning, with step, largest values and advice', () => {
      const args = ['train', 'nbody', '--model', 'radial-field', ...TRAJECTORIES, '--epochs', '10', ...SMALL];
      const { status, stderr } = egnn(...args, '--out', 'useless');
      expect(stderr).toMatch(
        /^egnn: warning: the loss has run away: \S+ in epoch 1, up to step 4, .* largest finite values: gcl_0 \d\S+, .* lower learning rate\n$/,
      );
      expect(status).toBe(0);
      // Of the recipe's own learning rate there is nothing to say.
      const usual = egnn(...args.slice(0, -1), '2e-3', '--out', 'usual');
      expect(usual).toMatchObject({ status: 0, stderr: '' });
      const testOf = (run: string) => JSON.parse(readFileSync(join(folder, run, 'result.json'), 'utf8')).test;
      expect(testOf('useless')).toBeGreaterThan(100 * testOf('usual'));
    });
  });

  it.each([1, 70_000])('a reader that leaves after %i bytes ends a prediction quietly', async (bytes) => {
    const child = spawn(process.execPath, [MAIN, 'predict', model, molecules, '--quiet'], { cwd: folder });
    let errors = '';
    child.stderr.on('data', (text) => {
      errors += text;
    });
    let got = 0;
    for await (const text of child.stdout) {
      got += text.length;
      if (got >= bytes) break;
    }
    child.stdout.destroy();
    const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
    expect([code, errors]).toEqual([0, '']);
    expect(statSync(molecules).size).toBeGreaterThan(1e6);
  });
});
