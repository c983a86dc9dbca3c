/** @file `egnn data qm9`: reads QM9 from what the user has, or says what is in the cache. */
import type { Command } from 'commander';
import {
  findQM9,
  loadQM9,
  type QM9,
  type QM9Form,
  type QM9Source,
  qm9CachePath,
  readQM9,
} from '../data/qm9/index.ts';
import { MAX_MOLECULES } from '../data/qm9/molecules.ts';
import { InterruptedError, withHint } from './errors.ts';
import { interruptible } from './interrupt.ts';
import { Reporter, reportMode } from './reporter.ts';
import { formatDuration } from './table.ts';

interface QM9Flags {
  readonly from?: string;
  readonly cache?: string;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

const FORMS: Record<QM9Form, string> = {
  npz: "the authors' npz files",
  xyz: 'the archive of xyz files',
  qm9pack: 'the Python package qm9pack',
};

export function addQM9DataCommand(data: Command): void {
  data
    .command('qm9')
    .description("QM9 in the paper's split, read once and kept in the cache; without --from, what is there")
    .option('--from <path>', 'where QM9 is: a file, or the folder that it is in')
    .option('--cache <folder>', 'where to keep it, in place of EGNN_CACHE')
    .option('--quiet', 'no progress')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `
Nothing is downloaded. PATH is one of
  a folder with qm9_train.npz, qm9_valid.npz, qm9_test.npz   as the authors' code makes them
  dsgdb9nsd.xyz.tar.bz2                                      https://doi.org/10.6084/m9.figshare.978904
  qm9pack-1.0.3-py3-none-any.whl                             pip download --no-deps qm9pack

Examples:
  $ egnn data qm9 --from dsgdb9nsd.xyz.tar.bz2
  $ egnn data qm9 --from qm9/temp/qm9 --cache /data/egnn
  $ egnn data qm9 --json`,
    )
    .action((flags: QM9Flags) => interruptible((signal) => qm9DataCommand(flags, signal)));
}

async function qm9DataCommand(flags: QM9Flags, signal: AbortSignal): Promise<void> {
  const reporter = new Reporter(reportMode(flags));
  const cache = qm9CachePath({ cacheFolder: flags.cache });
  const start = performance.now();
  const source = flags.from === undefined ? undefined : await findQM9(flags.from);
  const qm9 = source
    ? await read(source, flags.cache, reporter, signal)
    : await loadQM9({ cacheFolder: flags.cache });
  if (!qm9) throw withHint(new Error(`no QM9 in ${cache}`), 'read it once: egnn data qm9 --from PATH');

  const parts = Object.values(qm9);
  const counts = { train: qm9.train.count, valid: qm9.valid.count, test: qm9.test.count };
  const atoms = parts.reduce((sum, { numbers }) => sum + numbers.length, 0);
  const excluded = parts.reduce((left, { count }) => left - count, MAX_MOLECULES);
  const seconds = (performance.now() - start) / 1000;
  reporter.json({ form: source?.form ?? 'cache', ...counts, atoms, excluded, seconds, cache });
  reporter.result(
    `${counts.train} training, ${counts.valid} validation and ${counts.test} test molecules of ${atoms} atoms, ` +
      `${excluded} left out, ${formatDuration(seconds)}, in ${cache}`,
  );
}

async function read(
  source: QM9Source,
  cacheFolder: string | undefined,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<QM9> {
  reporter.say(`found ${FORMS[source.form]}: ${source.paths.join(', ')}`);
  try {
    return await readQM9(source, {
      cacheFolder,
      signal,
      onProgress: (done, total) => reporter.reading(done, total),
      // Keeping it is what the command is for.
      onNotice: (line, reason) => {
        throw new Error(line, { cause: reason });
      },
    });
  } catch (error) {
    if (signal.aborted) throw new InterruptedError('interrupted while QM9 was read; nothing was kept');
    throw error;
  }
}
