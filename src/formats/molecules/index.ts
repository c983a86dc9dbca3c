/** Files of molecules: text in, atoms in space out, in memory or record by record. */
export { readSmi, readSmilesCsv, readSmilesCsvRecords, readSmiRecords, type SmilesRecord } from './csv.ts';
export { atomicNumberOf, ELEMENT_COUNT, symbolOf } from './elements.ts';
export {
  MOLECULE_FORMATS,
  type MoleculeFormat,
  type MoleculeReadOptions,
  moleculeFormatOf,
} from './formats.ts';
export { type Chunks, MAX_LINE_LENGTH } from './lines.ts';
export { readMmcif, readMmcifRecords } from './mmcif.ts';
export {
  type AtomColumn,
  type Bonds,
  type Molecule,
  numericProperty,
  type PropertyValue,
  type Scalar,
} from './molecule.ts';
export { readPdb, readPdbRecords } from './pdb.ts';
export { MAX_ATOMS, MAX_RECORD_LENGTH, type ReadOptions, type ReadRecord } from './records.ts';
export { readSdf, readSdfRecords } from './sdf.ts';
export {
  type ConformerGenerator,
  loadConformerGenerator,
  MAX_CONFORMER_ATOMS,
  MAX_SMILES_LENGTH,
} from './smiles.ts';
export { type Structure, structureToMolecule } from './structure.ts';
export { writeSdf } from './write-sdf.ts';
export { writeXyz } from './write-xyz.ts';
export { readXyz, readXyzRecords } from './xyz.ts';
