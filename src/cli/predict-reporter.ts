/** @file What `egnn predict` says while it works: progress, skipped records, and the sum at the end. */
import type { JobKind } from '../predict/jobs.ts';
import type { Progress } from '../predict/run.ts';
import { oneLine } from './errors.ts';
import { Reporter, reportMode } from './reporter.ts';
import { formatDuration } from './table.ts';

const TERMINAL_MILLISECONDS = 100;
const LINE_MILLISECONDS = 5_000;

export class PredictionReporter {
  readonly #reporter: Reporter;
  readonly #kind: JobKind;
  readonly #showsProgress: boolean;
  #start = performance.now();
  #lastProgress = performance.now();
  #before = 0;

  constructor(flags: { json?: boolean; quiet?: boolean }, kind: JobKind) {
    const mode = reportMode(flags);
    this.#reporter = new Reporter(mode);
    this.#showsProgress = mode === 'text';
    this.#kind = kind;
  }

  say(line: string): void {
    this.#reporter.say(line);
  }

  /** Times and rates count from here. */
  begin({ written }: Progress): void {
    this.#before = written;
    this.#start = performance.now();
    this.#lastProgress = this.#start;
  }

  predicting({ written }: Progress): void {
    const now = performance.now();
    const interval = process.stderr.isTTY ? TERMINAL_MILLISECONDS : LINE_MILLISECONDS;
    if (!this.#showsProgress || now - this.#lastProgress < interval) return;
    this.#lastProgress = now;
    const line = `predicting: ${written} ${this.#kind}  ${this.#rate(written)}`;
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
  }

  /** Said in every mode: no record is missing in silence. */
  skipped(problem: Error): void {
    this.#warn(`skipped: ${oneLine(problem.message)}`);
  }

  /** @param out where the results are; undefined for standard output, which then has nothing else */
  end(progress: Progress, out: string | undefined): void {
    const { written, skipped } = progress;
    const seconds = (performance.now() - this.#start) / 1000;
    if (skipped > 0) this.#warn(`skipped ${skipped} of ${written + skipped} records`);
    const sum = `${written} ${this.#kind} predicted, ${formatDuration(seconds)}, ${this.#rate(written)}`;
    if (out === undefined) {
      this.say(sum);
      return;
    }
    this.#reporter.json({ out, records: written, skipped, continuedAfter: this.#before, seconds });
    this.#reporter.result(`${sum}; in ${out}`);
  }

  #rate(written: number): string {
    const seconds = (performance.now() - this.#start) / 1000;
    return `${Math.round((written - this.#before) / seconds)} a second`;
  }

  #warn(line: string): void {
    process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[K' : ''}egnn: ${line}\n`);
  }
}
