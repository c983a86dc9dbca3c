// Folders that are made, and errors where they cannot be.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeFolder } from '../src/files.ts';

const folder = mkdtempSync(join(tmpdir(), 'egnn-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('makes a folder with those that it is in, several at once too', async () => {
  const paths = ['a/b/c', 'a/b/c', 'a/b/d', 'a'].map((path) => join(folder, path));
  await Promise.all(paths.map(makeFolder));
  for (const path of paths) expect(statSync(path).isDirectory()).toBe(true);
});

it('says where a file is in the way', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(makeFolder(join(folder, 'file'))).rejects.toThrow(/cannot write .*file: .*EEXIST/);
  await expect(makeFolder(join(folder, 'file', 'x', 'y'))).rejects.toThrow(/cannot write .*ENOTDIR/);
});

it.skipIf(process.platform !== 'linux')(
  'ends where a folder takes no others (skipped where there is no /proc)',
  async () => {
    await expect(makeFolder('/proc/nothing/here')).rejects.toThrow(
      /cannot write \/proc\/nothing\/here: .*ENOENT/,
    );
  },
);
