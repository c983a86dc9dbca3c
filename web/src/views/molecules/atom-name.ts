/** @file What an atom is called: element and place, counted from 1. */
import { symbolOf } from 'egnn/formats';

/** C1, O2, H3 ... */
export function atomName(numbers: ArrayLike<number>, atom: number): string {
  return `${symbolOf(numbers[atom])}${atom + 1}`;
}

/** C2H5NO, in Hill's order: carbon, hydrogen, then by the alphabet. */
export function formula(numbers: ArrayLike<number>): string {
  const counts = new Map<string, number>();
  for (const number of Array.from(numbers)) {
    const symbol = symbolOf(number);
    counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  }
  const first = counts.has('C') ? ['C', 'H'] : [];
  const order = (symbol: string) => (first.includes(symbol) ? first.indexOf(symbol) : first.length);
  return [...counts]
    .sort(([a], [b]) => order(a) - order(b) || (a < b ? -1 : 1))
    .map(([symbol, count]) => `${symbol}${count > 1 ? count : ''}`)
    .join('');
}
