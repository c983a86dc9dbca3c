// `egnn train qm9` as built, from the data to predictions. Skipped when dist/ is not built, or ../shared is not there.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const COMMAND = fileURLToPath(new URL('../../dist/cli/qm9-experiment.js', import.meta.url));
const SHARED = fileURLToPath(new URL('../../../shared/data/qm9', import.meta.url));
const MOLECULES = fileURLToPath(new URL('../fixtures/molecules/qm9.sdf', import.meta.url));
const TINY = ['--preset', 'tiny', '--hidden', '8', '--layers', '1', '--threads', '1'];

describe.skipIf(!existsSync(COMMAND))('egnn train qm9 (skipped when dist/ is not built)', () => {
  let folder: string;
  let environment: NodeJS.ProcessEnv;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'egnn-qm9-'));
    environment = { ...process.env, EGNN_CACHE: join(folder, 'cache') };
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const egnn = (...args: string[]) => {
    const options = { cwd: folder, env: environment, encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], options);
    return { status, stdout, stderr };
  };

  it('says how to get the data where there is none', () => {
    const { status, stderr } = egnn('train', 'qm9');
    expect(stderr).toContain('(read it once: egnn data qm9 --from PATH)');
    expect(status).toBe(1);
    expect(existsSync(join(folder, 'runs'))).toBe(false);
  });

  it.each([
    [['--target', 'mass'], 'target: Invalid option: expected one of "all"|"alpha"'],
    [['--preset', 'huge'], 'preset: Invalid option: expected one of "paper"|"medium"|"small"|"tiny"'],
    [['--samples', '100001'], 'samples: Too big'],
    [['--trajectories', '1,2,3'], "unknown option '--trajectories'"],
  ])('wrong usage %j says what is wrong and exits with 2', (args, message) => {
    const { status, stderr } = egnn('train', 'qm9', ...args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });

  it('has help with examples', () => {
    expect(egnn('train', 'qm9', '--help').stdout).toContain('egnn train qm9 --preset paper --target homo');
  });

  describe.skipIf(!existsSync(SHARED))('with QM9 (skipped where ../shared is not there)', () => {
    beforeAll(() => {
      expect(egnn('data', 'qm9', '--from', SHARED).status).toBe(0);
    }, 60_000);
    const size = ['--samples', '960', '--validation-samples', '96'];

    it('trains, evaluates, exports and predicts', () => {
      const trained = egnn('train', 'qm9', ...TINY, ...size, '--epochs', '2', '--out', 'all');
      expect(trained.stderr).toContain('training all in all');
      expect(trained.stdout).toMatch(
        /^target +unit +here +EGNN +NMP[\s\S]*\nzpve[\s\S]*geometric mean of here \/ EGNN: \d/,
      );
      expect(trained.status).toBe(0);

      const { test } = JSON.parse(readFileSync(join(folder, 'all/result.json'), 'utf8'));
      const evaluated = egnn('evaluate', 'all', '--json', '--threads', '1');
      expect(JSON.parse(evaluated.stdout)).toMatchObject({ run: 'all', target: 'all', test });

      expect(egnn('export', 'all', '--to', 'safetensors', '--out', 'all.safetensors').status).toBe(0);
      const fromRun = egnn('predict', 'all', MOLECULES);
      expect(fromRun.stdout).toContain('mu (D)');
      expect(fromRun.stdout).toBe(egnn('predict', 'all.safetensors', MOLECULES).stdout);
      expect(egnn('check', 'all').stderr).toContain('all is a run of qm9; this command takes runs of nbody');
    });

    it('stopped by Ctrl-C and resumed, ends with the same bits', async () => {
      const args = ['train', 'qm9', ...TINY, ...size, '--target', 'mu', '--epochs', '60'];
      egnn(...args, '--out', 'whole', '--quiet');
      const options = { cwd: folder, env: environment };
      const child = spawn(process.execPath, [MAIN, ...args, '--out', 'parts', '--json'], options);
      child.stdout.once('data', () => child.kill('SIGINT'));
      const status = await new Promise((resolve) => child.on('close', resolve));
      expect(status).toBe(130);
      expect(existsSync(join(folder, 'parts/result.json'))).toBe(false);
      expect(egnn('train', 'qm9', '--resume', 'parts').stdout).toMatch(/^target[\s\S]*\nmu /);
      for (const name of ['last.safetensors', 'best.safetensors', 'model.json'])
        expect(
          readFileSync(join(folder, 'parts', name)).equals(readFileSync(join(folder, 'whole', name))),
        ).toBe(true);
    });
  });
});
