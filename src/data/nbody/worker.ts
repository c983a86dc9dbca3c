/** @file A worker that integrates the blocks of trajectories it is sent, one answer a block. */
import { parentPort } from 'node:worker_threads';
import type { Block } from './one-thread.ts';
import { integrateAll } from './split.ts';

parentPort?.on('message', ({ offset, starts }: Block) => {
  const split = integrateAll(starts);
  const buffers = [split.positions, split.velocities, split.targets, split.charges].map((a) => a.buffer);
  parentPort?.postMessage({ offset, split }, buffers as ArrayBuffer[]);
});
