/**
 * @file What the page offers to send, for each type of body that the server takes. The molecule of the files is acetic acid,
 * since models of QM9 are far off for molecules with fewer than four atoms besides hydrogen. Examples of graphs depend on
 * the model's widths, so the page makes them.
 */
import type { JobKind } from '../predict/jobs.ts';
import { JSON_TYPE } from './read-request.ts';

interface Form {
  readonly title: string;
  /** Of molecules. */
  readonly example?: string;
}

const NAME = 'acetic acid';

/** The name in PDB and mmCIF, the element, and a conformer's place in angstrom with the three digits that PDB has room for. */
const atoms: readonly (readonly [string, string, number, number, number])[] = [
  ['CH3', 'C', 0.624, -1.31, 0.35],
  ['C', 'C', 0, 0, 0],
  ['O', 'O', -0.308, 0.382, -1.115],
  ['OXT', 'O', -0.208, 0.774, 1.081],
  ['H1', 'H', 0.769, -1.896, -0.562],
  ['H2', 'H', -0.035, -1.867, 1.021],
  ['H3', 'H', 1.597, -1.144, 0.817],
  ['HXT', 'H', -0.614, 1.589, 0.716],
];
/** From, to (both from 1) and order. */
const bonds = [
  [1, 2, 1],
  [2, 3, 2],
  [2, 4, 1],
  [1, 5, 1],
  [1, 6, 1],
  [1, 7, 1],
  [4, 8, 1],
];

const lines = (...all: readonly string[]) => all.map((line) => `${line}\n`).join('');
const right = (value: number, width: number, digits = 0) => value.toFixed(digits).padStart(width);

const xyz = lines(
  String(atoms.length),
  NAME,
  ...atoms.map(([, element, ...place]) => `${element}${place.map((value) => right(value, 8, 3)).join('')}`),
);

const molfile = lines(
  NAME,
  '                    3D',
  '',
  `${right(atoms.length, 3)}${right(bonds.length, 3)}  0  0  0  0  0  0  0  0999 V2000`,
  ...atoms.map(
    ([, element, ...place]) =>
      `${place.map((value) => right(value, 10, 4)).join('')} ${element.padEnd(3)} 0  0`,
  ),
  ...bonds.map((bond) => bond.map((value) => right(value, 3)).join('')),
  'M  END',
);

const pdb = lines(
  ...atoms.map(
    ([name, element, ...place], k) =>
      `HETATM${right(k + 1, 5)}  ${name.padEnd(3)} ACY A   1    ` +
      `${place.map((value) => right(value, 8, 3)).join('')}  1.00  0.00${element.padStart(12)}`,
  ),
  'END',
);

const mmcif = lines(
  'data_ACY',
  'loop_',
  ...['id', 'type_symbol', 'label_atom_id', 'label_comp_id', 'Cartn_x', 'Cartn_y', 'Cartn_z'].map(
    (item) => `_atom_site.${item}`,
  ),
  ...atoms.map(
    ([name, element, ...place], k) =>
      `${k + 1} ${element} ${name} ACY ${place.map((value) => value.toFixed(3)).join(' ')}`,
  ),
);

const numberOf: Record<string, number> = { H: 1, C: 6, O: 8 };
const json = lines(
  '{"molecules": [',
  '  {"smiles": "CC(N)=O", "name": "acetamide"},',
  `  {"name": ${JSON.stringify(NAME)},`,
  `   "numbers": ${JSON.stringify(atoms.map(([, element]) => numberOf[element]))},`,
  `   "positions": ${JSON.stringify(atoms.map(([, , ...place]) => place))}}`,
  ']}',
);

/** By the type of the body, in the order in which they are offered. */
export const forms: Readonly<Record<JobKind, Readonly<Record<string, Form>>>> = {
  molecules: {
    'chemical/x-daylight-smiles': {
      title: 'SMILES, one a line',
      example: lines('CC(=O)O acetic acid', 'CC(N)=O acetamide', 'c1ccncc1 pyridine'),
    },
    'chemical/x-xyz': { title: 'xyz', example: xyz },
    'chemical/x-mdl-sdfile': { title: 'SDF', example: `${molfile}$$$$\n` },
    'chemical/x-mdl-molfile': { title: 'Molfile', example: molfile },
    'chemical/x-pdb': { title: 'PDB', example: pdb },
    'chemical/x-mmcif': { title: 'mmCIF', example: mmcif },
    [JSON_TYPE]: { title: 'JSON', example: json },
  },
  graphs: {
    [JSON_TYPE]: { title: 'JSON' },
    'application/x-ndjson': { title: 'Lines of JSON, a graph each' },
  },
};
