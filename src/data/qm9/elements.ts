/** @file The five elements of QM9. */

/** Atomic numbers: hydrogen, carbon, nitrogen, oxygen, fluorine. */
export const ELEMENTS: readonly number[] = [1, 6, 7, 8, 9];
const SYMBOLS = Array.from('HCNOF', (symbol) => symbol.charCodeAt(0));

/** The place of an element in {@link ELEMENTS}. @throws RangeError if it is not one of them */
export function elementPlace(number: number): number {
  const place = ELEMENTS.indexOf(number);
  if (place < 0) throw new RangeError(`invalid atomic number; not one of ${ELEMENTS.join(', ')}: ${number}`);
  return place;
}

/** The atomic number of the element with this symbol, all of one letter, given as a byte; 0 for any other byte. */
export function atomicNumber(symbol: number): number {
  return ELEMENTS[SYMBOLS.indexOf(symbol)] ?? 0;
}
