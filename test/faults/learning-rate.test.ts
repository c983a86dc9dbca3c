// A learning rate of 100 through the command line: an error or a warning that says where, when and how large.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canRun } from './command.ts';
import { writeSmallQM9 } from './small-qm9.ts';
import { SystemFolder, TRAJECTORIES } from './system-folder.ts';

const SMALL = ['--threads', '1', '--quiet', '--learning-rate', '100'];
const MOLECULES = ['--samples', '96', '--validation-samples', '48', '--batch-size', '24'];

describe.skipIf(!canRun)('a learning rate of 100 (skipped when dist/ is not built)', () => {
  let folder: SystemFolder;
  beforeAll(async () => {
    folder = new SystemFolder();
    await writeSmallQM9(folder.at('cache'));
  });
  afterAll(() => folder.remove());

  it.each([
    ['nbody', 'egnn', '--model', 'egnn', ...TRAJECTORIES],
    ['nbody', 'gnn', '--model', 'gnn', '--clip', '0', ...TRAJECTORIES],
    ['qm9', 'all', '--preset', 'tiny', ...MOLECULES],
    ['qm9', 'mu', '--preset', 'paper', '--target', 'mu', '--hidden', '16', ...MOLECULES],
    ['autoencoder', 'egnn', '--samples', '10'],
  ])('ends %s, %s, with 7: step, layer, largest values, advice', (experiment, subject, ...args) => {
    const out = `exploding-${experiment}-${subject}`;
    const { status, stderr, stdout } = folder.egnn('train', experiment, ...args, ...SMALL, '--out', out);
    expect(stderr).toMatch(
      /^egnn: the (loss|length of the gradient) is (NaN|Infinity) at step \d+; the (first numbers that are not finite come from|gradient is largest in) \S+; largest .*gcl_0 \d\S+, /,
    );
    expect(stderr).toMatch(
      /; try a lower learning rate first, then a warm-up and a limit to the gradient \(clip\) \(exploding-\S+ keeps the last good checkpoint; the settings are --learning-rate, --warm-up and --clip\)\n$/,
    );
    expect([status, stdout]).toEqual([7, '']);
  });

  it('that leaves finite numbers is a warning, with step, largest values and advice', () => {
    const args = ['train', 'nbody', '--model', 'radial-field', ...TRAJECTORIES, '--epochs', '10', ...SMALL];
    const { status, stderr } = folder.egnn(...args, '--out', 'useless');
    expect(stderr).toMatch(
      /^egnn: warning: the loss has run away: \S+ in epoch 1, up to step 4, .* largest finite values: gcl_0 \d\S+, .* lower learning rate\n$/,
    );
    expect(status).toBe(0);
    // Of the recipe's own learning rate there is nothing to say.
    const usual = folder.egnn(...args.slice(0, -1), '2e-3', '--out', 'usual');
    expect(usual).toMatchObject({ status: 0, stderr: '' });
    const testOf = (run: string) => JSON.parse(readFileSync(folder.at(run, 'result.json'), 'utf8')).test;
    expect(testOf('useless')).toBeGreaterThan(100 * testOf('usual'));
  });
});
