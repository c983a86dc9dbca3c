/** @file The question that readers of the paper ask about its radial field, answered with the chosen node's own numbers. */
import { element, svgElement } from '../../components/dom.ts';
import type { LayerResult } from './compute.ts';
import { arrow, line, type Point, picture, placeFor, signClass } from './marks.ts';
import { origin, shifted, total } from './picture.ts';
import { radialAnswer } from './radial.ts';
import { symbols } from './symbols.ts';

export interface RadialSection {
  readonly element: HTMLElement;
  show(result: LayerResult, node: number): void;
}

const paragraphs = [
  'The paper calls the update of x a radial field, although the differences x_i − x_j point in other directions for each j. ' +
    'The word is about each term: as a function of x_i, the term (x_i − x_j) φ_x points straight away from x_j or straight ' +
    'towards it everywhere. It is radial about x_j, and there is one such field for each neighbour.',
  'The sum of fields about different middles is radial about none of them. It need not point to or from any one place.',
  'Nor does it have to, to be equivariant. When everything is turned, each difference turns along, and φ_x stays as it is, since it ' +
    'sees distances and features alone. So each term turns along, and with the terms their sum.',
];

export function radialSection(): RadialSection {
  const image = element('div', { className: 'graph' });
  const caption = element('figcaption');
  const figure = element('figure', {}, image, caption);
  return {
    element: element(
      'section',
      { className: 'panel radial', attributes: { 'aria-labelledby': 'radial-heading' } },
      element('h2', { id: 'radial-heading' }, 'Why “radial field”?'),
      element(
        'div',
        { className: 'radial-columns' },
        element('div', {}, ...paragraphs.map((text) => element('p', {}, ...symbols(text)))),
        figure,
      ),
    ),
    show(result, node) {
      image.replaceChildren(radialPicture(result, node));
      const trace = result.traces[node];
      const { sender, degrees } = radialAnswer(trace);
      const [i, j] = [node + 1, sender + 1];
      caption.textContent =
        trace.edges.length === 1
          ? `With one neighbour the sum is its only term, and radial from node ${j}.`
          : `Each term at node ${i} lies on the line through its neighbour (dashed). The sum (thick) does not: the nearest ` +
            `line is that of node ${j}, ${degrees.toFixed(0)}° away.`;
    },
  };
}

function radialPicture({ graph, traces }: LayerResult, node: number): SVGSVGElement {
  const trace = traces[node];
  const start = origin(trace);
  const ends = trace.edges.map((edge) => shifted(start, edge));
  const end = total(trace);
  // The middle of the picture is the origin of the plane; all arrows have to fit as well.
  const place = placeFor([...graph.x, ...ends, end]);
  const at = place(start);
  return picture(
    `The terms at node ${node + 1}, each on the line through its neighbour, and their sum`,
    ...trace.edges.map(({ sender }) => ray(place(graph.x[sender]), at)),
    ...trace.edges.map((edge, k) => arrow(at, place(ends[k]), `term ${signClass(edge.weight)}`)),
    arrow(at, place(end), 'sum'),
    ...graph.x.map((point, index) => dot(place(point), index, index === node)),
  );
}

/** The line from one point through another, on to the picture's edge and beyond. */
function ray([ax, ay]: Point, [bx, by]: Point): SVGLineElement {
  const length = Math.hypot(bx - ax, by - ay);
  const far = 1000 / Math.max(1, length);
  return line([ax, ay], [bx + far * (bx - ax), by + far * (by - ay)], 'ray');
}

function dot([cx, cy]: Point, index: number, chosen: boolean): SVGGElement {
  return svgElement(
    'g',
    { class: chosen ? 'node chosen' : 'node' },
    svgElement('circle', { cx, cy, r: 12 }),
    svgElement('text', { x: cx, y: cy + 5, 'text-anchor': 'middle' }, String(index + 1)),
  );
}
