/** @file The five elements of QM9. */

/** Atomic numbers: hydrogen, carbon, nitrogen, oxygen, fluorine. */
export const ELEMENTS: readonly number[] = [1, 6, 7, 8, 9];
const SYMBOLS = Array.from('HCNOF', (symbol) => symbol.charCodeAt(0));

/** The atomic number of the element with this symbol, all of one letter, given as a byte; 0 for any other byte. */
export function atomicNumber(symbol: number): number {
  return ELEMENTS[SYMBOLS.indexOf(symbol)] ?? 0;
}
