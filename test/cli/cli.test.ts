// The built command line, as people and programs call it. Skipped when dist/ is not built.
import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/formats/index.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const PARITY = fileURLToPath(new URL('../../dist/cli/parity.js', import.meta.url));
const CASES = fileURLToPath(new URL('../fixtures/parity', import.meta.url));
const TINY = [
  '--trajectories',
  '40,20,20',
  '--batch-size',
  '10',
  '--hidden',
  '8',
  '--layers',
  '2',
  '--threads',
  '1',
];

let folder: string;
let environment: NodeJS.ProcessEnv;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'egnn-cli-'));
  environment = { ...process.env, EGNN_CACHE: join(folder, 'cache') };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(script: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: folder,
    env: environment,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}
const egnn = (...args: string[]) => run(MAIN, ...args);
const jsonLines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe.skipIf(!existsSync(MAIN))('egnn (skipped when dist/ is not built)', () => {
  it('trains, then evaluates and checks what it trained', () => {
    const trained = egnn('train', 'nbody', ...TINY, '--epochs', '3', '--out', 'one');
    expect(trained.stderr).toContain('training egnn in one');
    expect(trained.stdout).toMatch(/^egnn: test MSE 0\.\d+ at the best validation MSE .* in one\n$/);
    expect(trained.status).toBe(0);

    const { test, validation } = JSON.parse(readFileSync(join(folder, 'one/result.json'), 'utf8'));
    const [evaluated] = jsonLines(egnn('evaluate', 'one', '--json', '--threads', '1').stdout);
    expect(evaluated).toMatchObject({ model: 'egnn', test, validation });
    expect(egnn('evaluate', 'one', '--backend', 'reference').stdout).toContain('test MSE');

    const [checked] = jsonLines(egnn('check', 'one', '--json').stdout);
    for (const error of Object.values(checked.errors)) expect(error).toBeLessThan(1e-5);
    expect(egnn('check', 'one').stdout).toMatch(/rotation +\d\.\de-\d/);
  });

  it('--json prints one object an epoch and a last one, nothing else', () => {
    const { stdout, stderr, status } = egnn(
      'train',
      'nbody',
      ...TINY,
      '--model',
      'gnn',
      '--epochs',
      '2',
      '--json',
    );
    expect(status).toBe(0);
    expect(stderr).toBe('');
    const lines = jsonLines(stdout);
    expect(lines.map(({ epoch }) => epoch)).toEqual([1, 2, 2]);
    expect(lines[0]).toMatchObject({ step: 4, validation: null });
    expect(lines[2]).toMatchObject({ status: 'finished', model: 'gnn', folder: join('runs', 'nbody-gnn') });
    expect(lines[2].test).toBeGreaterThan(0);
  });

  it('--quiet prints the result alone', () => {
    const { stdout, stderr } = egnn(
      'train',
      'nbody',
      ...TINY,
      '--model',
      'linear',
      '--epochs',
      '1',
      '--quiet',
    );
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^linear: test MSE .*\n$/);
  });

  it('takes settings from a file, flags first, and a run from the configuration of another', () => {
    writeFileSync(join(folder, 'settings.json'), JSON.stringify({ epochs: 2, learningRate: 0.005, seed: 3 }));
    egnn('train', 'nbody', ...TINY, '--config', 'settings.json', '--seed', '4', '--out', 'two', '--quiet');
    const two = JSON.parse(readFileSync(join(folder, 'two/config.json'), 'utf8'));
    expect(two).toMatchObject({
      epochs: 2,
      learningRate: 0.005,
      seed: 4,
      samples: 40,
      threads: 1,
      backend: 'wasm',
    });
    expect(egnn('train', 'nbody', '--config', 'two/config.json', '--out', 'three', '--quiet').status).toBe(0);
    for (const name of ['config.json', 'last.safetensors', 'best.safetensors'])
      expect(readFileSync(join(folder, 'two', name)).equals(readFileSync(join(folder, 'three', name)))).toBe(
        true,
      );
  });

  it.each([
    [['train', 'nbody', '--epochs', '0'], 'epochs: Too small: expected number to be >=1; got 0'],
    [
      ['train', 'nbody', '--epochs', 'many'],
      'epochs: Invalid input: expected number, received string; got "many"',
    ],
    [['train', 'nbody', '--model', 'mlp'], 'expected one of "egnn"|"gnn"|"radial-field"|"linear"; got "mlp"'],
    [['train', 'nbody', ...TINY, '--samples', '41'], 'samples must be at most 40'],
    [['train', 'nbody', '--trajectories', '1,2'], 'trajectories: Too small'],
    [['train', 'nbody', '--config', 'unknown.json'], 'unknown setting epoch; allowed: model, seed, epochs,'],
    [['train', 'nbody', '--config', 'nowhere.json'], 'cannot read settings from nowhere.json'],
    [
      ['train', 'nbody', '--resume', 'x', '--epochs', '3'],
      'a resumed run keeps its settings; leave out epochs',
    ],
    [['train', 'nbody', '--epoch', '3'], "unknown option '--epoch'"],
    [['train', 'qm10'], "unknown command 'qm10'"],
    [['info', '--threads', '0'], 'threads: Too small'],
  ])('wrong usage %j says what is wrong and exits with 2', (args, message) => {
    writeFileSync(join(folder, 'unknown.json'), '{"epoch": 3}');
    const { status, stderr, stdout } = egnn(...args);
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });

  it('what fails is one line and an exit code; a stack comes with EGNN_DEBUG=1', () => {
    const { status, stderr } = egnn('evaluate', 'nowhere');
    expect(stderr).toMatch(/^egnn: nowhere is not the folder of a run: .*\n$/);
    expect(status).toBe(5);
    environment.EGNN_DEBUG = '1';
    expect(egnn('evaluate', 'nowhere').stderr).toContain('    at ');
    delete environment.EGNN_DEBUG;
  });

  it('a folder that holds a run is wrong usage, said before anything is made', () => {
    const cached = readdirSync(environment.EGNN_CACHE!);
    const { status, stderr } = egnn('train', 'nbody', '--trajectories', '9,9,9', '--out', 'one');
    expect(stderr).toBe('egnn: one holds a run already; resume it, or choose another folder\n');
    expect(status).toBe(2);
    writeFileSync(join(folder, 'a-file'), '');
    for (const command of [
      ['train', 'nbody', '--trajectories', '9,9,9', '--out', 'a-file'],
      ['import', 'one/best.safetensors', '--out', 'a-file'],
      ['report', 'one', '--png', 'a-file'],
    ])
      expect(egnn(...command)).toEqual({
        status: 2,
        stdout: '',
        stderr: 'egnn: a-file is a file; give the name of a folder\n',
      });
    expect(readdirSync(environment.EGNN_CACHE!)).toEqual(cached);
  });

  it.each([
    ['a model', { format: 'egnn-model', version: 1 }, 'a model, not a training run'],
    [
      "a program's run",
      { learningRate: 1 },
      "a run of a program of one's own, whose data are not known here",
    ],
    ['no object', null, "a run of a program of one's own, whose data are not known here"],
    ['a later version', { task: 'weather' }, 'a run of weather'],
  ])('%s is not evaluated, checked, reported or resumed, and is told from a run', (name, config, what) => {
    const run = name.replaceAll(' ', '-');
    mkdirSync(join(folder, run));
    writeFileSync(join(folder, run, 'config.json'), JSON.stringify(config));
    for (const [command, takes] of [
      [['evaluate'], 'nbody, qm9, autoencoder'],
      [['report'], 'nbody, qm9, autoencoder'],
      [['check'], 'nbody'],
      [['train', 'qm9', '--resume'], 'qm9'],
    ] as const)
      expect(egnn(...command, run)).toEqual({
        status: 2,
        stdout: '',
        stderr: `egnn: ${run} is ${what}; this command takes runs of ${takes}\n`,
      });
  });

  it('a run of another experiment is not checked', () => {
    mkdirSync(join(folder, 'other'));
    writeFileSync(join(folder, 'other', 'config.json'), '{"task": "qm9"}');
    expect(egnn('check', 'other')).toMatchObject({
      status: 2,
      stderr: 'egnn: other is a run of qm9; this command takes runs of nbody\n',
    });
  });

  it('a diverging run names step and layer, and what to try', () => {
    const args = ['--learning-rate', '1e30', '--epochs', '9', '--out', 'diverging'];
    const { status, stderr } = egnn('train', 'nbody', ...TINY, ...args);
    expect(stderr).toMatch(
      /egnn: the .* is (NaN|-?Infinity) at step \d+; the first .* come from \w+.* \(diverging keeps/s,
    );
    expect(status).toBe(7);
    expect(existsSync(join(folder, 'diverging/last.safetensors'))).toBe(true);
  });

  describe('stopped and resumed', () => {
    const args = ['train', 'nbody', ...TINY, '--epochs', '150', '--ema', '0.9'];
    beforeAll(() => egnn(...args, '--out', 'whole', '--quiet'));

    /** Starts a run and sends it a signal once it has finished an epoch. */
    async function stop(out: string, signal: NodeJS.Signals) {
      const child = spawn(process.execPath, [MAIN, ...args, '--out', out, '--json'], {
        cwd: folder,
        env: environment,
      });
      let stderr = '';
      child.stderr.on('data', (text) => {
        stderr += text;
      });
      let stdout = '';
      child.stdout.on('data', (text) => {
        stdout += text;
      });
      child.stdout.once('data', () => child.kill(signal));
      const status = await new Promise((resolve) => child.on('close', resolve));
      expect(existsSync(join(folder, out, 'result.json'))).toBe(false);
      return { status, stdout, stderr };
    }

    function expectSameBitsWhenResumed(out: string) {
      const resumed = egnn('train', 'nbody', '--resume', out, '--json');
      expect(resumed.status).toBe(0);
      expect(jsonLines(resumed.stdout).at(-1)).toMatchObject({ status: 'finished', epoch: 150, step: 600 });
      for (const name of ['last.safetensors', 'best.safetensors'])
        expect(readFileSync(join(folder, out, name)).equals(readFileSync(join(folder, 'whole', name)))).toBe(
          true,
        );
      // A checkpoint also says how long the run took.
      const state = (run: string) =>
        readSafetensors(readFileSync(join(folder, run, 'state-600.safetensors')));
      expect(state(out).tensors).toEqual(state('whole').tensors);
      const metrics = jsonLines(readFileSync(join(folder, out, 'metrics.jsonl'), 'utf8'));
      expect(metrics.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 150 }, (_, k) => k + 1));
      expect(egnn('train', 'nbody', '--resume', out).stdout).toMatch(/^egnn: test MSE/);
    }

    it('by Ctrl-C, with a checkpoint and a word on how to resume: the same bits', async () => {
      const { status, stdout, stderr } = await stop('parts', 'SIGINT');
      expect(stderr).toMatch(/interrupted at step \d+; continue with: egnn train nbody --resume parts\n$/);
      expect(status).toBe(130);
      const last = jsonLines(stdout).at(-1);
      expect(last).toMatchObject({ status: 'interrupted', model: 'egnn', folder: 'parts' });
      expect(stderr).toContain(`at step ${last.step};`);
      expectSameBitsWhenResumed('parts');
    });

    it('by SIGKILL: the same bits', async () => {
      await stop('killed', 'SIGKILL');
      expectSameBitsWhenResumed('killed');
    });
  });

  it('makes the data set, and says what would run here', () => {
    const [data] = jsonLines(egnn('data', 'nbody', '--trajectories', '7,2,2', '--json').stdout);
    expect(data).toMatchObject({ train: 7, valid: 2, test: 2, cache: join(folder, 'cache') });
    const [info] = jsonLines(egnn('info', '--json', '--backend', 'reference').stdout);
    expect(info).toMatchObject({ node: process.version, precision: 'float64' });
    expect(egnn('info').stdout).toMatch(/^backend +WebAssembly/m);
  });

  it.each([
    [[]],
    [['train', 'nbody']],
    [['evaluate']],
    [['check']],
    [['data', 'nbody']],
    [['info']],
    [['start']],
    [['reproduce', 'nbody']],
  ])('%j --help has examples', (command) => {
    const { stdout, status } = egnn(...command, '--help');
    expect(stdout).toContain('Examples:');
    expect(status).toBe(0);
  });
});

describe.skipIf(!existsSync(PARITY))('parity (skipped when dist/ is not built)', () => {
  it.each(['reference', 'wasm'])('passes on the small cases with the %s backend', (backend) => {
    const { stdout, status } = run(PARITY, CASES, '--backend', backend);
    expect(stdout.match(/\.npz .* ok$/gm)?.length).toBe(11);
    expect(status).toBe(0);
  });

  it('fails where there is no case, on a file that is none, and without a folder', () => {
    const none = run(PARITY, folder);
    expect([none.status, none.stderr]).toEqual([1, `egnn: no parity case (*.npz) in ${folder}\n`]);
    const broken = mkdtempSync(join(folder, 'cases-'));
    writeFileSync(join(broken, 'a.npz'), 'no zip');
    const other = run(PARITY, broken);
    expect(other.status).toBe(1);
    expect(other.stderr).toContain(`${join(broken, 'a.npz')} cannot be run`);
    expect(run(PARITY).status).toBe(2);
  });
});
