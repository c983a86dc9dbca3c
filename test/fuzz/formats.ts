/**
 * Fuzzes the readers of src/formats, models and settings, and command lines:
 *
 *     node test/fuzz/formats.ts --minutes 60 [--reader pytorch] [--seed 1]
 *
 * Every case has to give a value or a FormatError, within seconds and without much memory. A worker thread
 * reads, so that a hang and an explosion end only the worker. Findings are saved in a folder of their own; exit code 1.
 * `--reader arguments` is for command lines, which fuzz-command-lines.ts runs.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { fuzzCommandLines } from './fuzz-command-lines.ts';
import { mutate } from './mutate.ts';
import { READERS, type Reader } from './readers.ts';
import { COUNT, type Finding, type Work } from './worker.ts';

const CASE_SECONDS = 20;
const LIMITS = { maxOldGenerationSizeMb: 1024, maxYoungGenerationSizeMb: 64 };
const SAVED_PER_READER = 20;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    reader: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
const targets = [
  ...READERS.map((reader) => ({ name: reader.name, run: (time: number) => fuzz(reader, time) })),
  { name: 'arguments', run: fuzzArguments },
].filter(({ name }) => values.reader === undefined || name === values.reader);
if (targets.length === 0 || !(minutes > 0) || !Number.isInteger(seed)) {
  console.error(
    `--minutes above 0, a whole --seed, --reader one of ${READERS.map(({ name }) => name).join(', ')}, arguments`,
  );
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'egnn-fuzz-'));
console.log(`seed ${seed}, ${minutes} minutes, findings go to ${folder}`);
let findings = 0;
for (const { name, run } of targets) {
  const { found, ...counts } = await run((60_000 * minutes) / targets.length);
  findings += found;
  const text = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
  console.log(`${name}: ${[...text, `${found} findings`].join(', ')}`);
}
process.exit(findings > 0 ? 1 : 0);

interface Counts extends Record<string, number> {
  found: number;
}

async function fuzz(reader: Reader, milliseconds: number): Promise<Counts> {
  const corpus = reader.corpus();
  const counts = new Int32Array(new SharedArrayBuffer(4 * COUNT.length));
  const end = Date.now() + milliseconds;
  let saved = 0;
  const save = ({ number, what }: Finding) => {
    if (saved++ >= SAVED_PER_READER) return;
    const path = join(folder, `${reader.name}-${number}`);
    writeFileSync(path, mutate(corpus, seed, number));
    console.log(`${path}\n  ${what}`);
  };
  while (Date.now() < end) {
    const death = await work({ reader: reader.name, seed, first: counts[COUNT.begun]!, counts }, end, save);
    if (death === undefined) continue;
    counts[COUNT.found]!++;
    save({ number: counts[COUNT.begun]! - 1, what: death });
  }
  const [cases, accepted, rejected, found] = counts as unknown as [number, number, number, number];
  return { cases, accepted, rejected, found };
}

async function fuzzArguments(milliseconds: number): Promise<Counts> {
  let found = 0;
  const { codes, ...counts } = await fuzzCommandLines(
    seed,
    { end: Date.now() + milliseconds },
    ({ number, words, what }) => {
      if (found++ >= SAVED_PER_READER) return;
      const path = join(folder, `arguments-${number}.json`);
      writeFileSync(path, JSON.stringify(words));
      console.log(`${path}\n  ${what}`);
    },
  );
  const ends = Object.entries(codes).map(([code, count]) => [`with ${code}`, count]);
  return { ...counts, ...Object.fromEntries(ends), found };
}

/** One worker until the end of the time; what it died of, if it did. */
function work(work: Work, end: number, onFinding: (finding: Finding) => void): Promise<string | undefined> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('worker.ts', import.meta.url), {
      workerData: work,
      resourceLimits: LIMITS,
    });
    let death: string | undefined;
    let seen = -1;
    let since = Date.now();
    const watch = setInterval(() => {
      const begun = Atomics.load(work.counts, COUNT.begun);
      if (begun !== seen) [seen, since] = [begun, Date.now()];
      else if (Date.now() - since > 1000 * CASE_SECONDS) {
        death = `hang: more than ${CASE_SECONDS} seconds`;
        void worker.terminate();
      }
      if (Date.now() > end) work.counts[COUNT.stop] = 1;
    }, 100);
    worker.on('message', onFinding);
    worker.on('error', (error) => {
      death = String(error);
    });
    worker.on('exit', () => {
      clearInterval(watch);
      resolve(death);
    });
  });
}
