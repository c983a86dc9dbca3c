/** @file Small line charts side by side, both axes logarithmic, as one SVG. */
export interface Curve {
  readonly label: string;
  /** [x, y], both positive. */
  readonly points: readonly (readonly [number, number])[];
}

export interface Panel {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** The first is what was measured and has dots; others are drawn thin and dashed, for comparison. */
  readonly curves: readonly Curve[];
}

const WIDTH = 340;
const HEIGHT = 280;
const MARGIN = { left: 58, right: 14, top: 34, bottom: 46 };
const STYLE = [
  'text { font: 12px system-ui, sans-serif; fill: #333 }',
  '.title { font-weight: 600 }',
  '.grid { stroke: #ddd }',
  '.measured { stroke: #1f5fa8; stroke-width: 2; fill: none }',
  '.compared { stroke: #999; stroke-dasharray: 4 4; fill: none }',
  '.dot { fill: #1f5fa8 }',
].join(' ');

/** All panels in rows of two. */
export function svgOf(title: string, panels: readonly Panel[]): string {
  const [columns, rows] = [2, Math.ceil(panels.length / 2)];
  const drawn = panels.map((panel, k) => {
    const [x, y] = [(k % columns) * WIDTH, Math.floor(k / columns) * HEIGHT];
    return `<g transform="translate(${x} ${y})">${drawPanel(panel)}</g>`;
  });
  const [width, height] = [columns * WIDTH, rows * HEIGHT];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title>${title}</title>`,
    `<style>${STYLE}</style>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

function drawPanel({ title, xLabel, yLabel, curves }: Panel): string {
  const points = curves.flatMap((curve) => curve.points);
  const x = axis(
    points.map(([value]) => value),
    MARGIN.left,
    WIDTH - MARGIN.right,
  );
  const y = axis(
    points.map(([, value]) => value),
    HEIGHT - MARGIN.bottom,
    MARGIN.top,
  );
  const [bottom, left] = [HEIGHT - MARGIN.bottom, MARGIN.left];
  const middle = (left + WIDTH - MARGIN.right) / 2;
  return [
    `<text class="title" x="${left}" y="20">${title}</text>`,
    ...x.ticks.map(
      (tick) =>
        `<path class="grid" d="M${x.at(tick)} ${MARGIN.top}V${bottom}"/>` +
        `<text x="${x.at(tick)}" y="${bottom + 16}" text-anchor="middle">${short(tick)}</text>`,
    ),
    ...y.ticks.map(
      (tick) =>
        `<path class="grid" d="M${left} ${y.at(tick)}H${WIDTH - MARGIN.right}"/>` +
        `<text x="${left - 6}" y="${y.at(tick) + 4}" text-anchor="end">${short(tick)}</text>`,
    ),
    `<text x="${middle}" y="${HEIGHT - 10}" text-anchor="middle">${xLabel}</text>`,
    `<text transform="translate(14 ${(MARGIN.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${yLabel}</text>`,
    ...curves.map((curve, k) => drawCurve(curve, k === 0, x.at, y.at)),
  ].join('\n');
}

function drawCurve({ label, points }: Curve, measured: boolean, x: Place, y: Place): string {
  const path = points.map(([a, b], k) => `${k === 0 ? 'M' : 'L'}${x(a)} ${y(b)}`).join('');
  const dots = measured
    ? points.map(([a, b]) => `<circle class="dot" cx="${x(a)}" cy="${y(b)}" r="3"/>`)
    : [];
  const title = `<title>${label}</title>`;
  return `<path class="${measured ? 'measured' : 'compared'}" d="${path}">${title}</path>${dots.join('')}`;
}

type Place = (value: number) => number;

/** A logarithmic axis from pixel `from` to pixel `to` that holds all values, with ticks at 1, 2 and 5. */
function axis(values: readonly number[], from: number, to: number): { at: Place; ticks: number[] } {
  const [low, high] = [Math.log10(Math.min(...values)) - 0.08, Math.log10(Math.max(...values)) + 0.08];
  const at = (value: number) =>
    Math.round(10 * (from + ((Math.log10(value) - low) / (high - low)) * (to - from))) / 10;
  const decades = Array.from(
    { length: Math.ceil(high) - Math.floor(low) + 1 },
    (_, k) => Math.floor(low) + k,
  );
  const steps = high - low > 2 ? [1] : [1, 2, 5];
  const ticks = decades
    .flatMap((decade) => steps.map((step) => step * 10 ** decade))
    .filter((tick) => Math.log10(tick) >= low && Math.log10(tick) <= high);
  return { at, ticks };
}

/** 20000 as `20k`. */
function short(value: number): string {
  if (value >= 1e6) return `${+(value / 1e6).toPrecision(3)}M`;
  return value >= 1e3 ? `${+(value / 1e3).toPrecision(3)}k` : String(+value.toPrecision(3));
}
