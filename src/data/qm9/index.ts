/** @file QM9: 130,831 small molecules with twelve properties, in the paper's split and units. */
export { loadQM9, type QM9CacheOptions, type QM9Options, qm9CachePath, readQM9 } from './dataset.ts';
export { excludedMolecules } from './excluded.ts';
export { ATOM_FEATURES, atomFeatures } from './features.ts';
export { type MoleculeSet, moleculeSizes, selectMolecules } from './molecules.ts';
export type { ReadingOptions } from './pause.ts';
export { findQM9, type QM9Form, type QM9Source } from './source.ts';
export type { QM9 } from './split.ts';
export {
  atomicReference,
  atomicReferences,
  QM9_TARGETS,
  type Spread,
  spreadOf,
  TARGET_NAMES,
  type TargetDescription,
  type TargetName,
  targetValues,
} from './targets.ts';
