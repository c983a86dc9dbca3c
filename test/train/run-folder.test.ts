// The folder of a run: what is written comes back, and a write that fails or is cut short changes nothing.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeWholeFile } from '../../src/files.ts';
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
    await expect(RunFolder.create(path, {})).rejects.toThrow('holds a run already');
    await expect(RunFolder.open(join(path, 'nowhere'))).rejects.toThrow('is not the folder of a run');
    await expect((await RunFolder.open(path)).readCheckpoint()).rejects.toThrow('has no checkpoint');
  });

  it('keeps one checkpoint, whose parts belong together whenever the process ends', async () => {
    const folder = await RunFolder.create(path, {});
    await folder.saveCheckpoint(checkpoint(1));
    const committed = readFileSync(join(path, 'state.json'));
    await folder.saveCheckpoint(checkpoint(2));
    expect(readdirSync(path).filter((name) => name.startsWith('state-'))).toEqual(['state-2.safetensors']);

    // Killed after the tensors of step 1 were written, and before state.json was: 2 is still what counts.
    const stateOfTwo = readFileSync(join(path, 'state.json'));
    await folder.saveCheckpoint(checkpoint(1));
    expect(readFileSync(join(path, 'state.json'))).toEqual(committed);
    await folder.saveCheckpoint(checkpoint(2));
    writeFileSync(join(path, 'state-3.safetensors'), 'half a fil');
    expect(readFileSync(join(path, 'state.json'))).toEqual(stateOfTwo);
    expect(await folder.readCheckpoint()).toEqual(checkpoint(2));
  });

  it('cuts metrics after an epoch, and half a line at the end', async () => {
    const folder = await RunFolder.create(path, {});
    for (const epoch of [1, 2, 3]) await folder.appendMetrics({ epoch });
    writeFileSync(join(path, 'metrics.jsonl'), '{"epoch":4', { flag: 'a' });
    await folder.cutMetrics(2);
    await folder.appendMetrics({ epoch: 3, again: true });
    expect(readFileSync(join(path, 'metrics.jsonl'), 'utf8')).toBe(
      '{"epoch":1}\n{"epoch":2}\n{"epoch":3,"again":true}\n',
    );
  });
});
