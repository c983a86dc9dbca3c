/**
 * @file Learning-rate schedules: pure functions from how far a run has come, in [0, 1], to a factor of the learning
 * rate. They hold no state, so a resumed run continues on the same curve.
 */
import { shown } from '../shown.ts';

/** @param progress 0 at the start of the run, 1 at its end */
export type Schedule = (progress: number) => number;

export const constantSchedule: Schedule = () => 1;

/** From 1 down to `floor` along half a cosine wave. */
export function cosineSchedule(floor = 0): Schedule {
  return (progress) => floor + ((1 - floor) * (1 + Math.cos(Math.PI * progress))) / 2;
}

/** Multiplied by `factor` at each of the milestones, which are points of progress in [0, 1]. */
export function stepSchedule(milestones: readonly number[], factor: number): Schedule {
  return (progress) => factor ** milestones.filter((milestone) => progress >= milestone).length;
}

/** Rises from 0 to 1 over the first `fraction` of the run; the rest of it is `then` from beginning to end. */
export function warmUpSchedule(fraction: number, then: Schedule): Schedule {
  if (!(fraction >= 0 && fraction < 1)) throw new RangeError(`invalid fraction; not in [0, 1): ${fraction}`);
  return (progress) =>
    progress < fraction ? progress / fraction : then((progress - fraction) / (1 - fraction));
}

export const scheduleNames = ['constant', 'cosine', 'step'] as const;
export type ScheduleName = (typeof scheduleNames)[number];

/**
 * The schedules as a configuration names them: `step` divides by ten at one half and at three quarters of the run.
 * @param warmUp the fraction of the run that it is warmed up for
 * @throws RangeError if there is no schedule of this name, or `warmUp` is not in [0, 1)
 */
export function namedSchedule(name: ScheduleName, warmUp = 0): Schedule {
  if (!scheduleNames.includes(name))
    throw new RangeError(`schedule must be one of ${scheduleNames.join(', ')}; got ${shown(name)}`);
  const schedule = {
    constant: constantSchedule,
    cosine: cosineSchedule(),
    step: stepSchedule([0.5, 0.75], 0.1),
  }[name];
  return warmUp === 0 ? schedule : warmUpSchedule(warmUp, schedule);
}
