/**
 * @file Losses drawn with letters, for terminals: a curve of a few lines in braille, whose letters have two by four dots
 * each, and a line of bars.
 */
import type { EpochMetrics } from '../train/task.ts';

interface CurveOptions {
  /** Of the terminal. */
  readonly columns: number;
  /** Whether colours tell the two curves apart, besides their shape. */
  readonly colours: boolean;
}

const ROWS = 8;
const MOST_COLUMNS = 64;
/** The line below the curve needs it. */
const NARROWEST = 40;
const LABEL = 9;
/** The bit of each dot of a braille letter, [row][column]. */
const DOTS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];
const BARS = '▁▂▃▄▅▆▇█';

/**
 * Training loss as a line of dots, validation error as small circles, both over the epochs, on a logarithmic axis where
 * they fall by much.
 * @returns its lines; none for less than two epochs, or a terminal that is too narrow
 */
export function drawLossCurve(
  metrics: readonly EpochMetrics[],
  { columns, colours }: CurveOptions,
): string[] {
  const width = Math.min(MOST_COLUMNS, columns - LABEL - 3);
  if (metrics.length < 2 || width < NARROWEST) return [];
  const validated = metrics.flatMap(({ epoch, validation }) =>
    validation === null ? [] : [{ epoch, validation }],
  );
  const values = [...metrics.map(({ loss }) => loss), ...validated.map(({ validation }) => validation)];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const scale = least > 0 && most > 5 * least ? Math.log : (value: number) => value;
  const range = scale(most) - scale(least) || 1;
  const [first, last] = [metrics[0].epoch, metrics.at(-1)!.epoch];
  /** In dots, from the left and from the top. */
  const place = (epoch: number, value: number) => ({
    x: Math.round(((epoch - first) / (last - first)) * (2 * width - 1)),
    y: Math.round(((scale(most) - scale(value)) / range) * (4 * ROWS - 1)),
  });

  const dots = Array.from({ length: ROWS }, () => new Uint8Array(width));
  const set = (x: number, y: number) => {
    dots[y >> 2][x >> 1] |= DOTS[y & 3][x & 1];
  };
  const points = metrics.map(({ epoch, loss }) => place(epoch, loss));
  for (let k = 1; k < points.length; k++) drawLine(points[k - 1], points[k], set);
  const letters = dots.map((row) =>
    Array.from(row, (bits) => (bits === 0 ? ' ' : String.fromCodePoint(0x2800 + bits))),
  );
  const [training, validation] = colours
    ? [(text: string) => `\x1b[34m${text}\x1b[0m`, (text: string) => `\x1b[33m${text}\x1b[0m`]
    : [String, String];
  const painted = letters.map((row) => row.map((letter) => (letter === ' ' ? letter : training(letter))));
  for (const { epoch, validation: value } of validated) {
    const { x, y } = place(epoch, value);
    painted[y >> 2][x >> 1] = validation('o');
  }
  const label = (row: number) =>
    (row === 0 ? format(most) : row === ROWS - 1 ? format(least) : '').padStart(LABEL);
  const [from, to] = [`epoch ${first}`, String(last)];
  return [
    ...painted.map((row, k) => `${label(k)} │${row.join('').trimEnd()}`),
    `${' '.repeat(LABEL)} └${'─'.repeat(width)}`,
    `${' '.repeat(LABEL + 2)}${from}${to.padStart(width - from.length)}`,
    `${' '.repeat(LABEL + 2)}${training('⠒⠒')} training loss${validated.length > 0 ? `   ${validation('o')} validation error` : ''}`,
  ];
}

/** Losses at even distances as bars, the last one among them, the highest for the greatest. */
export function sparkline(losses: readonly number[], length = 12): string {
  if (losses.length < 2) return '';
  const count = Math.min(length, losses.length);
  const shown = Array.from(
    { length: count },
    (_, k) => losses[Math.ceil(((k + 1) * losses.length) / count) - 1],
  );
  const [least, most] = [Math.min(...shown), Math.max(...shown)];
  const scale = least > 0 ? Math.log : (value: number) => value;
  const range = scale(most) - scale(least) || 1;
  return shown
    .map((loss) => BARS[Math.round(((scale(loss) - scale(least)) / range) * (BARS.length - 1))])
    .join('');
}

interface Dot {
  readonly x: number;
  readonly y: number;
}

/** Every dot from one point to another. */
function drawLine(from: Dot, to: Dot, set: (x: number, y: number) => void): void {
  const steps = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y), 1);
  for (let k = 0; k <= steps; k++)
    set(
      Math.round(from.x + ((to.x - from.x) * k) / steps),
      Math.round(from.y + ((to.y - from.y) * k) / steps),
    );
}

function format(value: number): string {
  const text = String(Number(value.toPrecision(3)));
  return text.length <= LABEL ? text : value.toExponential(1);
}
