// `egnn data qm9` as built. Skipped when dist/ is not built.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const COMMAND = fileURLToPath(new URL('../../../dist/cli/data-qm9.js', import.meta.url));
const FIXTURES = fileURLToPath(new URL('../../fixtures/qm9', import.meta.url));
const SHARED = fileURLToPath(new URL('../../../../shared/data/qm9', import.meta.url));
const FACTS = { train: 100_000, valid: 17_748, test: 13_083, atoms: 2_359_210, excluded: 3_054 };

describe.skipIf(!existsSync(COMMAND))('egnn data qm9 (skipped when dist/ is not built)', () => {
  let cache: string;
  beforeAll(() => {
    cache = mkdtempSync(join(tmpdir(), 'egnn-qm9-'));
  });
  afterAll(() => rmSync(cache, { recursive: true, force: true }));
  const run = (...args: string[]) => {
    const all = [MAIN, 'data', 'qm9', '--cache', cache, ...args];
    const { status, stdout, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8' });
    return { status, stdout, stderr };
  };

  it('has help with examples', () => {
    const { status, stdout } = run('--help');
    expect(stdout).toContain('Examples:');
    expect(status).toBe(0);
  });

  it('says how to get it where there is none', () => {
    const path = join(cache, 'qm9.egnn');
    const stderr = `egnn: no QM9 in ${path} (read it once: egnn data qm9 --from PATH)\n`;
    expect(run()).toEqual({ status: 1, stdout: '', stderr });
    expect(run('--from', 'nowhere').stderr).toMatch(/^egnn: cannot read QM9 from nowhere: ENOENT/);
  });

  it('wants all of it, and keeps nothing else', () => {
    const { status, stderr } = run('--from', FIXTURES);
    expect(stderr).toContain('found the archive of xyz files: ');
    expect(stderr).toContain('holds 14 molecules of 130,831; molecule 2 is the first that is missing');
    expect(status).toBe(1);
    expect(readdirSync(cache)).toEqual([]);
  });

  describe.skipIf(!existsSync(SHARED))('with all of it (skipped where ../shared is not there)', () => {
    it('stops at Ctrl-C and keeps nothing', async () => {
      const child = spawn(process.execPath, [MAIN, 'data', 'qm9', '--cache', cache, '--from', SHARED]);
      let stderr = '';
      child.stderr.on('data', (text) => {
        if (stderr === '') child.kill('SIGINT');
        stderr += text;
      });
      const status = await new Promise((resolve) => child.on('close', resolve));
      expect(stderr).toMatch(/egnn: interrupted while QM9 was read; nothing was kept\n$/);
      expect(status).toBe(130);
      expect(readdirSync(cache)).toEqual([]);
    });

    it('reads it, then knows it', () => {
      const first = run('--from', SHARED, '--json');
      expect(first.stderr).toBe('');
      expect(JSON.parse(first.stdout)).toMatchObject({
        ...FACTS,
        form: 'npz',
        cache: join(cache, 'qm9.egnn'),
      });
      expect(JSON.parse(run('--json').stdout)).toMatchObject({ ...FACTS, form: 'cache' });
      expect(run('--quiet').stdout).toMatch(
        /^100000 training, .* of 2359210 atoms, 3054 left out, .*qm9.egnn\n$/,
      );
    });
  });
});
