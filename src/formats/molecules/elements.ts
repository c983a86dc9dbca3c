/**
 * @file The chemical elements: symbols, atomic numbers, and the mass number from which molfiles count isotopes.
 * Symbols and names: IUPAC periodic table, 2016 (118 elements).
 */

/** Symbols by atomic number; position 0 is no element. */
const SYMBOLS = (
  'X H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr ' +
  'Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe ' +
  'Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn ' +
  'Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og'
).split(' ');

/** Standard atomic weights, rounded; for elements without one, the mass number of the longest-lived isotope. */
const ROUNDED_MASSES = [
  0, 1, 4, 7, 9, 11, 12, 14, 16, 19, 20, 23, 24, 27, 28, 31, 32, 35, 40, 39, 40, 45, 48, 51, 52, 55, 56, 59,
  59, 64, 65, 70, 73, 75, 79, 80, 84, 85, 88, 89, 91, 93, 96, 98, 101, 103, 106, 108, 112, 115, 119, 122, 128,
  127, 131, 133, 137, 139, 140, 141, 144, 145, 150, 152, 157, 159, 163, 165, 167, 169, 173, 175, 178, 181,
  184, 186, 190, 192, 195, 197, 201, 204, 207, 209, 209, 210, 222, 223, 226, 227, 232, 231, 238, 237, 244,
  243, 247, 247, 251, 252, 257, 258, 259, 262, 267, 268, 269, 270, 269, 278, 281, 282, 285, 286, 289, 290,
  293, 294, 294,
];

/** The number of known elements, and the largest atomic number. */
export const ELEMENT_COUNT = SYMBOLS.length - 1;

/** The two hydrogen isotopes that have symbols of their own. */
const HYDROGEN_ISOTOPES = { D: 2, T: 3 } as const;

const NUMBERS = new Map<string, number>([
  ['D', 1],
  ['T', 1],
]);
for (let number = 1; number <= ELEMENT_COUNT; number++) {
  const symbol = SYMBOLS[number]!;
  for (const spelling of [symbol, symbol.toUpperCase(), symbol.toLowerCase()]) NUMBERS.set(spelling, number);
}

/**
 * The atomic number of an element symbol, undefined where there is none. `Cl`, `CL` and `cl` are chlorine, `cL` is
 * nothing; `D` and `T` are hydrogen.
 */
export function atomicNumberOf(symbol: string): number | undefined {
  return NUMBERS.get(symbol);
}

/** The symbol of an element. @throws RangeError for a number that is not whole or not within 1..118. */
export function symbolOf(atomicNumber: number): string {
  const symbol = atomicNumber >= 1 ? SYMBOLS[atomicNumber] : undefined;
  if (symbol === undefined) {
    throw new RangeError(`atomic number ${atomicNumber}; expected a whole number from 1 to ${ELEMENT_COUNT}`);
  }
  return symbol;
}

/** The mass number that a symbol names by itself: 2 for `D`, 3 for `T`, else 0. */
export function massNumberOf(symbol: string): number {
  return symbol === 'D' || symbol === 'T' ? HYDROGEN_ISOTOPES[symbol] : 0;
}

/** The mass number that a molfile's mass difference counts from. */
export function roundedMassOf(atomicNumber: number): number {
  return ROUNDED_MASSES[atomicNumber]!;
}
