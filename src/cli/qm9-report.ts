/** @file What a report shows of a QM9 run: each property predicted against what it is, and the worst molecules. */
import { type MoleculeSet, type QM9, QM9_TARGETS, selectMolecules, targetValues } from '../data/qm9/index.ts';
import { symbolOf } from '../formats/index.ts';
import {
  evenlySpaced,
  rounded,
  summariseRegression,
  type WorstCase,
  worstOf,
} from '../report/measurement.ts';
import { formatNumber } from '../report/text.ts';
import type { EngineOptions } from '../start-engine.ts';
import { transformationNames } from '../tasks/equivariance.ts';
import type { QM9Task } from '../tasks/qm9.ts';
import { measureInvariance } from '../tasks/qm9-invariance.ts';
import type { QM9Result } from '../tasks/qm9-run.ts';
import type { QM9Settings } from '../tasks/qm9-settings.ts';
import { paperErrors, ratioToPaper } from './qm9-table.ts';
import type { ReportSource } from './report-source.ts';

const WORST = 8;
/** Molecules that are turned and mirrored: enough, and done in a moment. */
const TRANSFORMED = 48;

export const qm9Report: ReportSource<{
  settings: QM9Settings & EngineOptions;
  data: QM9;
  task: QM9Task;
  result: QM9Result;
}> = {
  title: ({ target }) => `EGNN on QM9, ${target === 'all' ? 'twelve properties' : target}`,
  errorName: 'mean absolute error of the normalised targets',
  scores(test) {
    const scores = (Object.keys(test) as (keyof typeof test)[]).map((name) => ({
      name,
      unit: QM9_TARGETS[name].unit,
      value: test[name]!,
      paper: paperErrors[name],
    }));
    if (scores.length === 1) return [{ ...scores[0], main: true }];
    return [
      ...scores,
      { name: 'geometric mean of here / paper', unit: '', value: ratioToPaper(test), paper: 1, main: true },
    ];
  },
  async measure(task, data, _, { set, most = Number.POSITIVE_INFINITY }) {
    const all = set === 'test' ? data.test : data.valid;
    const molecules = selectMolecules(all, evenlySpaced(all.count, most));
    const found = await predictionsOf(task, molecules);
    const size = found.reduce(
      (sums, { errors }) => sums.map((sum, m) => sum + errors[m] / found.length),
      new Float64Array(molecules.count),
    );
    const some = selectMolecules(molecules, evenlySpaced(molecules.count, TRANSFORMED));
    const errors = await measureInvariance(task, some);
    return {
      set: `${set} set`,
      samples: 'molecules',
      count: molecules.count,
      regressions: found.map(({ name, truth, predicted }) =>
        summariseRegression(
          { name, unit: QM9_TARGETS[name].unit, description: QM9_TARGETS[name].description },
          truth,
          predicted,
          found.length > 1 ? 500 : 2_000,
        ),
      ),
      worst: worstOf(size, WORST).map((row) => worstMolecule(molecules, found, row)),
      worstNote:
        'The molecules with the largest error' +
        (found.length > 1
          ? ', in units of each target’s mean absolute deviation and averaged over the targets; below each the target that is worst. '
          : '. ') +
        'The number is that of GDB-9. Bonds are drawn where atoms are close; molecules are seen from where they are widest.',
      equivariance: {
        note: `Predictions for ${some.count} molecules turned, mirrored, shifted or renumbered against those for the molecules as they are: the largest difference, in units of the target’s mean absolute deviation. Rounding alone gives about 1e-6 to 1e-5.`,
        errors: transformationNames.map((transformation) => ({
          transformation,
          error: rounded(errors[transformation]),
        })),
      },
    };
  },
};

interface TargetPredictions {
  readonly name: keyof typeof QM9_TARGETS;
  /** [M], in the paper's unit */
  readonly truth: Float32Array;
  readonly predicted: Float64Array;
  /** |predicted - true| in units of the mean absolute deviation: [M] */
  readonly errors: Float64Array;
}

async function predictionsOf(task: QM9Task, molecules: MoleculeSet): Promise<TargetPredictions[]> {
  const values = await task.predict(molecules);
  const width = task.spreads.size;
  return [...task.spreads].map(([name, { meanAbsoluteDeviation }], k) => {
    const truth = targetValues(molecules, name);
    const predicted = Float64Array.from(truth, (_, m) => values[m * width + k]);
    const errors = predicted.map((value, m) => Math.abs(value - truth[m]) / meanAbsoluteDeviation);
    return { name, truth, predicted, errors };
  });
}

function worstMolecule(molecules: MoleculeSet, found: readonly TargetPredictions[], row: number): WorstCase {
  const worst = found.reduce((most, one) => (one.errors[row] > most.errors[row] ? one : most));
  const { unit } = QM9_TARGETS[worst.name];
  const [first, end] = [molecules.offsets[row], molecules.offsets[row + 1]];
  const atoms = Array.from(molecules.numbers.subarray(first, end), symbolOf);
  return {
    name: `${molecules.index[row]}: ${formulaOf(atoms)}`,
    facts: [
      [`${worst.name} true`, `${formatNumber(worst.truth[row])} ${unit}`],
      ['predicted', `${formatNumber(worst.predicted[row])} ${unit}`],
    ],
    drawing: {
      kind: 'molecule',
      atoms,
      positions: Array.from(molecules.positions.subarray(3 * first, 3 * end), rounded),
    },
  };
}

/** Carbon, hydrogen, then the others in alphabetic order (Hill). */
function formulaOf(atoms: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const atom of ['C', 'H', ...atoms.toSorted()]) counts.set(atom, 0);
  for (const atom of atoms) counts.set(atom, counts.get(atom)! + 1);
  return [...counts]
    .map(([atom, count]) => (count === 0 ? '' : count === 1 ? atom : `${atom}${count}`))
    .join('');
}
