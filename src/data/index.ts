/** @file Data sets: generated or read, cached, as plain typed arrays. */
export * from './nbody/index.ts';
