// What the system does to commands: files that are not there or vanish, runs in use, readers that leave.
import { once } from 'node:events';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunFolder } from '../../src/train/index.ts';
import { canRun } from './command.ts';
import { MOLECULES, SystemFolder, TINY } from './system-folder.ts';

describe.skipIf(!canRun)('egnn (skipped when dist/ is not built)', () => {
  let folder: SystemFolder;
  beforeAll(async () => {
    folder = new SystemFolder();
    await folder.writeModels();
  });
  afterAll(() => folder.remove());

  it.each([
    ['evaluate', ['evaluate', 'nowhere']],
    ['train --resume', ['train', 'nbody', '--resume', 'nowhere']],
    ['predict, model', ['predict', 'nowhere', MOLECULES]],
    ['predict, input', ['predict', 'nbody', 'nowhere.npz']],
  ])('what is not there ends %s with 5', (_, args) => {
    const { status, stderr } = folder.egnn(...args);
    expect(stderr).toMatch(/^egnn: .*nowhere/);
    expect(status).toBe(5);
  });

  it('a cache that cannot be read ends with what the system says of it', () => {
    const { status, stderr } = folder.egnn('data', 'qm9', '--cache', MOLECULES);
    expect(stderr).toMatch(/^egnn: cannot read .*qm9\.egnn: ENOTDIR/);
    expect(status).toBe(5);
  });

  /** A training that does not end by itself, after its first epoch: it prints a line for each. */
  async function trainForLong(out: string) {
    const long = ['--epochs', '100000', '--patience', '0', '--validate-every', '1'];
    const { child, end } = folder.spawn('train', 'nbody', ...TINY, ...long, '--out', out, '--json');
    await once(child.stdout, 'data');
    return { child, end };
  }

  it('a run folder that vanishes while it trains ends with 5', async () => {
    const { child, end } = await trainForLong('vanishing');
    child.stdout.resume();
    renameSync(folder.at('vanishing'), folder.at('gone'));
    const [code, errors] = await end;
    expect(errors).toMatch(/^egnn: cannot write vanishing\/\S+: no such file or directory \(ENOENT\)/);
    expect(code).toBe(5);
  });

  it('a second process on a run folder ends with 6, and is told who has it', async () => {
    const { child, end } = await trainForLong('held');
    child.stdout.resume();
    for (const again of [
      ['--resume', 'held'],
      [...TINY, '--out', 'held'],
    ]) {
      const { status, stderr } = folder.egnn('train', 'nbody', ...again);
      expect(stderr).toContain(`process ${child.pid} on ${hostname()} has been using held since`);
      expect(status).toBe(6);
    }
    child.kill('SIGINT');
    expect((await end)[0]).toBe(130);
    expect(existsSync(folder.at('held/run.lock'))).toBe(false);
  });

  it.each([
    ['csv', 1],
    ['csv', 70_000],
    ['jsonl', 70_000],
    ['xyz', 70_000],
    ['graphs as jsonl', 70_000],
  ])('a reader that leaves ends a prediction quietly: %s, after %i bytes', async (format, bytes) => {
    const { model, molecules, graphModel, graphs } = folder;
    const what = format === 'graphs as jsonl' ? [graphModel, graphs] : [model, molecules, '--to', format];
    const { child, end } = folder.spawn('predict', ...what, '--threads', '1', '--quiet');
    let got = 0;
    for await (const text of child.stdout) {
      got += text.length;
      if (got >= bytes) break;
    }
    expect(got).toBeGreaterThanOrEqual(bytes);
    expect(await end).toEqual([0, '']);
  });

  it('a reader that leaves ends a training quietly, which can be continued', async () => {
    const { child, end } = await trainForLong('left');
    child.stdout.destroy();
    expect(await end).toEqual([0, '']);
    expect(existsSync(folder.at('left/run.lock'))).toBe(false);
    await (await RunFolder.open(folder.at('left'))).readCheckpoint(() => expect.unreachable());
  });

  it.skipIf(!existsSync('/dev/full')).each([
    ['info', ['info']],
    ['predict', ['predict', 'qm9', MOLECULES]],
    ['train', ['train', 'nbody', ...TINY, '--epochs', '1', '--out', 'unsaid', '--json']],
  ])('standard output on a full disk ends %s with 3, and is said', (_, args) => {
    const { status, stderr } = folder.egnnInto('/dev/full', ...args);
    expect(stderr).toMatch(/^egnn: cannot write standard output: no space left on device \(ENOSPC\)$/m);
    expect(status).toBe(3);
  });

  it.each([
    [5, ['evaluate', 'nowhere']],
    [0, ['train', 'nbody', ...TINY, '--epochs', '1', '--out', 'unheard']],
  ])('a reader of messages that leaves does not change the exit code: %i', async (code, args) => {
    const { child, end } = folder.spawn(...args);
    child.stderr.destroy();
    child.stdout.resume();
    expect((await end)[0]).toBe(code);
  });

  it.each([
    ['predict', ['predict', 'qm9', MOLECULES, '--overwrite', '--to', 'csv', '--out']],
    ['export', ['export', 'nbody', '--to', 'onnx', '--overwrite', '--out']],
  ])('a folder in the place of a file ends %s with 2 before anything is made', (name, args) => {
    const place = folder.at(`place-of-${name}`);
    mkdirSync(place);
    const { status, stderr } = folder.egnn(...args, place);
    expect(stderr).toBe(`egnn: ${place} is a folder; give the name of a file\n`);
    expect(status).toBe(2);
    expect(existsSync(`${place}.partial`)).toBe(false);
  });
});
