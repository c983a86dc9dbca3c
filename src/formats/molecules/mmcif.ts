/**
 * @file Reading mmCIF: the `_atom_site` category of each data block, one structure a model. Chains, residue numbers and
 * names are the authors' (`auth_`), which papers and PDB files use; the archive's own (`label_`) are beside them.
 * Specification: PDBx/mmCIF dictionary 5, category atom_site; the syntax is CIF 1.1 (cif-values.ts).
 */

import { type CifWord, cifWords } from './cif-values.ts';
import { atomicNumberOf } from './elements.ts';
import type { Chunks } from './lines.ts';
import { parseReal, parseSmallInteger } from './numbers.ts';
import {
  MAX_ATOMS,
  malformed,
  quote,
  type ReadOptions,
  type ReadRecord,
  type RecordSyntax,
  readAll,
  readStream,
} from './records.ts';
import { type AtomRecord, type Structure, structureOf } from './structure.ts';

const CATEGORY = '_atom_site.';
const BLOCK = /^data_/i;
const KEYWORD = /^(?:data_|loop_$|save_|stop_$|global_$)/i;

const parseInt8 = (text: string) => parseSmallInteger(text, 8);
const parseInt32 = (text: string) => parseSmallInteger(text, 32);

/** A row of the category, which starts at a line. */
interface Row {
  line: number;
  /** The word of an item, by its name without the category, in lower case. */
  get(item: string): CifWord | undefined;
}

interface SiteAtom extends AtomRecord {
  model: number;
  labelChain: string;
  labelResidueNumber: number;
}

/**
 * All models of all data blocks of an mmCIF file.
 * @param where the file's name, for error messages.
 * @throws FormatError at the first malformed data block, and for one without atoms.
 */
export function readMmcif(input: string | Uint8Array, where?: string): Structure[] {
  return readAll(mmcifSyntax(), input, where);
}

/** The models of a stream; a malformed data block is an error, and reading goes on at the next one. */
export function readMmcifRecords(
  chunks: Chunks,
  { where }: ReadOptions = {},
): AsyncGenerator<ReadRecord<Structure>> {
  return readStream(mmcifSyntax(), chunks, where);
}

export function mmcifSyntax(): RecordSyntax<Structure> {
  let inText = false;
  return {
    cut(line, gathered) {
      if (line.startsWith(';')) inText = !inText;
      else if (!inText && BLOCK.test(line)) return 'first';
      return gathered === 0 && (line.trim() === '' || line.startsWith('#')) ? 'between' : 'further';
    },
    parse: (lines, first) => parseBlock(lines, first),
  };
}

function parseBlock(lines: readonly string[], first: number): Structure[] {
  const words = cifWords(lines, first);
  const start = words.next().value as CifWord | undefined;
  if (start === undefined || !start.bare || !BLOCK.test(start.text)) {
    throw malformed(first, `found ${quote(lines[0]!)}; expected a data block, data_NAME`);
  }
  const models = new Map<number, SiteAtom[]>();
  let count = 0;
  for (const row of atomSites(words)) {
    const atom = parseAtom(row);
    if (++count > MAX_ATOMS) throw malformed(first, `a data block has at most ${MAX_ATOMS} atoms`);
    const model = models.get(atom.model);
    if (model === undefined) models.set(atom.model, [atom]);
    else model.push(atom);
  }
  if (count === 0) throw malformed(first, `data block ${quote(start.text)} has no ${CATEGORY} items`);
  return [...models].map(([model, atoms]) => ({
    name: start.text.slice('data_'.length),
    ...structureOf(atoms, model),
    labels: {
      chains: atoms.map((atom) => atom.labelChain),
      residueNumbers: Int32Array.from(atoms, (atom) => atom.labelResidueNumber),
    },
  }));
}

/** The rows of the category, whether it is a loop or the items of one atom. */
function* atomSites(words: Iterator<CifWord>): Generator<Row> {
  const single = new Map<string, CifWord>();
  let word = next(words);
  while (word !== undefined) {
    if (word.bare && /^loop_$/i.test(word.text)) {
      const items: string[] = [];
      word = next(words);
      while (word !== undefined && isName(word)) {
        items.push(word.text.toLowerCase());
        word = next(words);
      }
      const isWanted = items.every((item) => item.startsWith(CATEGORY)) && items.length > 0;
      const places = new Map(items.map((item, k) => [item.slice(CATEGORY.length), k]));
      let row: CifWord[] = [];
      while (word !== undefined && isValue(word)) {
        if (isWanted && row.push(word) === items.length) {
          const values = row;
          yield { line: values[0]!.line, get: (item) => values[places.get(item) ?? values.length] };
          row = [];
        }
        word = next(words);
      }
      if (row.length > 0) {
        throw malformed(
          row[0]!.line,
          `the loop's last row has ${row.length} values; expected ${items.length}`,
        );
      }
    } else if (isName(word)) {
      const name = word.text.toLowerCase();
      const value = next(words);
      if (value === undefined || !isValue(value)) throw malformed(word.line, `${word.text} has no value`);
      if (name.startsWith(CATEGORY)) single.set(name.slice(CATEGORY.length), value);
      word = next(words);
    } else if (/^save_/i.test(word.text) && word.bare) word = next(words);
    else throw malformed(word.line, `found ${quote(word.text)}; expected loop_ or a name that starts with _`);
  }
  const [one] = single.values();
  if (one !== undefined) yield { line: one.line, get: (item) => single.get(item) };
}

function parseAtom(row: Row): SiteAtom {
  const position = [required(row, 'cartn_x'), required(row, 'cartn_y'), required(row, 'cartn_z')].map(
    (word) => number(word, parseReal, 'a coordinate'),
  );
  const symbol = required(row, 'type_symbol');
  const element = atomicNumberOf(symbol.text);
  if (element === undefined) {
    throw malformed(symbol.line, `type_symbol is ${quote(symbol.text)}; expected an element`);
  }
  const labelResidueNumber = value(row, 'label_seq_id');
  const residueNumber = value(row, 'auth_seq_id') ?? labelResidueNumber;
  return {
    number: element,
    position: position as [number, number, number],
    atomName: text(row, 'auth_atom_id', 'label_atom_id'),
    residueName: text(row, 'auth_comp_id', 'label_comp_id'),
    chain: text(row, 'auth_asym_id', 'label_asym_id'),
    residueNumber: residueNumber === undefined ? 0 : number(residueNumber, parseInt32, 'a residue number'),
    insertionCode: text(row, 'pdbx_pdb_ins_code'),
    alternativeLocation: text(row, 'label_alt_id'),
    hetero: value(row, 'group_pdb')?.text === 'HETATM',
    occupancy: optional(row, 'occupancy', parseReal, 1),
    temperatureFactor: optional(row, 'b_iso_or_equiv', parseReal, 0),
    formalCharge: optional(row, 'pdbx_formal_charge', parseInt8, 0),
    model: optional(row, 'pdbx_pdb_model_num', parseInt32, 1),
    labelChain: text(row, 'label_asym_id'),
    labelResidueNumber:
      labelResidueNumber === undefined ? 0 : number(labelResidueNumber, parseInt32, 'a residue number'),
  };
}

/** The item's value, unless it is missing, `.` or `?`. */
function value(row: Row, item: string): CifWord | undefined {
  const word = row.get(item);
  return word?.bare && (word.text === '.' || word.text === '?') ? undefined : word;
}

function required(row: Row, item: string): CifWord {
  const word = value(row, item);
  if (word !== undefined) return word;
  throw malformed(row.get(item)?.line ?? row.line, `the atom has no ${CATEGORY}${item}`);
}

function text(row: Row, item: string, other?: string): string {
  return (value(row, item) ?? (other === undefined ? undefined : value(row, other)))?.text ?? '';
}

function optional(
  row: Row,
  item: string,
  parse: (text: string) => number | undefined,
  missing: number,
): number {
  const word = value(row, item);
  return word === undefined ? missing : number(word, parse, `a number for ${CATEGORY}${item}`);
}

/** CIF may put a standard uncertainty in brackets behind a number: `1.234(5)`. */
function number(word: CifWord, parse: (text: string) => number | undefined, expected: string): number {
  const parsed = parse(word.text.replace(/\(\d+\)$/, ''));
  if (parsed === undefined) throw malformed(word.line, `found ${quote(word.text)}; expected ${expected}`);
  return parsed;
}

function isName(word: CifWord): boolean {
  return word.bare && word.text.startsWith('_');
}

function isValue(word: CifWord): boolean {
  return !isName(word) && !(word.bare && KEYWORD.test(word.text));
}

function next(words: Iterator<CifWord>): CifWord | undefined {
  return words.next().value as CifWord | undefined;
}
