// The folder of a run: what is written comes back, and a write that fails or is cut short changes nothing.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeWholeFile } from '../../src/files.ts';
import { writeSafetensors } from '../../src/formats/index.ts';
import { RunFolder } from '../../src/train/run-folder.ts';

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'egnn-run-'));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

const checkpoint = (step: number) => ({
  state: { step, note: 'x' },
  tensors: { parameters: Float32Array.of(step, 2), firstMoment: Float64Array.of(0.1) },
});

const metrics = (epoch: number, note?: string) => ({
  ...{ epoch, step: 4 * epoch, loss: 1, validation: null, learningRate: 1e-3, seconds: 1 },
  note,
});

describe('writeWholeFile', () => {
  it('replaces a file, and leaves no other', async () => {
    await writeWholeFile(join(path, 'a'), 'one');
    await writeWholeFile(join(path, 'a'), 'two');
    expect(readFileSync(join(path, 'a'), 'utf8')).toBe('two');
    expect(readdirSync(path)).toEqual(['a']);
  });

  it('leaves the old file and nothing else when it fails', async () => {
    writeFileSync(join(path, 'a'), 'old');
    await expect(writeWholeFile(join(path, 'a'), { not: 'text' } as unknown as string)).rejects.toThrow();
    expect(readFileSync(join(path, 'a'), 'utf8')).toBe('old');
    expect(readdirSync(path)).toEqual(['a']);
  });
});

describe('RunFolder', () => {
  it('gives back configuration, weights, checkpoint and result', async () => {
    const folder = await RunFolder.create(join(path, 'run'), { epochs: 3 });
    const weights = { 'a.weight': { shape: [1, 2], data: Float32Array.of(1, 2) } };
    await folder.saveWeights('best', weights, { epoch: '1' });
    await folder.saveCheckpoint(checkpoint(7));
    expect(await folder.readResult()).toBeUndefined();
    await folder.saveResult({ test: 1 });

    const opened = await RunFolder.open(join(path, 'run'));
    expect(opened.configuration).toEqual({ epochs: 3 });
    expect((await opened.readWeights('best'))['a.weight'].data).toEqual(Float32Array.of(1, 2));
    expect(await opened.readCheckpoint()).toEqual(checkpoint(7));
    expect(await opened.readResult()).toEqual({ test: 1 });
    await expect(opened.readWeights('last')).rejects.toThrow('has no last.safetensors');
  });

  it('refuses a folder that holds a run, and one that holds none', async () => {
    await RunFolder.create(path, {});
    await expect(RunFolder.create(path, {})).rejects.toMatchObject({
      code: 'EEXIST',
      message: expect.stringContaining('holds a run already'),
    });
    await expect(RunFolder.expectFree(path)).rejects.toThrow('holds a run already');
    await RunFolder.expectFree(join(path, 'nowhere'));
    await expect(RunFolder.open(join(path, 'nowhere'))).rejects.toThrow('is not the folder of a run');
    expect(await (await RunFolder.open(path)).readCheckpoint()).toBeUndefined();
  });

  it('makes no run of other settings where the checkpoints of one are left without its configuration', async () => {
    const folder = await RunFolder.create(path, { epochs: 3 });
    await folder.saveCheckpoint(checkpoint(1));
    rmSync(join(path, 'config.json'));
    for (const attempt of [() => RunFolder.create(path, { epochs: 1 }), () => RunFolder.expectFree(path)])
      await expect(attempt()).rejects.toMatchObject({
        code: 'EEXIST',
        message: expect.stringContaining('holds a run already'),
      });
    expect(readdirSync(path)).toEqual(['state-1.safetensors']);
  });

  it('keeps the last two checkpoints', async () => {
    const folder = await RunFolder.create(path, {});
    for (const step of [1, 2, 10, 10]) await folder.saveCheckpoint(checkpoint(step));
    const files = readdirSync(path).filter((name) => name.startsWith('state-'));
    expect(files.sort()).toEqual(['state-10.safetensors', 'state-2.safetensors']);
    expect(await folder.readCheckpoint()).toEqual(checkpoint(10));
  });

  it('goes back to the last good checkpoint where the newest is damaged, and says so', async () => {
    const folder = await RunFolder.create(path, {});
    for (const step of [1, 2]) await folder.saveCheckpoint(checkpoint(step));
    const newest = join(path, 'state-2.safetensors');
    const whole = readFileSync(newest);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(7), fc.boolean(), async (at, bit, cut) => {
        const damaged = Uint8Array.from(whole);
        damaged[at] ^= 1 << bit;
        writeFileSync(newest, cut ? damaged.subarray(0, at) : damaged);
        const notices: string[] = [];
        const opened = await RunFolder.open(path);
        const found = await opened.readCheckpoint((line) => notices.push(line));
        expect(found).toEqual(checkpoint(1));
        expect(notices).toHaveLength(1);
        expect(notices[0]).toContain('state-2.safetensors cannot be used');
        expect(notices[0]).toContain('going on from state-1.safetensors');
      }),
    );
    // The next checkpoint must not push the last good one out in favour of the damaged one.
    const opened = await RunFolder.open(path);
    await opened.readCheckpoint();
    await opened.saveCheckpoint(checkpoint(3));
    const files = readdirSync(path).filter((name) => name.startsWith('state-'));
    expect(files.sort()).toEqual(['state-1.safetensors', 'state-3.safetensors']);
    writeFileSync(join(path, 'state-1.safetensors'), '');
    writeFileSync(join(path, 'state-3.safetensors'), '');
    await expect(opened.readCheckpoint()).rejects.toThrow(
      /state-3.* cannot be used.*state-1.* cannot be used.*; no checkpoint is left: once these are deleted, the run begins anew$/,
    );
  });

  it('notices weights that are damaged', async () => {
    const folder = await RunFolder.create(path, {});
    await folder.saveWeights('best', { a: { shape: [2], data: Float32Array.of(1, 2) } }, { epoch: '1' });
    const file = join(path, 'best.safetensors');
    const bytes = readFileSync(file);
    bytes[bytes.length - 2] ^= 1;
    writeFileSync(file, bytes);
    await expect(folder.readWeights('best')).rejects.toThrow(
      /best\.safetensors cannot be used: it is damaged .*; resuming the run writes it anew/,
    );
  });

  it('reads a checkpoint of an earlier version, and replaces it', async () => {
    const folder = await RunFolder.create(path, {});
    const { state, tensors } = checkpoint(5);
    const named = Object.entries(tensors).map(
      ([name, data]) => [name, { data, shape: [data.length] }] as const,
    );
    writeFileSync(join(path, 'state-5.safetensors'), writeSafetensors(named));
    writeFileSync(join(path, 'state.json'), JSON.stringify({ tensors: 'state-5.safetensors', ...state }));
    const found = await folder.readCheckpoint<{ step: number }>();
    expect(found!.tensors).toEqual(tensors);
    expect(found!.state.step).toBe(5);
    await folder.saveCheckpoint(checkpoint(6));
    expect(readdirSync(path)).not.toContain('state.json');
  });

  it('is held by one at a time, and clears away what killed processes left', async () => {
    const folder = await RunFolder.create(path, {});
    await writeWholeFile(join(path, 'keep'), 'this');
    writeFileSync(join(path, 'best.safetensors.01234567-89ab-cdef-0123-456789abcdef.tmp'), 'half');
    const other = await RunFolder.open(path);
    await folder.hold(async () => {
      expect(readdirSync(path).sort()).toEqual(['config.json', 'keep', 'run.lock']);
      await folder.hold(async () => {});
      await expect(other.hold(async () => {})).rejects.toThrow('this process is using');
    });
    expect(await other.hold(async () => 1)).toBe(1);
    await expect(folder.hold(() => Promise.reject(new Error('own')))).rejects.toThrow('own');
    expect(readdirSync(path).sort()).toEqual(['config.json', 'keep']);
  });

  it('is held by one of two who ask at once, by what that one calls, and by nothing that outlives it', async () => {
    const folder = await RunFolder.create(path, {});
    let late = () => {};
    const working: string[] = [];
    const work = (name: string) => async () => {
      working.push(name);
      await folder.hold(async () => working.push(`within ${name}`));
      // What comes after the end is not a part of the work.
      const end = new Promise<void>((resolve) => {
        late = resolve;
      });
      return { outcome: end.then(() => folder.hold(async () => 'held').catch(String)) };
    };
    const [first, second] = await Promise.allSettled([folder.hold(work('one')), folder.hold(work('two'))]);
    const [won] = [first, second].filter((each) => each.status === 'fulfilled');
    const [lost] = [first, second].filter((each) => each.status === 'rejected');
    expect(working).toHaveLength(2);
    expect(working[1]).toBe(`within ${working[0]}`);
    expect(String(lost.reason)).toBe(`LockedError: this process is using ${path} already`);
    await folder.hold(async () => {
      const other = won.value.outcome;
      late();
      expect(await other).toBe(`LockedError: this process is using ${path} already`);
    });
  });

  it('cuts metrics after an epoch, and half a line at the end', async () => {
    const folder = await RunFolder.create(path, {});
    for (const epoch of [1, 2, 3]) await folder.appendMetrics(metrics(epoch));
    writeFileSync(join(path, 'metrics.jsonl'), '{"ep\0\n{"epoch":4', { flag: 'a' });
    await folder.cutMetrics(2);
    await folder.appendMetrics(metrics(3, 'again'));
    expect(readFileSync(join(path, 'metrics.jsonl'), 'utf8')).toBe(
      [metrics(1), metrics(2), metrics(3, 'again')].map((line) => `${JSON.stringify(line)}\n`).join(''),
    );
  });

  it.each(['null', '5', '[]', '{"epoch":2}', '{"epoch":"2"}', JSON.stringify({ ...metrics(2), loss: null })])(
    'leaves out a line of metrics that is no epoch: %s',
    async (line) => {
      const folder = await RunFolder.create(path, {});
      await folder.appendMetrics(metrics(1));
      writeFileSync(join(path, 'metrics.jsonl'), `${line}\n`, { flag: 'a' });
      expect(await folder.readMetrics()).toEqual([metrics(1)]);
      await folder.cutMetrics(9);
      expect(readFileSync(join(path, 'metrics.jsonl'), 'utf8')).toBe(`${JSON.stringify(metrics(1))}\n`);
    },
  );
});
