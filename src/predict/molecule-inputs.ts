/**
 * @file Files of molecules as entries. Conformers of SMILES take most of the time of such a run, so they are made only
 * for entries that are wanted: a resumed run must not make those of its first part again.
 */
import {
  FormatError,
  loadConformerGenerator,
  MOLECULE_FORMATS,
  type Molecule,
  type MoleculeFormat,
  type ReadRecord,
  readSmilesCsvRecords,
  readSmiRecords,
  type SmilesRecord,
} from '../formats/index.ts';
import type { Entry, InputFormat } from './entries.ts';
import { readMoleculeArrays } from './molecule-arrays.ts';

type SmilesRecords = typeof readSmiRecords;

const SMILES_READERS = new Map<string, SmilesRecords>([
  ['.csv', readSmilesCsvRecords],
  ['.smi', readSmiRecords],
]);

/** One for all: what a molecule looks like must not depend on its place in a file. */
const CONFORMER_SEED = 0;

export const moleculeInputs: readonly InputFormat<Molecule>[] = [
  ...MOLECULE_FORMATS.map(({ name, extensions, records }): InputFormat<Molecule> => {
    const smiles = SMILES_READERS.get(extensions[0]);
    return { name, extensions, read: smiles ? fromSmiles(smiles) : fromRecords(records) };
  }),
  { name: "arrays of QM9 as the authors' code has them", extensions: ['.npz'], read: readMoleculeArrays },
];

function fromRecords(records: MoleculeFormat['records']): InputFormat<Molecule>['read'] {
  return async function* (bytes, { where, skip }) {
    for await (const { line, record, error } of after(skip, records(bytes, { where })))
      yield error === undefined ? { line, name: record.name, item: record } : { line, error };
  };
}

function fromSmiles(records: SmilesRecords): InputFormat<Molecule>['read'] {
  return async function* (bytes, { where, skip }) {
    const makeConformer = await loadConformerGenerator();
    for await (const { line, record, error } of after(skip, records(bytes, { where })))
      yield error === undefined ? conformer(record, line) : { line, error };

    function conformer({ smiles, name = smiles }: SmilesRecord, line: number): Entry<Molecule> {
      try {
        return { line, name, item: { ...makeConformer(smiles, CONFORMER_SEED), name } };
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        return { line, error: new FormatError(`${where}, line ${line}: ${error.message}`) };
      }
    }
  };
}

async function* after<T>(skip: number, records: AsyncIterable<ReadRecord<T>>): AsyncGenerator<ReadRecord<T>> {
  let passed = 0;
  for await (const record of records) if (passed++ >= skip) yield record;
}
