/** @file The charged N-body system: fresh trajectories, and the authors' data set. */

export { loadNBodyData, type NBodyData, type NBodyOptions } from './dataset.ts';
export { type GenerateOptions, generateNBody } from './generate.ts';
export { type SimulateOptions, simulate, type Trajectory } from './simulator.ts';
export { type NBodySplit, sliceSplit } from './split.ts';
