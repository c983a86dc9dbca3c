/** @file Training: optimisers, schedules, the loop, checkpoints and the folder of a run. */
export * from './browser.ts';
export type { Checkpoint } from './checkpoint-files.ts';
export { RunFolder } from './run-folder.ts';
