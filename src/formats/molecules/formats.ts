/**
 * @file The formats of molecules by file name, each as a stream of molecules: what a command line picks from.
 */

import { FormatError } from '../error.ts';
import { readSmilesCsvRecords, readSmiRecords, type SmilesRecord } from './csv.ts';
import type { Chunks } from './lines.ts';
import { readMmcifRecords } from './mmcif.ts';
import type { Molecule } from './molecule.ts';
import { readPdbRecords } from './pdb.ts';
import type { ReadOptions, ReadRecord } from './records.ts';
import { readSdfRecords } from './sdf.ts';
import { loadConformerGenerator } from './smiles.ts';
import { type Structure, structureToMolecule } from './structure.ts';
import { readXyzRecords } from './xyz.ts';

export interface MoleculeReadOptions extends ReadOptions {
  /** Of the conformers that SMILES get; a whole number from 0 below 2^32. Default: 0. */
  seed?: number;
}

export interface MoleculeFormat {
  name: string;
  /** In lower case, with the dot. */
  extensions: readonly string[];
  /** The molecules of a stream, each a record or an error, after which reading goes on. */
  records(chunks: Chunks, options?: MoleculeReadOptions): AsyncGenerator<ReadRecord<Molecule>>;
}

export const MOLECULE_FORMATS: readonly MoleculeFormat[] = [
  { name: 'xyz', extensions: ['.xyz', '.extxyz'], records: readXyzRecords },
  { name: 'SDF', extensions: ['.sdf', '.mol'], records: readSdfRecords },
  { name: 'PDB', extensions: ['.pdb', '.ent'], records: structures(readPdbRecords) },
  { name: 'mmCIF', extensions: ['.cif', '.mmcif'], records: structures(readMmcifRecords) },
  { name: 'CSV with SMILES', extensions: ['.csv'], records: conformers(readSmilesCsvRecords) },
  { name: 'SMILES', extensions: ['.smi'], records: conformers(readSmiRecords) },
];

/**
 * The format of a file by the end of its name, in any case.
 * @throws FormatError that lists what is supported.
 */
export function moleculeFormatOf(fileName: string): MoleculeFormat {
  const lower = fileName.toLowerCase();
  const found = MOLECULE_FORMATS.find(({ extensions }) => extensions.some((end) => lower.endsWith(end)));
  if (found !== undefined) return found;
  const known = MOLECULE_FORMATS.map(({ name, extensions }) => `${extensions.join(', ')} (${name})`).join(
    '; ',
  );
  throw new FormatError(`${fileName}: no format of molecules has this ending; there are: ${known}`);
}

function structures(
  read: (chunks: Chunks, options?: ReadOptions) => AsyncGenerator<ReadRecord<Structure>>,
): MoleculeFormat['records'] {
  return async function* (chunks, options) {
    for await (const { line, record, error } of read(chunks, options)) {
      yield error === undefined ? { line, record: structureToMolecule(record) } : { line, error };
    }
  };
}

function conformers(
  read: (chunks: Chunks, options?: ReadOptions) => AsyncGenerator<ReadRecord<SmilesRecord>>,
): MoleculeFormat['records'] {
  return async function* (chunks, options = {}) {
    const { seed = 0, where } = options;
    const makeConformer = await loadConformerGenerator();
    for await (const { line, record, error } of read(chunks, options)) {
      if (error !== undefined) {
        yield { line, error };
        continue;
      }
      let molecule: Molecule;
      try {
        molecule = makeConformer(record.smiles, seed);
      } catch (problem) {
        if (!(problem instanceof FormatError)) throw problem;
        const place = `${where === undefined ? '' : `${where}, `}line ${line}`;
        yield { line, error: new FormatError(`${place}: ${problem.message}`) };
        continue;
      }
      if (record.name !== undefined) molecule.name = record.name;
      for (const [key, value] of record.properties) molecule.properties.set(key, value);
      yield { line, record: molecule };
    }
  };
}
