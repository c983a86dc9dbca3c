// Command lines from strangers, in a short form of `npm run test:fuzz -- --reader arguments`, and what it has found.
import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PredictionReporter } from '../../src/cli/predict-reporter.ts';
import { runCommandLine } from '../../src/cli/program.ts';
import { Reporter } from '../../src/cli/reporter.ts';
import { canRunSources } from '../faults/command.ts';
import { faultOf } from './command-line-oracle.ts';
import { type CommandLineFinding, fuzzCommandLines } from './fuzz-command-lines.ts';

const LINES = 120;
const canFuzz = canRunSources && existsSync(new URL('../../dist/cli/main.js', import.meta.url));

describe.skipIf(!canFuzz)(
  'command lines (skipped where Node runs no TypeScript, or dist/ is not built)',
  () => {
    it('of all kinds end as docs/reliability.md says', { timeout: 120_000 }, async () => {
      const findings: CommandLineFinding[] = [];
      const counts = await fuzzCommandLines(7, { end: Date.now() + 100_000, most: LINES }, (finding) =>
        findings.push(finding),
      );
      expect(findings).toEqual([]);
      expect(counts.lines).toBe(LINES);
      expect(counts.spawned).toBe(2);
      // Not all of them may stumble over their first word.
      for (const code of [0, 2, 5]) expect(counts.codes[code]).toBeGreaterThan(0);
    });
  },
);

describe('what would be a finding', () => {
  const good = { code: 2, stderr: "egnn: unknown command 'x'\n", changed: false };
  const faultWith = (outcome: object, words: string[] = ['x']) =>
    faultOf(words, { ...good, ...outcome }, '/sandbox/work');

  it('is not an error in one line', () => {
    expect(faultWith({})).toBeUndefined();
    expect(faultWith({ code: 0, stderr: 'training egnn in runs/x\n', changed: true })).toBeUndefined();
  });

  it.each([
    [{ code: 9 }, 'exit code 9'],
    [{ stderr: 'egnn: x\n    at f (file:///a.ts:1:2)\n' }, 'a stack'],
    [{ stderr: 'egnn: \x1b[2J\n' }, 'control characters'],
    [{ stderr: 'egnn: x' }, 'a line without an end'],
    [{ stderr: 'error: x\n' }, 'an error without its name'],
    [{ stderr: 'x\negnn: y\n' }, 'wrong usage in several lines'],
    [{ changed: true }, 'wrong usage, after files were written'],
    [{ code: 1, stderr: 'egnn: Cannot read properties of undefined\n' }, 'internals'],
    [{ code: 1, stderr: 'egnn: Access to this API has been restricted\n' }, 'a place that nobody named'],
  ])('is %j', (outcome, fault) => {
    expect(faultWith(outcome)).toContain(fault);
  });

  it('is not a place that the line named', () => {
    const denied = { code: 1, stderr: 'egnn: Access to this API has been restricted\n' };
    expect(faultWith(denied, ['--out=../../x'])).toBeUndefined();
  });
});

describe('found by fuzzing', () => {
  afterEach(() => vi.restoreAllMocks());
  let stderr = '';
  beforeEach(() => {
    stderr = '';
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      stderr += text;
      return true;
    });
  });
  async function endOf(...words: string[]): Promise<{ code: number; stderr: string }> {
    stderr = '';
    return { code: await runCommandLine(words), stderr };
  }

  it('commander’s errors are ours, in one line, and cannot steer a terminal', async () => {
    expect(await endOf('a\nb\x1b[2J\u202e')).toEqual({
      code: 2,
      stderr: "egnn: unknown command 'a b\\u001b[2J\\u202e'\n",
    });
    expect(await endOf('info', '--jsom')).toEqual({
      code: 2,
      stderr: "egnn: unknown option '--jsom' (Did you mean --json?)\n",
    });
    expect((await endOf('predict', 'model\r\x07', 'x.xyz', '--backend', 'reference')).stderr).toMatch(
      /^egnn: model\\u000d\\u0007 is no model: [\P{Cc}]*\n$/u,
    );
  });

  it('names of weights and molecules, from files of strangers, cannot steer a terminal', () => {
    new Reporter('text').say('left out: a\x1b[2J\nb');
    new Reporter('json').onNotice('no report of \x9b2J');
    new PredictionReporter({}, 'molecules').skipped(new Error('x\r.xyz'));
    expect(stderr).toBe(
      'left out: a\\u001b[2J b\negnn: warning: no report of \\u009b2J\negnn: skipped: x\\u000d.xyz\n',
    );
  });

  it.each([
    ['--layers', '65536', 'layers: Too big: expected number to be <=1024'],
    ['--hidden', '2147483648', 'hidden: Too big: expected number to be <=65536'],
    ['--trajectories', '1e9,1,1', 'trajectories.0: Too big: expected number to be <=1000000'],
  ])('%s %s is refused before anything is made', async (flag, value, message) => {
    expect(await endOf('train', 'nbody', flag, value)).toEqual({
      code: 2,
      stderr: expect.stringContaining(message),
    });
  });
});
