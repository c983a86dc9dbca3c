/** @file Numbers, times and scores as a report's tables have them. */
import type { Table } from './report.ts';

/** One figure that comes out of a test, with that of the paper where there is one. */
export interface Score {
  readonly name: string;
  /** Empty where there is none. */
  readonly unit: string;
  readonly value: number;
  readonly paper?: number;
  /** Whether it stands for the run: shown large. */
  readonly main?: boolean;
}

export function formatTestScores(scores: readonly Score[]): Table {
  const withPaper = scores.some(({ paper }) => paper !== undefined);
  const withUnits = scores.some(({ unit }) => unit !== '');
  return {
    caption: 'On the test set, with the weights of the best validation error.',
    headings: ['', ...(withUnits ? ['unit'] : []), 'here', ...(withPaper ? ['paper', 'here / paper'] : [])],
    rows: scores.map(({ name, unit, value, paper }) => [
      name,
      ...(withUnits ? [unit] : []),
      formatNumber(value),
      ...(withPaper
        ? [
            paper === undefined ? '' : formatNumber(paper),
            paper === undefined ? '' : (value / paper).toFixed(2),
          ]
        : []),
    ]),
  };
}

/** Four significant digits, without an exponent where there need be none. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) return value.toExponential(2);
  if (size >= 1000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(4)));
}

/** 0.3 s, 95 s, 3 min 5 s, 2 h 10 min */
export function formatDuration(seconds: number): string {
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 100) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function formatBytes(bytes: number): string {
  return bytes < 2 ** 30 ? `${Math.round(bytes / 2 ** 20)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

export function formatSetting(value: unknown): string {
  return Array.isArray(value)
    ? value.join(', ')
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
}
