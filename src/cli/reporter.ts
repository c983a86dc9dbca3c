/**
 * @file What a command says while it works. Progress goes to stderr: one line rewritten in place on a terminal, a line
 * every few seconds elsewhere. Results go to stdout; with `--json` nothing but JSON does, one object a line.
 */
import type { EpochMetrics, StepProgress, TrainingEvents } from '../train/task.ts';
import { oneLine } from './errors.ts';
import { drawLossCurve, sparkline } from './loss-curve.ts';
import { formatDuration } from './table.ts';

type ReportMode = 'text' | 'quiet' | 'json';

export function reportMode({ json, quiet }: { json?: boolean; quiet?: boolean }): ReportMode {
  if (json) return 'json';
  return quiet ? 'quiet' : 'text';
}

const TERMINAL_MILLISECONDS = 100;
const LINE_MILLISECONDS = 5_000;

export class Reporter implements TrainingEvents {
  readonly #mode: ReportMode;
  readonly #terminal = process.stderr.isTTY;
  #lastProgress = 0;
  /** What the samples of the run are called. */
  #samples = 'samples';
  #start: (StepProgress & { readonly time: number }) | undefined;
  #lastValidation: number | undefined;
  /** Of the epochs of this process. */
  #losses: number[] = [];

  constructor(mode: ReportMode) {
    this.#mode = mode;
  }

  /** A line that stays, on stderr. */
  say(line: string): void {
    if (this.#mode !== 'text') return;
    this.#clearLine();
    process.stderr.write(`${oneLine(line)}\n`);
  }

  /** A warning, on stderr whatever the mode. */
  onNotice(line: string): void {
    this.#clearLine();
    process.stderr.write(`egnn: warning: ${oneLine(line)}\n`);
  }

  /** A result for people, on stdout. */
  result(text: string): void {
    if (this.#mode === 'json') return;
    this.#clearLine();
    process.stdout.write(`${text}\n`);
  }

  /** How a training went, as a small drawing, where somebody looks at a terminal. */
  curve(metrics: readonly EpochMetrics[]): void {
    if (this.#mode !== 'text' || !process.stdout.isTTY) return;
    const { NO_COLOR, TERM } = process.env;
    const colours = !NO_COLOR && TERM !== 'dumb';
    const lines = drawLossCurve(metrics, { columns: process.stdout.columns ?? 80, colours });
    if (lines.length > 0) this.result(lines.join('\n'));
  }

  /** A result for programs. */
  json(value: object): void {
    if (this.#mode === 'json') process.stdout.write(`${JSON.stringify(value)}\n`);
  }

  /** Progress of generating data. */
  generating(done: number, total: number): void {
    this.#progress(`generating trajectories: ${done} of ${total}`, done === total);
  }

  /** Progress of reading a data set, in bytes. */
  reading(done: number, total: number): void {
    this.#progress(`reading: ${Math.floor((100 * done) / total)} %`, done === total);
  }

  /**
   * Begins a run: rates and times count from here.
   * @param samples what its samples are called
   */
  begin(samples: string): void {
    this.#samples = samples;
    this.#start = undefined;
    this.#lastValidation = undefined;
    this.#losses = [];
    this.#lastProgress = 0;
  }

  onStep(progress: StepProgress): void {
    const { epoch, step, steps, samples, loss } = progress;
    const now = performance.now();
    this.#start ??= { ...progress, time: now };
    const seconds = (now - this.#start.time) / 1000;
    const samplesPerSecond = (samples - this.#start.samples) / seconds;
    const secondsPerStep = seconds / (step - this.#start.step);
    const parts = [
      `epoch ${epoch}`,
      this.#terminal ? sparkline(this.#losses) : '',
      `step ${step}/${steps}`,
      `loss ${loss.toFixed(4)}`,
      this.#lastValidation === undefined ? '' : `error ${this.#lastValidation.toFixed(4)}`,
      seconds > 0 ? `${samplesPerSecond.toFixed(0)} ${this.#samples}/s` : '',
      seconds > 0 ? `${formatDuration((steps - step) * secondsPerStep)} left` : '',
    ];
    this.#progress(parts.filter((part) => part !== '').join('  '), false);
  }

  onEpoch(metrics: EpochMetrics): void {
    this.#losses.push(metrics.loss);
    if (metrics.validation !== null) this.#lastValidation = metrics.validation;
    this.json(metrics);
  }

  #progress(text: string, now: boolean): void {
    if (this.#mode !== 'text') return;
    const interval = this.#terminal ? TERMINAL_MILLISECONDS : LINE_MILLISECONDS;
    const time = performance.now();
    if (!now && time - this.#lastProgress < interval) return;
    this.#lastProgress = time;
    if (this.#terminal) process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    else process.stderr.write(`${text}\n`);
  }

  #clearLine(): void {
    if (this.#terminal && this.#mode === 'text') process.stderr.write('\r\x1b[K');
  }
}
