/** @file Predictions as text: no more digits than the model's error makes worth reading. */
import type { OutputFacts } from './types.ts';

/** With as many decimals as the test error has at two digits; five digits where no error is known. */
export function formatValue(value: number, { testError }: Pick<OutputFacts, 'testError'>): string {
  if (testError === undefined || !(testError > 0)) return plain(value.toPrecision(5));
  return value.toFixed(decimalsOf(testError));
}

/** Two digits. */
export function formatError({ testError }: Pick<OutputFacts, 'testError'>): string {
  if (testError === undefined) return 'not known';
  return testError > 0 ? testError.toFixed(decimalsOf(testError)) : '0';
}

/** For a share or a difference. */
export function formatSmall(value: number, digits = 3): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  return size < 1e-3 || size >= 1e5 ? value.toExponential(1) : plain(value.toPrecision(digits));
}

/** QM9's files write powers with a caret. */
export function formatUnit(unit = ''): string {
  return unit.replace(/\^2/g, '²').replace(/\^3/g, '³');
}

function decimalsOf(error: number): number {
  return Math.min(10, Math.max(0, 1 - Math.floor(Math.log10(error))));
}

/** Without an exponent, which toPrecision writes for large numbers. */
function plain(text: string): string {
  return text.includes('e') ? String(Number(text)) : text;
}
