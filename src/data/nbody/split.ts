/**
 * @file The task's view of a trajectory: where the particles are and how they move at frame 30, and where they will be
 * at frame 40. The frames between and around are not kept.
 */
import { integrate, type Particles } from './simulator.ts';

/** Particles per trajectory. */
export const PARTICLES = 5;
/** Frames that the authors record of a trajectory; the noise drawn for them moves the random stream on. */
export const FRAMES = 49;
/** Steps of the integration from one frame to the next. */
const SAMPLE_EVERY = 100;
const INPUT_FRAME = 30;
const TARGET_FRAME = 40;
const SIZE = PARTICLES * 3;

/** M trajectories, as inputs and targets. */
export interface NBodySplit {
  /** M */
  count: number;
  /** [M, 5, 3], at frame 30 */
  positions: Float32Array;
  /** [M, 5, 3], at frame 30 */
  velocities: Float32Array;
  /** positions [M, 5, 3] at frame 40 */
  targets: Float32Array;
  /** [M, 5], each -1 or 1 */
  charges: Int8Array;
}

/** Room for `count` trajectories, all zero. */
export function emptySplit(count: number): NBodySplit {
  return {
    count,
    positions: new Float32Array(count * SIZE),
    velocities: new Float32Array(count * SIZE),
    targets: new Float32Array(count * SIZE),
    charges: new Int8Array(count * PARTICLES),
  };
}

/** Trajectories `start` to `end` (not included) of a split, as views of it; the authors train on the first 3,000. */
export function sliceSplit(split: NBodySplit, start: number, end: number): NBodySplit {
  if (
    !(Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end && end <= split.count)
  ) {
    throw new RangeError(`invalid range; not within [0, ${split.count}]: [${start}, ${end})`);
  }
  return {
    count: end - start,
    positions: split.positions.subarray(start * SIZE, end * SIZE),
    velocities: split.velocities.subarray(start * SIZE, end * SIZE),
    targets: split.targets.subarray(start * SIZE, end * SIZE),
    charges: split.charges.subarray(start * PARTICLES, end * PARTICLES),
  };
}

/** Copies `part` into `whole`, from trajectory `offset` on. */
export function writeSplit(whole: NBodySplit, part: NBodySplit, offset: number): void {
  whole.positions.set(part.positions, offset * SIZE);
  whole.velocities.set(part.velocities, offset * SIZE);
  whole.targets.set(part.targets, offset * SIZE);
  whole.charges.set(part.charges, offset * PARTICLES);
}

/** Integrates every trajectory from its start, which is overwritten. */
export function integrateAll(starts: readonly Particles[]): NBodySplit {
  const split = emptySplit(starts.length);
  for (const [index, state] of starts.entries()) {
    split.charges.set(state.charges, index * PARTICLES);
    integrate(state, TARGET_FRAME + 1, SAMPLE_EVERY, (frame) => {
      if (frame === INPUT_FRAME) {
        split.positions.set(state.positions, index * SIZE);
        split.velocities.set(state.velocities, index * SIZE);
      } else if (frame === TARGET_FRAME) {
        split.targets.set(state.positions, index * SIZE);
      }
    });
  }
  return split;
}
