/** The readers that are fuzzed. A reader is a line here: what it is called, whole files to start from, how to read one. */
import { readdirSync } from 'node:fs';
import { zipSync } from 'fflate';
import {
  findStateDicts,
  loadConformerGenerator,
  readNpy,
  readNpz,
  readPickle,
  readPyTorch,
  readSafetensors,
  readZip,
} from '../../src/formats/index.ts';
import { readEach } from '../../src/formats/molecules/records.ts';
import { golden } from '../formats/goldens.ts';
import { fixture as moleculeFile, SYNTAXES } from '../formats/molecules/files.ts';
import { pickleOf, writePickle } from '../formats/pickle-writer.ts';
import { fixture } from '../formats/pytorch-fixtures.ts';
import { MODEL_READERS } from './models.ts';

export interface Reader {
  name: string;
  /** Whole files, a few kilobytes each. */
  corpus: () => Uint8Array[];
  /** Reads all of a file, at once or in a promise. @throws FormatError or what it refuses with, and nothing else. */
  read: (bytes: Uint8Array) => unknown;
  refuses?: (error: Error) => boolean;
}

const goldens = (...names: Parameters<typeof golden>[0][]) => names.map(golden);

/** Files that PyTorch and Python wrote, refused ones included. */
const fixtures = (ending: string) =>
  readdirSync(new URL('../fixtures/pytorch/', import.meta.url))
    .filter((name) => name.endsWith(ending))
    .map(fixture);

const zeros = new Uint8Array(1 << 16);
const bomb = zipSync({ 'a.npy': zeros, 'archive/data.pkl': zeros }, { level: 9 });
const hostilePickles = () => [
  pickleOf(']'.repeat(5000), 'a'.repeat(4999), '.'),
  pickleOf('N', '\x85'.repeat(5000), '.'),
  pickleOf('](K\x01e', '2q\x00]h\x00ah\x00a'.repeat(100), '.'),
  pickleOf('](', 'K\x01'.repeat(500), 'eq\x00cbuiltins\nset\nq\x01', 'h\x01h\x00\x85R'.repeat(100), '.'),
  writePickle([new Map([['a', [1.5, -1, 2n ** 70n, 'text', new Uint8Array(9)]]]), new Set([1, null, true])]),
];
/** The same pickles as `torch.save` would put them into a file. */
const archived = (pickle: Uint8Array) => zipSync({ 'archive/data.pkl': pickle }, { level: 0 });

/** All records, malformed ones included, so that going on after an error is tried too. */
const moleculeReaders = SYNTAXES.map(
  ({ name, syntax, files }): Reader => ({
    name,
    corpus: () => files.map(moleculeFile),
    read(bytes) {
      const errors = [...readEach(syntax(), bytes)].flatMap(({ error }) => error ?? []);
      if (errors.length > 0) throw errors[0];
    },
  }),
);

/** Short ones, since a conformer of two hundred atoms takes seconds. */
const smilesReader = async (): Promise<Reader> => {
  const conformer = await loadConformerGenerator();
  const texts = [
    'CC(=O)N',
    'C1CC1.[Na+].[Cl-]',
    'F/C=C\\[13CH3]',
    'N[C@@H](C)O',
    'c1ccoc1C#N',
    'C%12CC=%12S',
  ];
  return {
    name: 'smiles',
    corpus: () => texts.map((text) => new TextEncoder().encode(text)),
    read: (bytes) => conformer(new TextDecoder().decode(bytes.subarray(0, 30)), 1),
  };
};

export const READERS: Reader[] = [
  {
    name: 'npy',
    corpus: () => goldens('float32_c', 'float64_fortran', 'int64_big', 'float16', 'bool', 'text', 'v2'),
    read: readNpy,
  },
  { name: 'npz', corpus: () => [...goldens('npz', 'npz_compressed'), bomb], read: readNpz },
  { name: 'safetensors', corpus: () => goldens('safetensors'), read: readSafetensors },
  {
    name: 'zip',
    corpus: () => [...goldens('npz', 'npz_compressed'), fixture('grid4.pt'), bomb],
    read: (bytes) => readZip(bytes).map((entry) => entry.read()),
  },
  { name: 'pickle', corpus: () => [...fixtures('.pickle'), ...hostilePickles()], read: readPickle },
  {
    name: 'pytorch',
    corpus: () => [...fixtures('.pt'), ...hostilePickles().map(archived), bomb],
    read: (bytes) => findStateDicts(readPyTorch(bytes)),
  },
  ...moleculeReaders,
  await smilesReader(),
  ...MODEL_READERS,
];
