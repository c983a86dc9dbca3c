// Disks that are full or can only be read, as tmpfs: exit codes, and what goes on when there is room again.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunFolder } from '../../src/train/index.ts';
import { canRun } from './command.ts';
import { MOLECULES, SystemFolder, TINY } from './system-folder.ts';

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

const skipped = canRun ? noDisk : 'dist/ is not built';

describe.skipIf(skipped !== '')(`a disk of its own${skipped && ` (skipped: ${skipped})`}`, () => {
  const mounted: string[] = [];
  let folder: SystemFolder;
  beforeAll(async () => {
    folder = new SystemFolder();
    await folder.writeModels();
  });
  afterAll(() => {
    for (const path of mounted) spawnSync('umount', [path]);
    folder.remove();
  });

  function mount(name: string, options: string): string {
    const path = folder.at(name);
    mkdirSync(path);
    const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
    if (status !== 0) throw new Error(String(stderr));
    mounted.push(path);
    return path;
  }

  it('a full disk ends a training with 3; what is there can be read, and it goes on with more room', async () => {
    const disk = mount('full', 'size=96k');
    const run = join(disk, 'run');
    const first = folder.egnn(
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
    expect(folder.egnn('train', 'nbody', '--resume', run, '--quiet')).toMatchObject({
      status: 0,
      stderr: '',
    });
  });

  it('a full disk ends a prediction with 3, which goes on where it was', () => {
    const disk = mount('narrow', 'size=64k');
    const out = join(disk, 'out.csv');
    const full = folder.egnn('predict', folder.model, folder.molecules, '--out', out, '--quiet');
    expect(full.stderr).toContain('make room and give the same command again');
    expect(full.status).toBe(3);
    expect(existsSync(out)).toBe(false);
    spawnSync('mount', ['-o', 'remount,size=10m', disk]);
    expect(folder.egnn('predict', folder.model, folder.molecules, '--out', out, '--quiet').status).toBe(0);
    const whole = folder.at('whole.csv');
    expect(folder.egnn('predict', folder.model, folder.molecules, '--out', whole, '--quiet').status).toBe(0);
    expect(readFileSync(out).equals(readFileSync(whole))).toBe(true);
    expect(readdirSync(disk)).toEqual(['out.csv']);
  });

  it('a full disk under the cache is said, and the training goes on', () => {
    const disk = mount('cache-disk', 'size=4k');
    const args = ['train', 'nbody', ...TINY, '--epochs', '1', '--out', 'no-cache'];
    const { status, stderr } = folder.egnnWithCache(join(disk, 'cache'), ...args);
    expect(stderr).toMatch(/N-body data not kept: cannot write .*no space left/);
    expect(status).toBe(0);
  });

  it('a full disk ends npz with 3 where its records fit and the whole file does not', () => {
    const disk = mount('npz', 'size=10m');
    const some = folder.at('some.xyz');
    writeFileSync(some, readFileSync(MOLECULES, 'utf8').repeat(500));
    const predict = (name: string) =>
      folder.egnn('predict', folder.model, some, '--out', join(disk, name), '--quiet');
    expect([predict('records.jsonl').status, predict('whole.npz').status]).toEqual([0, 0]);
    const records = statSync(join(disk, 'records.jsonl')).size;
    const whole = readFileSync(join(disk, 'whole.npz'));
    for (const name of readdirSync(disk)) rmSync(join(disk, name));
    const room = records + 16 * 1024 + whole.length / 2;
    spawnSync('mount', ['-o', `remount,size=${Math.round(room / 1024)}k`, disk]);
    const full = predict('out.npz');
    expect(full.stderr).toMatch(/^egnn: .*(ENOSPC|no space left)/);
    expect(full.status).toBe(3);
    expect(readdirSync(disk).sort()).toEqual(['out.npz.partial', 'out.npz.partial.json']);
    spawnSync('mount', ['-o', 'remount,size=10m', disk]);
    expect(predict('out.npz').status).toBe(0);
    expect(readFileSync(join(disk, 'out.npz')).equals(whole)).toBe(true);
    expect(readdirSync(disk)).toEqual(['out.npz']);
  });

  it('a run in a folder that can only be read is evaluated and reported elsewhere', () => {
    const disk = mount('read-only-run', 'size=10m');
    const run = join(disk, 'run');
    const args = [...TINY, '--epochs', '1', '--validate-every', '1', '--quiet'];
    expect(folder.egnn('train', 'nbody', ...args, '--out', run).status).toBe(0);
    const result = JSON.parse(readFileSync(join(run, 'result.json'), 'utf8'));
    const asReadOnly = (change: () => void) => {
      spawnSync('mount', ['-o', 'remount,rw', disk]);
      change();
      spawnSync('mount', ['-o', 'remount,ro', disk]);
    };
    asReadOnly(() => {});
    const evaluated = folder.egnn('evaluate', run, '--json');
    expect([evaluated.status, evaluated.stderr]).toEqual([0, '']);
    expect(JSON.parse(evaluated.stdout).test).toBeCloseTo(result.test, 10);
    expect(folder.egnn('report', run)).toMatchObject({ status: 4 });
    expect(folder.egnn('report', run, '--out', 'report.html')).toMatchObject({ status: 0, stderr: '' });

    asReadOnly(() => {
      rmSync(join(run, 'report.json'));
      rmSync(join(run, 'report.html'));
    });
    const anew = folder.egnn('report', run, '--out', 'anew.html');
    expect(anew.stderr).toMatch(/^egnn: warning: the predictions will be measured again: cannot write .*\n$/);
    expect(anew.status).toBe(0);
    expect(readFileSync(folder.at('anew.html'), 'utf8')).toContain('Worst cases');
    const finished = folder.egnn('train', 'nbody', '--resume', run, '--quiet');
    expect(finished.stderr).toMatch(/^egnn: warning: no report of .* cannot write .*\n$/);
    expect([finished.status, finished.stdout]).toEqual([0, expect.stringMatching(/^egnn: test MSE/)]);

    asReadOnly(() => rmSync(join(run, 'result.json')));
    expect(folder.egnn('train', 'nbody', '--resume', run, '--quiet')).toMatchObject({
      status: 4,
      stdout: '',
      stderr: expect.stringMatching(/^egnn: cannot write .*run\.lock: read-only file system/),
    });
  });

  it.each([
    ['train', (disk: string) => ['train', 'nbody', ...TINY, '--epochs', '1', '--out', join(disk, 'run')]],
    ['predict', (disk: string) => ['predict', folder.model, MOLECULES, '--out', join(disk, 'out.csv')]],
    ['report', (disk: string) => ['report', 'trained', '--svg', join(disk, 'plots')]],
    ['report, nested', (disk: string) => ['report', 'trained', '--svg', join(disk, 'all', 'plots')]],
    [
      'import',
      (disk: string) => ['import', folder.model, '--elements', 'H,C,N,O,F', '--out', join(disk, 'model')],
    ],
    [
      'export',
      (disk: string) => ['export', 'nbody', '--to', 'safetensors', '--out', join(disk, 'a.safetensors')],
    ],
  ])('a folder that cannot be written ends %s with 4', (name, args) => {
    const disk = mount(`read-only-${name.replace(/\W+/, '-')}`, 'ro');
    if (name.startsWith('report') && !existsSync(folder.at('trained')))
      folder.egnn('train', 'nbody', ...TINY, '--epochs', '1', '--out', 'trained', '--quiet');
    const { status, stderr } = folder.egnn(...args(disk));
    expect(stderr).toMatch(/EROFS|read-only file system/);
    expect(stderr).toContain(disk);
    expect(status).toBe(4);
  });
});
