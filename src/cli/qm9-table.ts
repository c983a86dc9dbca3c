/**
 * @file The paper's table 3: mean absolute errors on QM9's test set, with a column of our own. Rows and figures are the
 * paper's, which took those of the other networks from their papers.
 */
import { QM9_TARGETS, TARGET_NAMES, type TargetName } from '../data/qm9/index.ts';
import type { TargetErrors } from '../tasks/qm9-model.ts';
import { formatTable } from './table.ts';

/** In the order of TARGET_NAMES, which is that of the table. */
const published: Readonly<Record<string, readonly (number | undefined)[]>> = {
  EGNN: [0.071, 48, 29, 25, 0.029, 0.031, 12, 12, 0.106, 12, 11, 1.55],
  NMP: [0.092, 69, 43, 38, 0.03, 0.04, 19, 17, 0.18, 20, 20, 1.5],
  SchNet: [0.235, 63, 41, 34, 0.033, 0.033, 14, 14, 0.073, 19, 14, 1.7],
  Cormorant: [0.085, 61, 34, 38, 0.038, 0.026, 20, 21, 0.961, 21, 22, 2.03],
  L1Net: [0.088, 68, 46, 35, 0.043, 0.031, 14, 14, 0.354, 14, 13, 1.56],
  LieConv: [0.084, 49, 30, 25, 0.032, 0.038, 22, 24, 0.8, 19, 19, 2.28],
  'DimeNet++': [0.044, 33, 25, 20, 0.03, 0.023, 8, 7, 0.331, 6, 6, 1.21],
  TFN: [0.223, 58, 40, 38, 0.064, 0.101],
  'SE(3)-Tr.': [0.142, 53, 35, 33, 0.051, 0.054],
};

/** The errors of the paper's EGNN, in the paper's units. */
export const paperErrors = Object.fromEntries(
  TARGET_NAMES.map((name, k) => [name, published.EGNN[k]]),
) as Readonly<Record<TargetName, number>>;

/** The geometric mean of errors over those of the paper's EGNN. */
export function ratioToPaper(errors: TargetErrors): number {
  const ratios = namesIn(errors).map((name) => errors[name]! / paperErrors[name]);
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
}

/** One row a target: ours on the test set, with the validation error where there is one, and the paper's. */
export function formatQM9Table(test: TargetErrors, validation?: TargetErrors): string {
  const rows = namesIn(test).map((name) => {
    const k = TARGET_NAMES.indexOf(name);
    return [
      name,
      QM9_TARGETS[name].unit,
      ...(validation ? [significant(validation[name])] : []),
      significant(test[name]),
      ...Object.values(published).map((errors) => String(errors[k] ?? '-')),
    ];
  });
  const ours = validation ? ['validation', 'test'] : ['here'];
  return formatTable(['target', 'unit', ...ours, ...Object.keys(published)], rows);
}

const namesIn = (errors: TargetErrors) => TARGET_NAMES.filter((name) => errors[name] !== undefined);
const significant = (error: number | undefined) =>
  error === undefined ? '-' : error >= 100 ? error.toFixed(0) : error.toPrecision(3);
