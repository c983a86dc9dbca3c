// An output is continued by its own run and by no other, and takes its name when it is whole.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryName } from '../../src/files.ts';
import { LockedError } from '../../src/lock.ts';
import { PartialFile } from '../../src/predict/partial-file.ts';
import { BEGINNING, type Progress } from '../../src/predict/run.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'egnn-partial-'));
  path = join(folder, 'out.csv');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (changes: Partial<Parameters<typeof PartialFile.open>[0]> = {}) =>
  PartialFile.open({
    path,
    identity: { model: 'm', forces: undefined },
    skipInvalid: false,
    resumable: true,
    header: 'head\n',
    ...changes,
  });
const after = (record: number, skipped = 0): Progress => ({
  input: 0,
  record,
  written: record - skipped,
  skipped,
});
const text = (name = path) => readFileSync(name, 'utf8');

/** A run that wrote two records, and after them what no state knows of. */
async function interrupted(progress = after(2)): Promise<void> {
  const partial = await open();
  expect(partial.progress).toEqual(BEGINNING);
  await partial.write('1\n2\n', progress);
  await partial.leave();
  writeFileSync(partial.path, `${text(partial.path)}half a rec`);
}

it('continues after the last good record', async () => {
  await interrupted();
  expect(existsSync(path)).toBe(false);
  const partial = await open();
  expect(partial.notice).toBe(`continuing ${path}.partial after 2 records`);
  expect(partial.progress).toEqual(after(2));
  await partial.write('3 µ\n', after(3));
  await partial.finish(path);
  expect(text()).toBe('head\n1\n2\n3 µ\n');
  expect(existsSync(`${path}.partial`) || existsSync(`${path}.partial.json`)).toBe(false);
});

it('has its header even if it is killed before the first record', async () => {
  const killed = await open();
  rmSync(`${path}.partial.lock`);
  const partial = await open();
  await partial.write('1\n', after(1));
  await partial.finish(path);
  expect(text()).toBe('head\n1\n');
  await killed.leave();
});

it.each([
  ['another model', after(2), { identity: { model: 'n' } }, 'is of a run that differs in model'],
  ['another option', after(2), { identity: { model: 'm', forces: 'mu' } }, 'differs in forces'],
  ['standard input', after(2), { resumable: false }, 'cannot be continued'],
  ['skipped records that are wanted', after(2, 1), {}, 'lacks invalid records'],
])('starts anew, and says so, for %s', async (_, progress, changes, reason) => {
  await interrupted(progress);
  const partial = await open(changes);
  expect(partial.notice).toMatch(/^starting anew: .*out\.csv\.partial /);
  expect(partial.notice).toContain(reason);
  expect(partial.progress).toEqual(BEGINNING);
  await partial.finish(path);
  expect(text()).toBe('head\n');
});

it('starts anew where the records or their state are lost', async () => {
  await interrupted();
  writeFileSync(`${path}.partial`, 'he');
  let partial = await open();
  expect(partial.notice).toContain('is shorter than it was');
  await partial.leave();
  writeFileSync(`${path}.partial.json`, '{}');
  partial = await open();
  expect(partial.notice).toContain('does not say what run it is of');
  await partial.leave();
});

it('is not shared with a process that is at it, nor kept by one that has gone', async () => {
  await interrupted();
  const writtenBy = (began: string | undefined) =>
    writeFileSync(
      `${path}.partial.lock`,
      JSON.stringify({ host: hostname(), process: process.ppid, began, since: 'then', token: 't' }),
    );
  writtenBy(undefined);
  const refused = open();
  await expect(refused).rejects.toBeInstanceOf(LockedError);
  await expect(refused).rejects.toThrow(
    `process ${process.ppid} on ${hostname()} has been using ${path}.partial`,
  );
  // Its number is another process's now.
  writtenBy('an earlier boot 1');
  if (!existsSync('/proc/self/stat')) rmSync(`${path}.partial.lock`);
  const partial = await open();
  expect(partial.progress).toEqual(after(2));
  await partial.leave();
});

it('leaves nothing beside the output, also of a process that was killed while it wrote the state', async () => {
  await interrupted();
  writeFileSync(temporaryName(`${path}.partial.json`), 'half');
  const another = temporaryName(join(folder, 'another.csv.partial.json'));
  writeFileSync(another, 'of a process that is at it');
  await (await open()).finish(path);
  expect(readdirSync(folder).sort()).toEqual([basename(another), 'out.csv']);
});

it('is had by one of several that begin at once', async () => {
  const tries = await Promise.allSettled([open(), open(), open()]);
  const [first, ...others] = tries.filter((one) => one.status === 'fulfilled').map(({ value }) => value);
  expect(others).toEqual([]);
  await first.leave();
});
