// How runs of `egnn predict` end: invalid records, Ctrl-C, closed pipes, outputs that exist, wrong usage.
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  at,
  cells,
  isBuilt,
  makeFolder,
  molecules,
  predict,
  predictFrom,
  removeFolder,
  start,
  text,
} from './predict-command.ts';

beforeAll(async () => {
  await makeFolder();
  writeFileSync(at('graphs.jsonl'), '{"X": [[1, 2]], "C": [[0, 0, 0]]}');
  const lines = text('in.xyz').split('\n');
  const commentOf = (name: string) => lines.findIndex((line) => line.includes(`name="${name}"`));
  lines[commentOf('molecule 10') + 1] = 'U 0 0 0';
  lines[commentOf('molecule 20') + 1] = 'C 0 zero 0';
  writeFileSync(at('bad.xyz'), lines.join('\n'));
});
afterAll(removeFolder);

describe.skipIf(!isBuilt)('egnn predict (skipped when dist/ is not built)', () => {
  it('ends at the first invalid record, and goes on from there with --skip-invalid', () => {
    const first = predict('molecules.safetensors', 'bad.xyz', '--out', 'bad.csv');
    expect(first.status).toBe(1);
    expect(first.stderr).toBe(
      'egnn: bad.xyz, record 10 (line 64): atom 1 is U; the model knows H, C, O ' +
        '(--skip-invalid goes on after such records; bad.csv.partial keeps the 9 records before it)\n',
    );
    expect(existsSync(at('bad.csv'))).toBe(false);
    const second = predict('molecules.safetensors', 'bad.xyz', '--out', 'bad.csv', '--skip-invalid');
    expect(second.stderr).toContain('continuing bad.csv.partial after 9 records\n');
    expect(second.stderr).toContain('egnn: skipped: bad.xyz, record 10 (line 64): atom 1 is U');
    expect(second.stderr).toMatch(/egnn: skipped: bad\.xyz, line \d+: .*"zero"/);
    expect(second.stderr).toContain('egnn: skipped 2 of 60 records\n');
    expect(second.status).toBe(0);
    const records = cells(text('bad.csv')).map((row) => Number(row[1]));
    expect(records).toEqual(
      molecules.map((_, m) => m + 1).filter((record) => record !== 10 && record !== 20),
    );
    const whole = predict('molecules.safetensors', 'bad.xyz', '--skip-invalid');
    expect(whole.stdout).toBe(text('bad.csv'));
    expect(existsSync(at('bad.csv.partial'))).toBe(false);
  });

  it('ends at Ctrl-C with code 130, says what is kept, and continues no standard input', async () => {
    const child = start('molecules.safetensors', '-', '--format', 'xyz', '--out', 'stopped.csv');
    const exit = once(child.process, 'exit');
    while (!existsSync(at('stopped.csv.partial.json'))) await setTimeout(20);
    child.process.stdin!.write(text('in.xyz'));
    await setTimeout(300);
    child.process.kill('SIGINT');
    expect((await exit)[0]).toBe(130);
    expect(child.stderr()).toMatch(
      /^egnn: interrupted after \d+ molecules; they are in stopped\.csv\.partial, but/,
    );
    const again = predictFrom(
      text('in.xyz'),
      'molecules.safetensors',
      '-',
      '--format',
      'xyz',
      '--out',
      'stopped.csv',
    );
    expect(again.stderr).toContain('starting anew: stopped.csv.partial is of standard input');
    expect(cells(text('stopped.csv'))).toHaveLength(60);
  });

  it('ends quietly when nobody reads on', async () => {
    writeFileSync(at('long.xyz'), text('in.xyz').repeat(100));
    const child = start('molecules.safetensors', 'long.xyz');
    child.process.stdout!.once('data', () => child.process.stdout!.destroy());
    expect((await once(child.process, 'exit'))[0]).toBe(0);
    expect(child.stderr()).toBe('');
  });

  it('replaces nothing that it is not told to', () => {
    writeFileSync(at('there.csv'), 'mine');
    const { status, stderr } = predict('molecules.safetensors', 'in.xyz', '--out', 'there.csv');
    expect([status, stderr, text('there.csv')]).toEqual([
      2,
      'egnn: there.csv exists; --overwrite replaces it\n',
      'mine',
    ]);
    expect(
      predict('molecules.safetensors', 'in.xyz', '--out', 'there.csv', '--overwrite', '--quiet').stderr,
    ).toBe('');
    expect(cells(text('there.csv'))).toHaveLength(60);
    expect(predict('molecules.safetensors', 'in.xyz', '--out', 'in.xyz', '--overwrite').stderr).toContain(
      'is an input too',
    );
  });

  it.each([
    [['molecules.safetensors', 'in.xyz', '--json'], 2, '--json needs --out'],
    [['molecules.safetensors', 'in.xyz', '--to', 'npz'], 2, 'npz is not written to standard output'],
    [['molecules.safetensors', 'in.xyz', '--out', 'a.txt'], 2, 'say --to csv|jsonl|xyz|npz'],
    [
      ['molecules.safetensors', 'in.xyz', '--forces', '--to', 'xyz'],
      2,
      '--forces needs the name of an output; it has energy, gap',
    ],
    [['molecules.safetensors', 'in.xyz', '--forces', 'mu', '--to', 'xyz'], 2, 'the model has no output mu'],
    [['molecules.safetensors', 'in.xyz', '--forces', 'gap'], 2, 'csv has no place for forces'],
    [['graphs.safetensors', 'graphs.jsonl', '--to', 'csv'], 2, 'csv has no place for the outputs of graphs'],
    [['molecules.safetensors', '-', '-', '--format', 'xyz'], 2, 'give - once'],
    [['molecules.safetensors', '-'], 2, 'say --format xyz|sdf'],
    [['molecules.safetensors', '.'], 2, '. is a folder; name its files'],
    [
      ['molecules.safetensors', 'in.xyz', '--format', 'doc'],
      2,
      'no ending of a format that this model takes',
    ],
    [['molecules.safetensors', 'no/*.xyz'], 5, 'no file matches no/*.xyz'],
    [['molecules.safetensors', 'no.xyz'], 5, 'there is no file no.xyz'],
    [
      ['nowhere', 'in.xyz'],
      5,
      'nowhere is no model: there is no nowhere/model.safetensors; a model folder has',
    ],
  ])('%j ends with code %i', (args, code, message) => {
    const { status, stdout, stderr } = predict(...args);
    expect([status, stdout]).toEqual([code, '']);
    expect(stderr).toContain(message);
  });
});
