/** @file The graph at a step: edges to the chosen node with what is known of them by then, vectors, moved points. */
import { svgElement } from '../../components/dom.ts';
import type { LayerResult } from './compute.ts';
import {
  arrow,
  between,
  label,
  line,
  type Place,
  type Point,
  picture,
  placeFor,
  signClass,
  squares,
} from './marks.ts';
import type { StepName } from './steps.ts';
import type { EdgeTrace, NodeTrace } from './trace.ts';

const NODE = 13;

/** @param choose called with the node that was clicked, or chosen with the keyboard */
export function graphPicture(
  result: LayerResult,
  node: number,
  step: StepName,
  choose: (node: number) => void,
): SVGSVGElement {
  const trace = result.traces[node];
  const place = placeOf(result, trace);
  const at = (index: number) => place(result.graph.x[index]);
  const edges = trace.edges.map((edge) => {
    const drawn = line(at(edge.sender), at(node), 'edge own');
    drawn.setAttribute('stroke-opacity', opacity(edge, step).toFixed(3));
    return drawn;
  });
  const nodes = result.traces.map((_, index) => nodeButton(index, at(index), index === node, choose));
  const marks = onStep[step](trace, { at, place, result });
  return picture(
    `Graph of ${result.traces.length} nodes; node ${node + 1} is looked at`,
    ...otherEdges(result, node, at),
    ...edges,
    ...(step === 'moved' ? result.traces.flatMap((other) => moves(other, node, at, place)) : []),
    ...(vectorSteps.has(step) ? [marks, nodes] : [nodes, marks]).flat(),
  );
}

/** Their arrows start in the middle of a node, and would hide its number. */
const vectorSteps = new Set<StepName>(['terms', 'sum']);

interface Drawing {
  at(node: number): Point;
  readonly place: Place;
  readonly result: LayerResult;
}

const onStep: Record<StepName, (trace: NodeTrace, drawing: Drawing) => SVGElement[]> = {
  inputs: (trace, drawing) =>
    onEdges(trace, drawing, (edge, middle) => label(middle, edge.squaredDistance.toFixed(2))),
  message: (trace, drawing) => messageSquares(trace, drawing, (edge) => edge.message),
  gate: (trace, drawing) => onEdges(trace, drawing, (edge, middle) => label(middle, edge.gate.toFixed(2))),
  weight: (trace, drawing) => onEdges(trace, drawing, (edge, middle) => label(middle, signed(edge.weight))),
  terms: (trace, { at, place }) =>
    trace.edges.map((edge) =>
      arrow(at(trace.node), place(shifted(origin(trace), edge)), `term ${signClass(edge.weight)}`),
    ),
  sum: (trace, { at, place }) => [
    ...chain(trace).map(({ from, to, edge }) =>
      arrow(place(from), place(to), `term ${signClass(edge.weight)}`),
    ),
    arrow(at(trace.node), place(total(trace)), 'sum'),
  ],
  moved: () => [],
  received: (trace, drawing) => [
    ...messageSquares(trace, drawing, (edge) => edge.gated),
    squares(
      beside(drawing.at(trace.node)),
      trace.received,
      largest(trace.edges.map(({ message }) => message)),
    ),
  ],
  features: (trace, drawing) => {
    const [x, y] = beside(drawing.at(trace.node));
    const rows = [drawing.result.graph.h[trace.node], trace.features];
    const scale = largest(rows);
    return [squares([x, y], rows[0], scale), squares([x, y + 20], rows[1], scale)];
  },
};

/** Its gate, once that is known; arrows from node to node are not to be hidden. */
function opacity(edge: EdgeTrace, step: StepName): number {
  if (step === 'inputs' || step === 'message') return 0.6;
  return step === 'moved' ? 0.12 : Math.max(0.08, edge.gate);
}

/** Everything that any step draws for the chosen node fits, so that nothing jumps from one step to the next. */
function placeOf({ graph, traces }: LayerResult, trace: NodeTrace): Place {
  const ends = trace.edges.map((edge) => shifted(origin(trace), edge));
  const links = chain(trace).map(({ to }) => to);
  return placeFor([...graph.x, ...traces.map(({ moved }) => moved), ...ends, ...links]);
}

function otherEdges({ traces }: LayerResult, node: number, at: Drawing['at']): SVGLineElement[] {
  return traces.flatMap(({ node: i }) =>
    traces.flatMap(({ node: j }) => (i < j && i !== node && j !== node ? [line(at(i), at(j), 'edge')] : [])),
  );
}

function onEdges<Mark extends SVGElement>(
  trace: NodeTrace,
  { at }: Drawing,
  mark: (edge: EdgeTrace, middle: Point) => Mark,
): Mark[] {
  // Nearer to the sender, where the edges are further apart.
  return trace.edges.map((edge) => mark(edge, between(at(trace.node), at(edge.sender), 0.6)));
}

function messageSquares(
  trace: NodeTrace,
  drawing: Drawing,
  values: (edge: EdgeTrace) => readonly number[],
): SVGGElement[] {
  const scale = largest(trace.edges.map(({ message }) => message));
  return onEdges(trace, drawing, (edge, middle) => squares(middle, values(edge), scale));
}

/** Where the terms lead without the factor C: x_i and their sum */
export function total(trace: NodeTrace): readonly number[] {
  return origin(trace).map((value, axis) => value + trace.sum[axis]);
}

/** The terms head to tail, from x_i on. */
export function chain(trace: NodeTrace) {
  let from = origin(trace);
  return trace.edges.map((edge) => {
    const to = shifted(from, edge);
    const piece = { from, to, edge };
    from = to;
    return piece;
  });
}

/** x_i */
export function origin({ moved, sum, factor }: NodeTrace): readonly number[] {
  return moved.map((value, axis) => value - factor * sum[axis]);
}

export function shifted(point: readonly number[], { term }: EdgeTrace): readonly number[] {
  return point.map((value, axis) => value + term[axis]);
}

function moves(trace: NodeTrace, chosen: number, at: Drawing['at'], place: Place): SVGElement[] {
  const own = trace.node === chosen;
  const [cx, cy] = place(trace.moved);
  return [
    arrow(at(trace.node), [cx, cy], own ? 'sum' : 'sum other'),
    svgElement('circle', { cx, cy, r: NODE, class: own ? 'moved' : 'moved other' }),
  ];
}

function nodeButton(
  index: number,
  [cx, cy]: Point,
  chosen: boolean,
  choose: (node: number) => void,
): SVGGElement {
  const group = svgElement(
    'g',
    {
      class: chosen ? 'node chosen' : 'node',
      role: 'button',
      tabindex: 0,
      'aria-pressed': String(chosen),
      'aria-label': `Node ${index + 1}`,
    },
    svgElement('circle', { cx, cy, r: NODE + 7, class: 'target' }),
    svgElement('circle', { cx, cy, r: NODE }),
    svgElement('text', { x: cx, y: cy + 5, 'text-anchor': 'middle' }, String(index + 1)),
  );
  group.addEventListener('click', () => choose(index));
  group.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    choose(index);
  });
  return group;
}

/** Under the node */
function beside([x, y]: Point): Point {
  return [x, y + NODE + 16];
}

function largest(rows: readonly (readonly number[])[]): number {
  return Math.max(...rows.flat().map(Math.abs));
}

export function signed(value: number): string {
  return `${value < 0 ? '−' : ''}${Math.abs(value).toFixed(2)}`;
}
