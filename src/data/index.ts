/** @file Data sets: generated or read, cached, as plain typed arrays. */
export { balancedBatches } from './balanced-batches.ts';
export * from './graphs/index.ts';
export * from './nbody/index.ts';
export * from './qm9/index.ts';
