// Trainings that are killed, in a short form; `npm run test:faults` kills a hundred times.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canRun } from './command.ts';
import { type ExperimentName, experiments, KillTest } from './kill.ts';

describe.skipIf(!canRun)('a training that is killed (skipped when dist/ is not built)', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'egnn-kill-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(Object.keys(experiments) as ExperimentName[])(
    '%s: can be read after each kill, and ends with the same bits',
    { timeout: 240_000 },
    async (name) => {
      const test = new KillTest(name, join(folder, name), 3);
      await test.begin();
      expect(await test.chain(3)).toBeGreaterThan(0);
    },
  );
});
