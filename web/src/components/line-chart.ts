/**
 * @file Curves over a common x, drawn with uPlot, in the colours of the theme. It brings uPlot along: import it dynamically, so
 * that a page without curves does not load it.
 */
import 'uplot/dist/uPlot.min.css';
import './line-chart.css';
import uPlot from 'uplot';
import { onThemeChange, themeColour } from '../theme.ts';
import { element } from './dom.ts';

export interface Curve {
  readonly label: string;
  readonly colour: `--${string}`;
  readonly width?: number;
  /** Lengths of strokes and gaps. */
  readonly dash?: number[];
  /** Marks its points, which a line joins where there are others between them. */
  readonly points?: boolean;
}

export interface LineChartOptions {
  /** What it shows, for those who do not see it. */
  readonly label: string;
  readonly x: string;
  readonly y: string;
  readonly curves: readonly Curve[];
  readonly height: number;
  /** Powers of ten on the y axis are as far from each other. */
  readonly logarithmic?: boolean;
  format?(value: number): string;
  readonly signal: AbortSignal;
}

/** A null is a gap. */
export type Column = readonly (number | null)[] | Float64Array;

export interface LineChart {
  readonly element: HTMLElement;
  /**
   * @param x ascending
   * @param range of the x axis; that of the data if left out
   */
  show(x: Column, curves: readonly Column[], range?: readonly [number, number]): void;
  /** A vertical line at this x; none if left out. */
  mark(x?: number): void;
}

export function createLineChart(options: LineChartOptions): LineChart {
  const { label, curves, height, signal, logarithmic = false, format = short } = options;
  const place = element('div', { className: 'line-chart-place' });
  const mark = element('div', { className: 'line-chart-mark', hidden: true });
  const figure = element(
    'figure',
    { className: 'line-chart', attributes: { role: 'group', 'aria-label': label } },
    legend(curves),
    element('div', { attributes: { role: 'img', 'aria-label': label } }, place),
  );
  let range: readonly [number, number] | undefined;
  let marked: number | undefined;

  const axis = (text: string): uPlot.Axis => ({
    label: text,
    labelSize: 20,
    labelFont: '12px system-ui, sans-serif',
    font: '12px system-ui, sans-serif',
    stroke: () => themeColour('--muted'),
    grid: { stroke: () => themeColour('--border'), width: 1 },
    ticks: { stroke: () => themeColour('--border'), width: 1, size: 4 },
  });
  const placeMark = () => {
    mark.hidden = marked === undefined || !plot.data[0].length;
    if (marked === undefined || mark.hidden) return;
    mark.style.transform = `translateX(${plot.valToPos(marked, 'x')}px)`;
  };
  const plot = new uPlot(
    {
      width: 300,
      height,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: (_, low, high) => [...(range ?? [low, high])] as [number, number] },
        y: { distr: logarithmic ? 3 : 1 },
      },
      axes: [
        { ...axis(options.x), size: 34 },
        {
          ...axis(options.y),
          grid: {
            ...axis(options.y).grid,
            filter: (_, splits) => (logarithmic ? splits.map(decade) : splits),
          },
          size: 58,
          values: (_, splits) => splits.map((value) => (value === null ? '' : format(value))),
        },
      ],
      series: [
        {},
        ...curves.map(({ colour, width = 1.75, dash, points = false }) => ({
          stroke: () => themeColour(colour),
          width,
          dash,
          spanGaps: true,
          points: { show: points, size: 6, fill: () => themeColour(colour) },
        })),
      ],
      hooks: { draw: [placeMark] },
    },
    [[], ...curves.map(() => [])],
    place,
  );
  plot.over.append(mark);
  const observer = new ResizeObserver(() => {
    if (place.clientWidth > 0) plot.setSize({ width: place.clientWidth, height });
  });
  observer.observe(place);
  onThemeChange(() => plot.redraw(false, true), signal);
  signal.addEventListener('abort', () => {
    observer.disconnect();
    plot.destroy();
  });
  return {
    element: figure,
    show(x, columns, wanted) {
      range = wanted;
      plot.setData([x, ...columns] as unknown as uPlot.AlignedData);
    },
    mark(x) {
      marked = x;
      placeMark();
    },
  };
}

function legend(curves: readonly Curve[]): HTMLElement {
  return element(
    'ul',
    { className: 'line-chart-legend' },
    ...curves.map(({ label, colour, dash, points }) => {
      const swatch = element('span', { className: 'swatch', attributes: { 'aria-hidden': 'true' } });
      swatch.style.color = `var(${colour})`;
      swatch.classList.toggle('dashed', dash !== undefined);
      swatch.classList.toggle('pointed', points === true);
      return element('li', {}, swatch, label);
    }),
  );
}

/** A line at every power of ten is enough. */
function decade(value: number | null): number | null {
  return value !== null && Number.isInteger(Number(Math.log10(value).toFixed(9))) ? value : null;
}

function short(value: number): string {
  return value !== 0 && Math.abs(value) < 0.001
    ? value.toExponential(0)
    : String(Number(value.toPrecision(3)));
}
