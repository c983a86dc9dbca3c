/** @file How far the predictions are off: now, on average, and over the run. */
import { element } from '../../components/dom.ts';
import type { LineChart } from '../../components/line-chart.ts';
import { MOMENTS_SHOWN, STEPS_A_MOMENT } from './run.ts';

export interface ErrorPanel {
  /** Now and on average. */
  readonly table: HTMLElement;
  /** Over the run. */
  readonly chart: HTMLElement;
  /** @param model [501]; undefined while there is no prediction @param linear [501] */
  setErrors(model: Float64Array | undefined, linear: Float64Array, modelName: string): void;
  show(moment: number): void;
}

const times = Float64Array.from({ length: MOMENTS_SHOWN }, (_, k) => k * STEPS_A_MOMENT);

export function createErrorPanel(signal: AbortSignal): ErrorPanel {
  const modelRow = row('ghost', 'EGNN');
  const linearRow = row('cross', 'Straight lines');
  const place = element('div', { className: 'error-chart' });
  const heading = (text: string) => element('th', { scope: 'col', className: 'number' }, text);
  const table = element(
    'table',
    { className: 'errors' },
    element('caption', {}, 'Mean squared error 1,000 steps ahead, now and over the run'),
    element(
      'thead',
      {},
      element('tr', {}, element('th', { scope: 'col' }, 'Prediction'), heading('now'), heading('mean')),
    ),
    element('tbody', {}, modelRow.element, linearRow.element),
  );
  let errors: { model: Float64Array | undefined; linear: Float64Array } | undefined;
  let chart: LineChart | undefined;
  let shown = 0;

  const showNow = () => {
    if (!errors) return;
    modelRow.now.textContent = figure(errors.model?.[Math.round(shown)]);
    linearRow.now.textContent = figure(errors.linear[Math.round(shown)]);
    chart?.mark(shown * STEPS_A_MOMENT);
  };
  const showAll = () => {
    if (!errors) return;
    const { model, linear } = errors;
    modelRow.mean.textContent = figure(model && mean(model));
    linearRow.mean.textContent = figure(mean(linear));
    chart?.show(times, [model ?? Array(MOMENTS_SHOWN).fill(null), linear], [0, times[MOMENTS_SHOWN - 1]]);
    showNow();
  };
  void import('../../components/line-chart.ts').then(({ createLineChart }) => {
    if (signal.aborted) return;
    chart = createLineChart({
      label: 'Mean squared errors of the predictions over the run, logarithmic',
      x: 'predicted from step',
      y: 'mean squared error',
      curves: [
        { label: 'EGNN', colour: '--good', width: 2 },
        { label: 'Straight lines', colour: '--muted', dash: [6, 4] },
      ],
      height: 190,
      logarithmic: true,
      signal,
    });
    place.replaceChildren(chart.element);
    showAll();
  });
  return {
    table: element('div', { className: 'scroll' }, table),
    chart: place,
    setErrors(model, linear, modelName) {
      errors = { model, linear };
      modelRow.name.textContent = modelName;
      showAll();
    },
    show(moment) {
      shown = moment;
      showNow();
    },
  };
}

function row(symbol: string, text: string) {
  const name = element('span', {}, text);
  const now = element('td', { className: 'number' }, '…');
  const mean = element('td', { className: 'number' }, '…');
  const mark = element('span', { className: `symbol ${symbol}`, attributes: { 'aria-hidden': 'true' } });
  return {
    name,
    now,
    mean,
    element: element('tr', {}, element('th', { scope: 'row' }, mark, name), now, mean),
  };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function figure(value: number | undefined): string {
  return value === undefined ? '…' : formatError(value);
}

/** Three digits, such as `0.00419`. */
export function formatError(error: number): string {
  return error >= 100 || (error > 0 && error < 1e-5)
    ? error.toExponential(1)
    : String(Number(error.toPrecision(3)));
}
