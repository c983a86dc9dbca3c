/** @file Molecules to begin with: small ones of H, C, N, O and F, as those of QM9. */
export interface Example {
  readonly name: string;
  readonly smiles: string;
}

export const examples: readonly Example[] = [
  { name: 'Ethanol', smiles: 'CCO' },
  { name: 'Acetamide', smiles: 'CC(=O)N' },
  { name: 'Benzene', smiles: 'c1ccccc1' },
  { name: 'Fluoroacetonitrile', smiles: 'FCC#N' },
  { name: 'Alanine', smiles: 'C[C@@H](N)C(=O)O' },
  { name: 'Imidazole', smiles: 'c1cnc[nH]1' },
  { name: 'Cyclopropanone', smiles: 'O=C1CC1' },
  { name: 'Glycolaldehyde', smiles: 'OCC=O' },
];

export const firstSmiles = 'CC(=O)N';
