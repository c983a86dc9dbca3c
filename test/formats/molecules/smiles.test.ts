/** Conformers from SMILES: repeatable to the bit, right geometry and handedness, failures as FormatError. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  type ConformerGenerator,
  FormatError,
  loadConformerGenerator,
  MAX_CONFORMER_ATOMS,
  type Molecule,
} from '../../../src/formats/index.ts';

const conformer: ConformerGenerator = await loadConformerGenerator();

function distance({ positions }: Molecule, a: number, b: number): number {
  return Math.hypot(...[0, 1, 2].map((k) => positions[3 * a + k]! - positions[3 * b + k]!));
}

describe('a conformer', () => {
  it('has explicit hydrogens, bonds, and charges', () => {
    const molecule = conformer('C[N+](C)(C)[13CH3]', 1);
    expect([...molecule.numbers].sort((a, b) => a - b)).toEqual([...Array(12).fill(1), 6, 6, 6, 6, 7]);
    expect(molecule).toMatchObject({ charge: 1, dimensions: 3 });
    expect(molecule.bonds!.orders).toEqual(new Uint8Array(16).fill(1));
    expect(molecule.columns.get('formal_charge')!.values[1]).toBe(1);
    expect(molecule.columns.get('isotope')!.values[4]).toBe(13);
  });

  it('has the bond lengths of MMFF94', () => {
    const ethane = conformer('CC', 1);
    expect(distance(ethane, 0, 1)).toBeCloseTo(1.512, 2);
    expect(distance(ethane, 0, 2)).toBeCloseTo(1.094, 2);
  });

  it('may be linear, where the gradient of the force field has no value', () => {
    for (let seed = 0; seed < 10; seed++) {
      const hydrogenCyanide = conformer('C#N', seed);
      expect(distance(hydrogenCyanide, 0, 2)).toBeCloseTo(1.065, 2);
      expect(distance(hydrogenCyanide, 1, 2)).toBeCloseTo(distance(hydrogenCyanide, 0, 1) + 1.065, 2);
    }
  });

  it('has the handedness and the side that the SMILES says', () => {
    const volume = (smiles: string) => {
      const { positions } = conformer(smiles, 3);
      const [a, b, c] = [0, 2, 3].map((atom) =>
        [0, 1, 2].map((k) => positions[3 * atom + k]! - positions[3 + k]!),
      ) as [number[], number[], number[]];
      const cross = [0, 1, 2].map(
        (k) => b[(k + 1) % 3]! * c[(k + 2) % 3]! - b[(k + 2) % 3]! * c[(k + 1) % 3]!,
      );
      return a[0]! * cross[0]! + a[1]! * cross[1]! + a[2]! * cross[2]!;
    };
    // Atoms 0, 2, 3 around atom 1: opposite signs for mirror images.
    expect(Math.sign(volume('N[C@](C)(F)Cl'))).toBe(-Math.sign(volume('N[C@@](C)(F)Cl')));
    expect(distance(conformer('F/C=C/F', 1), 0, 3)).toBeGreaterThan(3.3);
    expect(distance(conformer('F/C=C\\F', 1), 0, 3)).toBeLessThan(3.1);
  });

  it('follows from SMILES and seed alone', () => {
    const before = conformer('OCC(N)CO', 7);
    conformer('C1CCCCC1', 1);
    expect(conformer('OCC(N)CO', 7)).toEqual(before);
    expect(conformer('OCC(N)CO', 8).positions).not.toEqual(before.positions);
    // OpenChemLib takes 0 for any seed at all.
    for (const seed of [0, 2 ** 31, 2 ** 32 - 1])
      expect(conformer('CCO', seed)).toEqual(conformer('CCO', seed));
  });

  it('is the same in another process', () => {
    const url = new URL('../../../dist/formats/molecules/smiles.js', import.meta.url).href;
    const program = `const { loadConformerGenerator } = await import(${JSON.stringify(url)});
      console.log(JSON.stringify([...(await loadConformerGenerator())('OCC(N)CO', 7).positions]));`;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    });
    expect(Float64Array.from(JSON.parse(output))).toEqual(conformer('OCC(N)CO', 7).positions);
  });
});

describe('what has no conformer', () => {
  it.each([
    ['nothing', '', 'the text ends; expected an atom'],
    ['a space', 'C C', 'character 2: " " stands for nothing'],
    ['a reaction', 'C>>O', 'character 2: ">" stands for nothing'],
    ['a bond that leads nowhere', 'C=', 'the text ends; expected an atom'],
    ['a bond that comes from nowhere', '=C', 'character 1: "=" out of place'],
    ['an open branch', 'CC(C', 'the text ends; expected )'],
    ['a branch that is not open', 'CC)C', 'character 3: ) without ('],
    ['an empty branch', 'C()C', 'character 3: ")" out of place'],
    ['an open ring', 'C1CC', 'dangling ring closure'],
    ['an open bracket', 'C[NH', 'character 2: "[" stands for nothing'],
    ['an unknown element', '[Xx]C', 'SmilesParser'],
    ['a wildcard', '*C', 'character 1: "*" stands for nothing'],
    ['a wildcard in brackets', '[*]C', 'this is a pattern'],
    ['a radical', 'C[CH]C', 'atom 2 is a radical'],
    ['an aromatic ring without its hydrogen', 'n1cccc1', 'aromatic ring that has no bonds to go with it'],
    ['five bonds of carbon', 'C(C)(C)(C)(C)C', 'no conformer was found'],
    ['an element that MMFF94 lacks', 'CB', "Couldn't assign an atom type"],
    ['too many atoms', 'C'.repeat(67), `203 atoms with hydrogens; expected at most ${MAX_CONFORMER_ATOMS}`],
    ['a long text', 'C'.repeat(1e6), 'longer than 2000 characters'],
  ])('%s', (_, smiles, message) => {
    expect(() => conformer(smiles, 1)).toThrow(FormatError);
    expect(() => conformer(smiles, 1)).toThrow(message);
  });

  it('a seed that is none is an error of the program', () => {
    for (const seed of [-1, 1.5, 2 ** 32]) expect(() => conformer('C', seed)).toThrow(RangeError);
  });
});
