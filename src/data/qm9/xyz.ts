/**
 * @file One file of QM9's archive: XYZ with properties in the comment line (Ramakrishnan et al. 2014, table 2).
 *
 *     5
 *     gdb 1  157.7118  157.70997  157.70699  0.  13.21  -0.3877  ...    tag, number, 15 properties
 *     C  -0.0126981359   1.0858041578   0.0080009958  -0.535689         element, position, partial charge
 *     ...
 *
 * Three lines follow that are not read: frequencies, SMILES, InChI.
 */
import { FormatError } from '../../formats/error.ts';
import { parseDecimal } from './decimal.ts';
import { atomicNumber } from './elements.ts';
import { addAtom, addMolecule, type Draft, setTarget } from './molecules.ts';
import { TARGET_NAMES } from './targets.ts';

const PROPERTIES = 'A B C mu alpha homo lumo gap r2 zpve U0 U H G Cv'.split(' ');
/** The target that each property is, or -1. */
const TARGET_OF_PROPERTY = PROPERTIES.map((name) => (TARGET_NAMES as readonly string[]).indexOf(name));
const NEWLINE = 0x0a;
const SPACE = 0x20;

/** The word last read is bytes `start` to `end`. */
interface WordReader {
  name: string;
  bytes: Uint8Array;
  start: number;
  end: number;
}

/**
 * Adds the molecule of a file to the draft, unless its number is in `excluded`.
 * @param name of the file, for messages
 * @throws FormatError
 */
export function readXyz(draft: Draft, bytes: Uint8Array, name: string, excluded: ReadonlySet<number>): void {
  const reader: WordReader = { name, bytes, start: 0, end: 0 };
  const atoms = readNumber(reader, 'the number of atoms');
  skipLine(reader);
  skipWord(reader);
  const index = readNumber(reader, "the molecule's number");
  if (excluded.has(index)) return;
  addMolecule(draft, index, atoms);
  for (let p = 0; p < PROPERTIES.length; p++) {
    const value = readNumber(reader, PROPERTIES[p]);
    if (TARGET_OF_PROPERTY[p] >= 0) setTarget(draft, TARGET_OF_PROPERTY[p], value);
  }
  for (let a = 0; a < atoms; a++) {
    skipLine(reader);
    skipWord(reader);
    const element = reader.end - reader.start === 1 ? atomicNumber(bytes[reader.start]) : 0;
    const x = readNumber(reader, 'x');
    const y = readNumber(reader, 'y');
    addAtom(draft, element, x, y, readNumber(reader, 'z'));
    readNumber(reader, 'the charge');
  }
}

/** The next word of the line as a number. */
function readNumber(reader: WordReader, what: string): number {
  skipWord(reader);
  const { bytes, start, end, name } = reader;
  const value = parseDecimal(bytes, start, end);
  if (!Number.isNaN(value)) return value;
  const word = new TextDecoder('latin1').decode(bytes.subarray(start, end));
  throw new FormatError(`${name}: ${what} is ${JSON.stringify(word)} at byte ${start}; expected a number`);
}

/** Goes to the next word of the line; to an empty one if there is none. */
function skipWord(reader: WordReader): void {
  const { bytes } = reader;
  let at = reader.end;
  while (bytes[at] <= SPACE && bytes[at] !== NEWLINE) at++;
  reader.start = at;
  while (bytes[at] > SPACE) at++;
  reader.end = at;
}

function skipLine(reader: WordReader): void {
  const newline = reader.bytes.indexOf(NEWLINE, reader.end);
  reader.end = newline < 0 ? reader.bytes.length : newline + 1;
}
