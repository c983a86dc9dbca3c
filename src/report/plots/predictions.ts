/** @file Prediction against truth, and how the errors are spread: of numbers, and of edges. */
import * as Plot from '@observablehq/plot';
import { type Figure, legend, plot } from '../figure.ts';
import type { Reconstruction, Regression } from '../measurement.ts';
import { colourOfRun } from '../theme.ts';
import { short } from './learning-curves.ts';

const inUnit = (text: string, unit: string) => (unit === '' ? text : `${text} (${unit})`);

/** @param small whether it stands among others */
export function predictionAgainstTruth(regression: Regression, small: boolean): Figure {
  const { name, unit, truth, predicted, count } = regression;
  const points = truth.map((value, k) => [value, predicted[k]] as const);
  const all = [...truth, ...predicted];
  const domain = padded(Math.min(...all), Math.max(...all));
  return {
    name: `prediction-${fileName(name)}`,
    title: inUnit(name, unit),
    description:
      `${regression.description}: ${truth.length} points on or near the line where prediction and truth are equal. Mean absolute error ` +
      `${inUnit(short(regression.meanAbsoluteError), unit)}, root mean squared error ${inUnit(short(regression.rootMeanSquaredError), unit)}.`,
    caption: `mean absolute error ${short(regression.meanAbsoluteError)}${unit && ` ${unit}`}; ${shown(truth.length, count)}`,
    small,
    draw: (theme) =>
      plot(theme, {
        ...(small ? SMALL : SQUARE),
        marginLeft: 58,
        x: { domain, label: 'true', labelArrow: 'none', ticks: small ? 3 : 8, tickFormat: onAxis },
        y: { domain, label: 'predicted', labelArrow: 'none', ticks: small ? 4 : 8, tickFormat: onAxis },
        marks: [
          Plot.frame({ stroke: theme.line }),
          Plot.dot(points, { x: '0', y: '1', r: small ? 1.3 : 1.6, fill: theme.blue, fillOpacity: 0.5 }),
          Plot.line(
            [domain, domain].map((_, k) => [domain[k], domain[k]]),
            { stroke: theme.ink, strokeDasharray: '4,3' },
          ),
        ],
      }),
  };
}

export function errorHistogram(regression: Regression, small: boolean): Figure {
  const { name, unit, errors, count } = regression;
  const width = (errors.to - errors.from) / errors.counts.length;
  const bars = errors.counts.map((bin, k) => ({
    from: errors.from + k * width,
    to: errors.from + (k + 1) * width,
    bin,
  }));
  return {
    name: `errors-${fileName(name)}`,
    title: inUnit(name, unit),
    description:
      `Histogram of predicted minus true values, ${count.toLocaleString('en')} in all; ` +
      `half of the errors are smaller than ${inUnit(short(regression.quantiles[50]), unit)}.`,
    caption:
      `half below ${short(regression.quantiles[50])}, 95 % below ${short(regression.quantiles[95])}${unit && ` ${unit}`}` +
      (errors.outside > 0
        ? `; ${errors.outside.toLocaleString('en')} of ${count.toLocaleString('en')} lie outside`
        : ''),
    small,
    draw: (theme) =>
      plot(theme, {
        ...(small ? { ...SMALL, height: 180 } : { ...WIDE, height: 240 }),
        marginLeft: 52,
        x: { label: 'predicted - true', labelArrow: 'none', ticks: small ? 3 : 8, tickFormat: onAxis },
        y: {
          label: small ? null : 'values',
          labelArrow: 'none',
          ticks: 4,
          tickFormat: onAxis,
          nice: true,
        },
        marks: [
          Plot.gridY({ stroke: theme.line, strokeOpacity: 1 }),
          Plot.rectY(bars, {
            x1: 'from',
            x2: 'to',
            y: 'bin',
            fill: theme.blue,
            fillOpacity: 0.75,
            insetRight: 0.5,
          }),
          Plot.ruleX([0], { stroke: theme.ink, strokeDasharray: '4,3' }),
        ],
      }),
  };
}

/** How surely pairs with and without an edge are told apart. */
export function edgeProbabilities({ edges, others }: Reconstruction): Figure {
  const bars = [edges, others].flatMap((counts, kind) =>
    counts.map((count, k) => ({
      from: k / counts.length,
      to: (k + 1) / counts.length,
      count: Math.max(count, 0.5),
      kind: kind === 0 ? 'pairs with an edge' : 'pairs without',
    })),
  );
  return {
    name: 'edge-probabilities',
    title: 'Predicted probability of an edge',
    description: `Two histograms over the predicted probability: of pairs with an edge, ${edges.at(-1)} of which are in the highest bin, and of pairs without one, ${others[0]} of which are in the lowest.`,
    caption: 'Right of the dashed line a pair is taken for an edge. Counts are on a logarithmic axis.',
    draw: (theme) =>
      plot(theme, {
        ...WIDE,
        height: 320,
        marginTop: 20,
        marginRight: 130,
        x: { label: 'predicted probability', labelArrow: 'none', ticks: 5 },
        y: { type: 'log', label: 'pairs', labelArrow: 'none', ticks: 4, tickFormat: onAxis },
        fy: { label: null },
        marks: [
          Plot.gridY({ stroke: theme.line, strokeOpacity: 1 }),
          Plot.rect(bars, {
            x1: 'from',
            x2: 'to',
            y1: 0.5,
            y2: 'count',
            fy: 'kind',
            fill: ({ kind }: { kind: string }) => (kind === 'pairs with an edge' ? theme.blue : theme.orange),
            insetRight: 0.5,
          }),
          Plot.ruleX([0.5], { stroke: theme.ink, strokeDasharray: '4,3' }),
        ],
      }),
  };
}

export function wrongPairs({ wrongPairs }: Reconstruction, graphs: number): Figure {
  const last = wrongPairs.length - 1;
  const bars = wrongPairs.map((count, k) => ({ wrong: k === last ? `${k}+` : String(k), count }));
  return {
    name: 'wrong-pairs',
    title: 'Wrong pairs of a graph',
    description: `Of ${graphs} graphs, ${wrongPairs[0]} are reconstructed without a mistake.`,
    caption: `${wrongPairs[0].toLocaleString('en')} of ${graphs.toLocaleString('en')} graphs are reconstructed without a mistake.`,
    draw: (theme) =>
      plot(theme, {
        ...WIDE,
        height: 230,
        x: { label: 'wrong pairs', domain: bars.map(({ wrong }) => wrong), labelArrow: 'none' },
        y: { label: 'graphs', labelArrow: 'none', ticks: 5, nice: true },
        marks: [
          Plot.gridY({ stroke: theme.line, strokeOpacity: 1 }),
          Plot.barY(bars, { x: 'wrong', y: 'count', fill: theme.blue, fillOpacity: 0.75 }),
          Plot.ruleY([0], { stroke: theme.ink }),
        ],
      }),
  };
}

/** The share of values with an error below x, one line a run. */
export function comparedErrors(
  name: string,
  runs: readonly { readonly name: string; readonly place: number; readonly regression: Regression }[],
  small: boolean,
): Figure {
  const { unit } = runs[0].regression;
  const lines = runs.map(({ regression, place }) => ({
    place,
    points: regression.quantiles.flatMap((error, percent) =>
      error > 0 && percent >= 5 ? [[error, percent] as const] : [],
    ),
  }));
  return {
    name: `errors-${fileName(name)}`,
    title: inUnit(name, unit),
    description: `The share of values whose absolute error is below x. ${runs
      .map(({ name, regression }) => `${name}: half below ${inUnit(short(regression.quantiles[50]), unit)}`)
      .join('; ')}.`,
    small,
    draw: (theme) =>
      plot(theme, {
        ...(small ? SMALL : WIDE),
        marginTop: small ? 20 : 34,
        x: {
          type: 'log',
          label: 'absolute error',
          labelArrow: 'none',
          ticks: small ? 3 : 6,
          tickFormat: short,
        },
        y: { domain: [0, 100], label: null, ticks: 5, tickFormat: (percent: number) => `${percent} %` },
        marks: [
          Plot.gridY({ stroke: theme.line, strokeOpacity: 1 }),
          ...(small
            ? []
            : legend(
                runs.map(({ name, place }) => ({
                  label: name,
                  colour: colourOfRun(theme, place),
                  symbol: 'line' as const,
                })),
              )),
          ...lines.map(({ points, place }) =>
            Plot.line(points, { stroke: colourOfRun(theme, place), strokeWidth: 1.75 }),
          ),
        ],
      }),
  };
}

const WIDE = { width: 660, height: 300, marginTop: 28, marginLeft: 52, marginBottom: 44 } as const;
const SQUARE = { width: 460, height: 460, marginBottom: 44 } as const;
const SMALL = { width: 250, height: 250, marginBottom: 44, marginRight: 18 } as const;

function padded(least: number, most: number): readonly [number, number] {
  const room = least === most ? 1 : 0.03 * (most - least);
  return [least - room, most + room];
}

/** 800, 15k: room is small. */
function onAxis(value: number): string {
  return Math.abs(value) >= 1000 ? `${short(value / 1000)}k` : short(value);
}

function shown(points: number, count: number): string {
  return points === count
    ? `${count.toLocaleString('en')} points`
    : `${points.toLocaleString('en')} of ${count.toLocaleString('en')} points shown`;
}

/** Names of targets and runs as part of a file's name. */
export function fileName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]+/g, '-');
}
