// A run that was killed when its result was there and its report was not: `--resume` writes what is missing. kill.test.ts
// kills runs there too.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { canRun, MAIN } from './command.ts';

const TRAINING = [
  ...['train', 'nbody', '--threads', '1', '--hidden', '8', '--layers', '1', '--trajectories', '40,20,20'],
  ...['--batch-size', '10', '--epochs', '2', '--validate-every', '1'],
];

describe.skipIf(!canRun)('the report of a run that was killed (skipped when dist/ is not built)', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'egnn-report-faults-'));
    expect(egnn(...TRAINING, '--out', 'whole').status).toBe(0);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(() => {
    rmSync(at(''), { recursive: true, force: true });
    cpSync(join(folder, 'whole'), at(''), { recursive: true, preserveTimestamps: true });
  });

  const at = (name: string) => join(folder, 'run', name);
  const page = () => readFileSync(at('report.html'), 'utf8');
  function egnn(...args: string[]) {
    const env = { ...process.env, EGNN_CACHE: join(folder, 'cache') };
    return spawnSync(process.execPath, [MAIN, ...args, '--quiet'], { cwd: folder, env, encoding: 'utf8' });
  }
  /** Resumes the run, and expects its result again and a whole report. */
  function resume(): void {
    const { status, stdout, stderr } = egnn('train', 'nbody', '--resume', 'run');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^egnn: test MSE/);
    expect(page()).toContain('2 of 2 epochs, finished');
    expect(page()).toContain('Worst cases');
    const { status: how, measurement } = JSON.parse(readFileSync(at('report.json'), 'utf8'));
    expect([how, measurement.set, measurement.epoch]).toEqual(['finished', 'test set', 2]);
    expect(readdirSync(at('')).sort()).toEqual(readdirSync(join(folder, 'whole')).sort());
  }

  it('is written where neither record nor page is there, and where only the page is not', () => {
    rmSync(at('report.html'));
    const record = readFileSync(at('report.json'), 'utf8');
    resume();
    expect(readFileSync(at('report.json'), 'utf8')).toBe(record);
    rmSync(at('report.html'));
    rmSync(at('report.json'));
    // What a process leaves that is killed while it writes.
    writeFileSync(at('run.lock'), '{"process":-1}');
    writeFileSync(at('report.html.01234567-89ab-cdef-0123-456789abcdef.tmp'), '<html>');
    resume();
  });

  it('is written where what there is tells of an interruption before', () => {
    const record = JSON.parse(readFileSync(at('report.json'), 'utf8'));
    const measurement = { ...record.measurement, set: 'validation set', epoch: 1 };
    writeFileSync(at('report.json'), JSON.stringify({ ...record, status: 'interrupted', measurement }));
    writeFileSync(at('report.html'), 'interrupted');
    resume();
  });

  it('is written where the record is of the end and the page is older', () => {
    writeFileSync(at('report.html'), 'interrupted');
    utimesSync(at('report.html'), 0, 0);
    resume();
  });

  it('stays as it is where it is whole', () => {
    const before = page();
    writeFileSync(at('report.html'), `${before}<!-- mine -->`);
    resume();
    expect(page()).toContain('<!-- mine -->');
  });
});
