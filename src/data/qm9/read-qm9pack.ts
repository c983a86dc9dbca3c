/**
 * @file QM9 as in the Python package `qm9pack` (Ramakrishnan, MIT licence): a wheel, which is a zip archive, with the
 * kept molecules in three tables `qm9pack/data/qm9_part1.csv` to `qm9_part3.csv`. Elements and positions are written
 * as Python lists: `['C','H','H']` and `[[-0.012,1.085,0.008],[...]]`.
 */
import { FormatError } from '../../formats/error.ts';
import { readZip } from '../../formats/zip.ts';
import { type CsvRecord, readCsv, readHeadings } from './csv.ts';
import { parseDecimal } from './decimal.ts';
import { atomicNumber } from './elements.ts';
import {
  addAtom,
  addMolecule,
  type Draft,
  finishDraft,
  type MoleculeSet,
  newDraft,
  setTarget,
} from './molecules.ts';
import { pause, type ReadingOptions } from './pause.ts';
import { TARGET_NAMES, type TargetName } from './targets.ts';

const TABLE = /(^|\/)qm9_part\d\.csv$/;
const HEADING_OF_TARGET: Record<TargetName, string> = {
  alpha: 'Polarizability_bohr3',
  gap: 'HOMO_LUMO_gap_au',
  homo: 'HOMO_au',
  lumo: 'LUMO_au',
  mu: 'Dipole_debye',
  Cv: 'Heatcapacity_Cv_cal_mol_K',
  G: 'GibbsFreeEnergy_298K_au',
  H: 'Enthalphy_298K_au',
  r2: 'R2_bohr2',
  U: 'InternalEnergy_298K_au',
  U0: 'InternalEnergy_0K_au',
  zpve: 'ZPVE_au',
};
const RECORDS_BETWEEN_PAUSES = 2_000;

/** Which column holds what. */
interface Columns {
  index: number;
  atoms: number;
  elements: number;
  positions: number;
  targets: number[];
}

/** @throws FormatError naming the table and the byte */
export async function readQm9Pack(wheel: Uint8Array, options: ReadingOptions): Promise<MoleculeSet> {
  const tables = readZip(wheel).filter(({ name }) => TABLE.test(name));
  if (tables.length === 0)
    throw new FormatError('no table qm9_part1.csv in the archive; expected that of qm9pack');
  const draft = newDraft();
  const total = tables.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  for (const { name, size, read } of tables) {
    const bytes = read();
    try {
      await readTable(draft, bytes, (position) => pause(options, before + position, total));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new FormatError(`${name}: ${error.message}`, { cause: error });
    }
    before += size;
  }
  return finishDraft(draft);
}

async function readTable(
  draft: Draft,
  bytes: Uint8Array,
  pauseAt: (position: number) => Promise<void>,
): Promise<void> {
  const headings = readHeadings(bytes);
  const columns = findColumns(headings);
  let records = -1;
  for (const record of readCsv(bytes, headings.length)) {
    if (++records === 0) continue;
    addRecord(draft, bytes, record, columns);
    if (records % RECORDS_BETWEEN_PAUSES === 0) await pauseAt(record.position);
  }
  await pauseAt(bytes.length);
}

function findColumns(headings: readonly string[]): Columns {
  const find = (heading: string) => {
    const column = headings.indexOf(heading);
    if (column < 0) throw new FormatError(`no column ${heading}; there are ${headings.join(', ')}`);
    return column;
  };
  return {
    index: find('Index'),
    atoms: find('N_atoms'),
    elements: find('Elements'),
    positions: find('XYZ_Ang'),
    targets: TARGET_NAMES.map((name) => find(HEADING_OF_TARGET[name])),
  };
}

function addRecord(draft: Draft, bytes: Uint8Array, record: CsvRecord, columns: Columns): void {
  const { starts, ends } = record;
  const number = (column: number) => parseDecimal(bytes, starts[column], ends[column]);
  addMolecule(draft, number(columns.index), number(columns.atoms));
  for (let k = 0; k < TARGET_NAMES.length; k++) setTarget(draft, k, number(columns.targets[k]));

  let element = starts[columns.elements];
  let position = starts[columns.positions];
  const elementsEnd = ends[columns.elements];
  const positionsEnd = ends[columns.positions];
  const nextNumber = () => {
    while (position < positionsEnd && isListSyntax(bytes[position])) position++;
    const start = position;
    while (position < positionsEnd && !isListSyntax(bytes[position])) position++;
    return parseDecimal(bytes, start, position);
  };
  const atoms = draft.offsets[draft.count] - draft.atoms;
  for (let a = 0; a < atoms; a++) {
    while (element < elementsEnd && isListSyntax(bytes[element])) element++;
    const x = nextNumber();
    const y = nextNumber();
    addAtom(draft, element < elementsEnd ? atomicNumber(bytes[element++]) : 0, x, y, nextNumber());
  }
}

/** Brackets, commas, single quotes and spaces. */
function isListSyntax(byte: number): boolean {
  return byte === 0x5b || byte === 0x5d || byte === 0x2c || byte === 0x27 || byte === 0x20;
}
