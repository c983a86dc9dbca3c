/** @file How a training went, epoch by epoch: loss and validation error, learning rate; of one run or of several. */
import * as Plot from '@observablehq/plot';
import type { EpochMetrics } from '../../train/task.ts';
import { type Figure, legend, plot } from '../figure.ts';
import { evenlySpaced } from '../measurement.ts';
import { colourOfRun, type Theme } from '../theme.ts';

interface LearningCurve {
  /** The run. */
  readonly name: string;
  readonly metrics: readonly EpochMetrics[];
}

const MOST_POINTS = 400;
const WIDTH = 660;
const HEIGHT = 300;
const FRAME = { width: WIDTH, marginLeft: 58, marginTop: 34, marginRight: 20, marginBottom: 44 } as const;

/** @param errorName what both errors are */
export function learningCurve({ metrics }: LearningCurve, errorName: string): Figure {
  const validated = withValidation(metrics);
  const best = validated.reduce<Validated | undefined>(
    (least, epoch) => (least === undefined || epoch.validation < least.validation ? epoch : least),
    undefined,
  );
  const values = [...metrics.map(({ loss }) => loss), ...validated.map(({ validation }) => validation)];
  const last = metrics.at(-1)!;
  return {
    name: 'learning-curve',
    title: 'Learning curve',
    description:
      `Training loss and validation error over ${last.epoch} epochs. The loss goes from ` +
      `${short(metrics[0].loss)} to ${short(last.loss)}` +
      (best ? `; the best validation error is ${short(best.validation)}, of epoch ${best.epoch}.` : '.'),
    caption:
      `${capital(errorName)}: the mean of each epoch while it trained, and on the validation set. ` +
      (best
        ? `The ring is the best epoch, ${best.epoch}, whose weights are kept.`
        : 'Nothing has been validated yet.'),
    draw: (theme) =>
      plot(theme, {
        ...FRAME,
        height: HEIGHT,
        x: epochAxis(metrics),
        y: errorAxis(values),
        marks: [
          ...legend([
            { label: 'training loss', colour: theme.blue, symbol: 'line' },
            { label: 'validation error', colour: theme.orange, symbol: 'line' },
            ...(best ? [{ label: 'best', colour: theme.ink, symbol: 'ring' } as const] : []),
          ]),
          gridOf(theme),
          ...line(thin(metrics), 'epoch', 'loss', theme.blue),
          ...line(thin(validated), 'epoch', 'validation', theme.orange, '5,2'),
          ...(best
            ? [Plot.dot([best], { x: 'epoch', y: 'validation', r: 6, stroke: theme.ink, strokeWidth: 1.5 })]
            : []),
        ],
      }),
  };
}

export function learningRateCurve({ metrics }: LearningCurve): Figure {
  const rates = metrics.map(({ learningRate }) => learningRate);
  return {
    name: 'learning-rate',
    title: 'Learning rate',
    description: `Learning rate at the end of each epoch, between ${short(Math.min(...rates))} and ${short(Math.max(...rates))}.`,
    draw: (theme) =>
      plot(theme, {
        ...FRAME,
        marginTop: 14,
        height: 150,
        x: epochAxis(metrics),
        y: { label: null, zero: true, nice: true, ticks: 3, tickFormat: short },
        marks: [gridOf(theme), ...line(thin(metrics), 'epoch', 'learningRate', theme.teal)],
      }),
  };
}

/** The validation errors of several runs. @param over what they are drawn over @param errorName what they are */
export function comparedCurves(
  curves: readonly LearningCurve[],
  errorName: string,
  over: 'epoch' | 'seconds',
): Figure {
  const validated = curves.map(({ metrics }) => withValidation(metrics));
  const all = validated.flat();
  return {
    name: `validation-over-${over === 'epoch' ? 'epochs' : 'time'}`,
    title: `Validation error over ${over === 'epoch' ? 'the epochs' : 'training time'}`,
    description: `One line a run; ${errorName}. ${curves
      .map(({ name }, k) => {
        const errors = validated[k].map(({ validation }) => validation);
        return `${name}: ${errors.length > 0 ? `best ${short(Math.min(...errors))}` : 'not validated yet'}`;
      })
      .join('; ')}.`,
    caption: `${capital(errorName)}, on the validation set.`,
    draw: (theme) =>
      plot(theme, {
        ...FRAME,
        marginTop: 16 + 18 * Math.ceil(curves.length),
        height: HEIGHT + 18 * curves.length,
        x: over === 'epoch' ? epochAxis(all) : { label: 'training time (s)', labelArrow: 'none', nice: true },
        y: errorAxis(all.map(({ validation }) => validation)),
        marks: [
          gridOf(theme),
          ...curves.flatMap(({ name }, k) => [
            ...line(thin(validated[k]), over, 'validation', colourOfRun(theme, k), DASHES[k % DASHES.length]),
            Plot.text([name], {
              frameAnchor: 'top-left',
              dx: 22,
              dy: -18 * (curves.length - k),
              textAnchor: 'start',
            }),
            Plot.text(['—'], {
              frameAnchor: 'top-left',
              dx: 2,
              dy: -18 * (curves.length - k),
              textAnchor: 'start',
              fontWeight: 'bold',
              fill: colourOfRun(theme, k),
            }),
          ]),
        ],
      }),
  };
}

const DASHES = [undefined, '6,2', '2,2', '8,2,2,2'];

type Validated = EpochMetrics & { readonly validation: number };

function withValidation(metrics: readonly EpochMetrics[]): Validated[] {
  return metrics.filter((epoch): epoch is Validated => epoch.validation !== null);
}

function thin<Epoch>(epochs: readonly Epoch[]): Epoch[] {
  const rows = evenlySpaced(epochs.length, MOST_POINTS).map((row) => epochs[row]);
  if (epochs.length > MOST_POINTS) rows.push(epochs.at(-1)!);
  return rows;
}

/** A line, with dots where there are few points, so that one point alone is seen. */
function line(
  data: readonly EpochMetrics[],
  x: 'epoch' | 'seconds',
  y: 'loss' | 'validation' | 'learningRate',
  colour: string,
  dash?: string,
): Plot.Markish[] {
  const marks: Plot.Markish[] = [
    Plot.lineY(data, { x, y, stroke: colour, strokeWidth: 1.75, strokeDasharray: dash }),
  ];
  if (data.length <= 25) marks.push(Plot.dot(data, { x, y, r: 2, fill: colour }));
  return marks;
}

function gridOf(theme: Theme): Plot.Markish {
  return Plot.gridY({ stroke: theme.line, strokeOpacity: 1 });
}

/** Epochs are whole. */
function epochAxis(metrics: readonly EpochMetrics[]): Plot.ScaleOptions {
  const last = Math.max(1, ...metrics.map(({ epoch }) => epoch));
  return {
    label: 'epoch',
    labelArrow: 'none',
    domain: [last === 1 ? 0 : 1, last],
    ticks: last <= 12 ? Array.from({ length: last }, (_, k) => k + 1) : 10,
    tickFormat: 'd',
  };
}

/** Logarithmic where errors fall by much. */
function errorAxis(values: readonly number[]): Plot.ScaleOptions {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const logarithmic = least > 0 && most > 5 * least;
  return {
    label: null,
    ...(logarithmic ? { type: 'log', ticks: 5 } : { zero: least > 0 && least < 0.5 * most, nice: true }),
    tickFormat: short,
  };
}

/** Three significant digits. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) return value.toExponential(2).replace(/\.?0*e\+?/, 'e');
  return size >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
