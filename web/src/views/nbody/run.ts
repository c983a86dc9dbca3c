/**
 * @file A system over time: the exact simulation, what an observer with noise sees of it, where straight lines lead, and
 * how far a prediction is off.
 */
import { MersenneTwister } from 'egnn';
import { integrate } from 'egnn/nbody';
import type { System } from './system.ts';

/** Steps of 0.001 from one recorded moment to the next. */
export const STEPS_A_MOMENT = 10;
/** How far ahead a prediction looks; the data set's inputs and targets lie as far apart. */
export const STEPS_AHEAD = 1000;
const TIME_STEP = 0.001;
export const MOMENTS_AHEAD = STEPS_AHEAD / STEPS_A_MOMENT;
/** Moments that are shown; behind the last of them the simulation runs on for as long as a prediction looks ahead. */
export const MOMENTS_SHOWN = 501;
/** The data set's input, frame 30, counted from 0 and recorded every 100 steps: 3,100 steps after the start. */
export const DATA_SET_MOMENT = 310;

/** A simulated system. */
export interface Run {
  readonly charges: readonly number[];
  /** [601, N, 3] */
  readonly positions: Float32Array;
  /** [601, N, 3] */
  readonly velocities: Float32Array;
}

/** What a prediction is made from: the shown moments of a run. */
export interface Observations {
  readonly charges: readonly number[];
  /** [501, N, 3] */
  readonly positions: Float32Array;
  /** [501, N, 3] */
  readonly velocities: Float32Array;
}

/** The authors' simulator, 6,000 steps of it. */
export function simulateRun({ charges, positions, velocities }: System): Run {
  const size = positions.length;
  const moments = MOMENTS_SHOWN + MOMENTS_AHEAD;
  const state = {
    positions: Float64Array.from(positions),
    velocities: Float64Array.from(velocities),
    charges: Int8Array.from(charges),
  };
  const run = {
    charges,
    positions: new Float32Array(moments * size),
    velocities: new Float32Array(moments * size),
  };
  const record = (moment: number) => {
    run.positions.set(state.positions, moment * size);
    run.velocities.set(state.velocities, moment * size);
  };
  record(0);
  integrate(state, moments - 1, STEPS_A_MOMENT, (frame) => record(frame + 1));
  return run;
}

/**
 * Positions and velocities with normal errors. The errors are the same at all moments, so that what is predicted from
 * them moves smoothly.
 * @param deviation of the errors; 0 for none
 */
export function observe(
  { charges, positions, velocities }: Run,
  deviation: number,
  seed: number,
): Observations {
  const size = 3 * charges.length;
  const random = MersenneTwister.fromKey([seed, 1]);
  const errors = (): Float64Array => Float64Array.from({ length: size }, () => deviation * random.randn());
  const shifted = (values: Float32Array) => {
    const error = errors();
    return values.slice(0, MOMENTS_SHOWN * size).map((value, k) => value + error[k % size]);
  };
  return { charges, positions: shifted(positions), velocities: shifted(velocities) };
}

/** x + t v: where each particle would be if no force acted. @returns [501, N, 3] */
export function extrapolate({ positions, velocities }: Observations): Float32Array {
  return positions.map((x, k) => x + STEPS_AHEAD * TIME_STEP * velocities[k]);
}

/**
 * Mean squared error over the coordinates, as the paper has it, at each shown moment, against where the simulator is
 * 1,000 steps later.
 * @param predicted [501, N, 3]
 * @returns [501]
 */
export function errorsOverTime(predicted: Float32Array, { positions, charges }: Run): Float64Array {
  const size = 3 * charges.length;
  return Float64Array.from({ length: MOMENTS_SHOWN }, (_, moment) => {
    let sum = 0;
    for (let k = 0; k < size; k++)
      sum += (predicted[moment * size + k] - positions[(moment + MOMENTS_AHEAD) * size + k]) ** 2;
    return sum / size;
  });
}
