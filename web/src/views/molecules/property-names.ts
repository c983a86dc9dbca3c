/** @file What the short names of QM9's properties stand for. (Ramakrishnan et al., Scientific Data 1, 140022, 2014) */
const names: Readonly<Record<string, string>> = {
  alpha: 'isotropic polarisability',
  gap: 'gap between HOMO and LUMO',
  homo: 'energy of the highest occupied orbital',
  lumo: 'energy of the lowest unoccupied orbital',
  mu: 'dipole moment',
  Cv: 'heat capacity at 298.15 K',
  G: 'free energy at 298.15 K',
  H: 'enthalpy at 298.15 K',
  r2: 'electronic spatial extent',
  U: 'internal energy at 298.15 K',
  U0: 'internal energy at 0 K',
  zpve: 'zero-point vibrational energy',
};

/** undefined for a name that is none of QM9's */
export function propertyName(short: string): string | undefined {
  return Object.hasOwn(names, short) ? names[short] : undefined;
}
