/** @file What the view's pictures are drawn with: a place on the page for each point of the plane, arrows, labels, squares. */
import { svgElement } from '../../components/dom.ts';

export const WIDTH = 600;
export const HEIGHT = 440;
const MARGIN = 26;

export type Point = readonly [x: number, y: number];

/** From the plane, whose y points up, to the picture. */
export type Place = (point: readonly number[]) => Point;

/** All of `points` fit into the picture, however they are turned about the origin. */
export function placeFor(points: readonly (readonly number[])[]): Place {
  const radius = Math.max(...points.map((point) => Math.hypot(...point)));
  const scale = (Math.min(WIDTH, HEIGHT) / 2 - MARGIN) / radius;
  return ([x, y]) => [WIDTH / 2 + scale * x, HEIGHT / 2 - scale * y];
}

export function picture(label: string, ...children: readonly Node[]): SVGSVGElement {
  const attributes = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'group', 'aria-label': label };
  return svgElement('svg', attributes, ...children);
}

export function line([x1, y1]: Point, [x2, y2]: Point, className: string): SVGLineElement {
  return svgElement('line', { x1, y1, x2, y2, class: className });
}

const HEAD = 9;

/** A line with a head; one shorter than its head is a line alone. */
export function arrow(from: Point, to: Point, className: string): SVGGElement {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dy);
  const group = svgElement('g', { class: `arrow ${className}` });
  if (length < HEAD) {
    group.append(line(from, to, 'shaft'));
    return group;
  }
  const [ux, uy] = [dx / length, dy / length];
  const base: Point = [to[0] - HEAD * ux, to[1] - HEAD * uy];
  const side = 0.5 * HEAD;
  const corners = [
    to,
    [base[0] - side * uy, base[1] + side * ux],
    [base[0] + side * uy, base[1] - side * ux],
  ];
  group.append(line(from, base, 'shaft'), svgElement('polygon', { points: corners.flat().join(' ') }));
  return group;
}

/** Text on a ground of its own, so that it can be read on top of lines. */
export function label([x, y]: Point, text: string): SVGGElement {
  const width = 8 * text.length + 8;
  return svgElement(
    'g',
    { class: 'label' },
    svgElement('rect', { x: x - width / 2, y: y - 10, width, height: 20, rx: 4 }),
    svgElement('text', { x, y: y + 4.5, 'text-anchor': 'middle' }, text),
  );
}

const CELL = 13;

/** Numbers as squares: the colour is the sign, how dense it is the size (its root, so that small ones show). */
export function squares([x, y]: Point, values: readonly number[], largest: number): SVGGElement {
  const left = x - (CELL * values.length) / 2;
  const cells = values.map((value, k) =>
    svgElement('rect', {
      x: left + CELL * k,
      y: y - CELL / 2,
      width: CELL,
      height: CELL,
      class: value < 0 ? 'negative' : 'positive',
      'fill-opacity': Math.sqrt(Math.min(1, Math.abs(value) / largest)).toFixed(3),
    }),
  );
  const ground = { x: left, y: y - CELL / 2, width: CELL * values.length, height: CELL, class: 'ground' };
  return svgElement('g', { class: 'squares' }, svgElement('rect', ground), ...cells);
}

export function between([ax, ay]: Point, [bx, by]: Point, part: number): Point {
  return [ax + part * (bx - ax), ay + part * (by - ay)];
}

export function signClass(value: number): string {
  return value < 0 ? 'pull' : 'push';
}
