/** @file What a report shows of an N-body run: where particles were predicted, and where they went. */
import { type NBodyData, type NBodySplit, sliceSplit } from '../data/nbody/index.ts';
import { integrate } from '../data/nbody/simulator.ts';
import { PARTICLES } from '../data/nbody/split.ts';
import { rounded, summariseRegression, type WorstCase, worstOf } from '../report/measurement.ts';
import { formatNumber } from '../report/text.ts';
import type { EngineOptions } from '../start-engine.ts';
import { measureEquivariance, transformationNames } from '../tasks/equivariance.ts';
import type { NBodyTask } from '../tasks/nbody.ts';
import type { NBodyModelName } from '../tasks/nbody-models.ts';
import type { NBodyResult } from '../tasks/nbody-run.ts';
import { type NBodySettings, paperErrors } from '../tasks/nbody-settings.ts';
import type { ReportSource } from './report-source.ts';

const titles: Readonly<Record<NBodyModelName, string>> = {
  egnn: 'EGNN',
  gnn: 'GNN',
  'radial-field': 'Radial field',
  linear: 'Linear dynamics',
};

const WIDTH = 3 * PARTICLES;
const POINTS = 2_000;
const WORST = 6;
/** Trajectories on which equivariance is measured: enough, and done in a moment. */
const TRANSFORMED = 100;
/** The 1,000 steps that are predicted, as a drawing follows them: 40 times 25. */
const MOMENTS = 40;
const STEPS = 25;

export const nbodyReport: ReportSource<{
  settings: NBodySettings & EngineOptions;
  data: NBodyData;
  task: NBodyTask;
  result: NBodyResult;
}> = {
  title: ({ model }) => `${titles[model]} on the charged N-body system`,
  errorName: 'mean squared error of the predicted coordinates',
  scores: (test, { model }) => [
    { name: 'mean squared error', unit: '', value: test, paper: paperErrors[model], main: true },
  ],
  async measure(task, data, _, { set, most = Number.POSITIVE_INFINITY }) {
    const all = set === 'test' ? data.test : data.valid;
    const split = sliceSplit(all, 0, Math.min(all.count, most));
    const predicted = await task.predict(split);
    const squared = squaredErrors(split, predicted);
    const errors = await measureEquivariance(
      (some) => task.predict(some),
      sliceSplit(split, 0, Math.min(split.count, TRANSFORMED)),
    );
    const about = {
      name: 'displacement',
      unit: '',
      description: 'How far each coordinate moves in 1,000 steps',
    };
    const moved = (positions: ArrayLike<number>) =>
      Float64Array.from(positions, (value, k) => value - split.positions[k]);
    return {
      set: `${set} set`,
      samples: 'trajectories',
      count: split.count,
      regressions: [summariseRegression(about, moved(split.targets), moved(predicted), POINTS)],
      worst: worstOf(squared, WORST).map((row) => worstTrajectory(split, predicted, squared, row)),
      worstNote: worstNote(squared),
      equivariance: {
        note: `f(g x) against g f(x) for random transformations g, ${Math.min(split.count, TRANSFORMED)} trajectories: the largest difference over the largest coordinate. Rounding alone gives about 1e-6.`,
        errors: transformationNames.map((transformation) => ({
          transformation,
          error: rounded(errors[transformation]),
        })),
      },
    };
  },
};

/** Mean squared error of each trajectory: [M] */
function squaredErrors({ count, targets }: NBodySplit, predicted: Float64Array): Float64Array {
  const errors = new Float64Array(count);
  for (let k = 0; k < targets.length; k++)
    errors[Math.floor(k / WIDTH)] += (predicted[k] - targets[k]) ** 2 / WIDTH;
  return errors;
}

function worstNote(squared: Float64Array): string {
  const sorted = squared.slice().sort().reverse();
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
  const share = sum(sorted.subarray(0, Math.ceil(sorted.length / 100))) / sum(sorted);
  return (
    `The worst hundredth of the trajectories makes up ${Math.round(100 * share)} % of the error: particles that come close are hard to follow. ` +
    'A line is the true path from the ring to the dot, red for positive and blue for negative charges; the cross is the prediction, ' +
    'joined to the dot to which it belongs. Positions are seen from where they are spread most.'
  );
}

function worstTrajectory(
  split: NBodySplit,
  predicted: Float64Array,
  squared: Float64Array,
  row: number,
): WorstCase {
  const of = (values: ArrayLike<number>) => Array.from({ length: WIDTH }, (_, k) => values[row * WIDTH + k]);
  const positions = of(split.positions);
  const charges = Array.from(split.charges.subarray(row * PARTICLES, (row + 1) * PARTICLES));
  const state = {
    positions: Float64Array.from(positions),
    velocities: Float64Array.from(of(split.velocities)),
    charges: Int8Array.from(charges),
  };
  const path = [positions];
  integrate(state, MOMENTS, STEPS, () => path.push(Array.from(state.positions)));
  // The data's own end: single precision at the start can lead elsewhere after a close encounter.
  path[path.length - 1] = of(split.targets);
  return {
    name: `trajectory ${row}`,
    facts: [['mean squared error', formatNumber(squared[row])]],
    drawing: {
      kind: 'motion',
      charges,
      path: path.map((moment) => moment.map(rounded)),
      predicted: of(predicted).map(rounded),
    },
  };
}
