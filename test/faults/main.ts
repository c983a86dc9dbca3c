/**
 * @file `npm run test:faults`: kills trainings at random moments and resumes them, until they have been killed so often.
 *
 *     node test/faults/main.ts [--kills N] [--seed N]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ExperimentName, experiments, KillTest } from './kill.ts';

const { values } = parseArgs({ options: { kills: { type: 'string' }, seed: { type: 'string' } } });
const wanted = Number(values.kills ?? 120);
const seed = Number(values.seed ?? 1);
const start = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'egnn-faults-'));
const names = Object.keys(experiments) as ExperimentName[];
try {
  let total = 0;
  for (const [position, name] of names.entries()) {
    const test = new KillTest(name, join(folder, name), seed + position);
    await test.begin();
    let kills = 0;
    let runs = 0;
    while (kills < wanted / names.length) {
      kills += await test.chain(6);
      runs++;
    }
    total += kills;
    const moments = [...test.moments].map(([moment, count]) => `${moment} ${count}`).join(', ');
    console.log(
      `${name}: ${kills} kills in ${runs} runs (${moments}); all ended with the bits of a run nobody killed`,
    );
  }
  console.log(`${total} kills, seed ${seed}, ${Math.round((performance.now() - start) / 1000)} s`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
