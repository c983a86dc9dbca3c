/** @file The numbers of a step as a table: a line for each edge, and what comes of them. */
import { element } from '../../components/dom.ts';
import type { LayerResult } from './compute.ts';
import { signed } from './picture.ts';
import type { StepName } from './steps.ts';
import { symbols } from './symbols.ts';
import type { EdgeTrace, NodeTrace } from './trace.ts';

type Cell = string | readonly number[];

interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** What comes of the rows: the last ones, set off. */
  readonly results?: readonly (readonly Cell[])[];
}

export function numberTable(result: LayerResult, node: number, step: StepName): HTMLElement {
  const { head, rows, results = [] } = tables[step](result.traces[node], result);
  const row = (cells: readonly Cell[]) =>
    element('tr', {}, ...cells.map((cell, k) => (k === 0 ? rowHead(cell) : numberCell(cell))));
  return element(
    'div',
    // It may scroll sideways on a phone, and then has to be reached with the keyboard.
    {
      className: 'scroll',
      tabIndex: 0,
      attributes: { role: 'region', 'aria-label': 'Numbers of this step' },
    },
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, ...head.map((name, k) => headCell(name, k > 0)))),
      element('tbody', {}, ...rows.map(row)),
      element('tfoot', {}, ...results.map(row)),
    ),
  );
}

const tables: Record<StepName, (trace: NodeTrace, result: LayerResult) => Table> = {
  inputs: (trace, { graph }) => ({
    head: ['from j', 'h_i', 'h_j', '|x_i − x_j|²'],
    rows: perEdge(trace, ({ sender, squaredDistance }) => [
      graph.h[trace.node],
      graph.h[sender],
      [squaredDistance],
    ]),
  }),
  message: (trace) => ({
    head: ['from j', 'm_ij'],
    rows: perEdge(trace, ({ message }) => [message]),
  }),
  gate: (trace) => ({
    head: ['from j', 'm_ij', 'e_ij', 'e_ij m_ij'],
    rows: perEdge(trace, ({ message, gate, gated }) => [message, [gate], gated]),
  }),
  weight: (trace) => ({
    head: ['from j', 'e_ij m_ij', 'φ_x'],
    rows: perEdge(trace, ({ gated, weight }) => [gated, [weight]]),
  }),
  terms: (trace) => ({
    head: ['from j', 'x_i − x_j', 'φ_x', '(x_i − x_j) φ_x'],
    rows: perEdge(trace, ({ difference, weight, term }) => [difference, [weight], term]),
  }),
  sum: (trace) => ({
    head: ['from j', '(x_i − x_j) φ_x'],
    rows: perEdge(trace, ({ term }) => [term]),
    results: [
      ['sum', trace.sum],
      [`C times it, C = 1/${trace.edges.length}`, times(trace.sum, trace.factor)],
    ],
  }),
  moved: (trace, { graph }) => ({
    head: ['', 'x', 'y'],
    rows: [
      ['x_i', ...each(graph.x[trace.node])],
      ['C times the sum', ...each(times(trace.sum, trace.factor))],
    ],
    results: [['x_i′', ...each(trace.moved)]],
  }),
  received: (trace) => ({
    head: ['from j', 'e_ij m_ij'],
    rows: perEdge(trace, ({ gated }) => [gated]),
    results: [['m_i', trace.received]],
  }),
  features: (trace, { graph }) => ({
    head: ['', 'values'],
    rows: [
      ['h_i', graph.h[trace.node]],
      ['m_i', trace.received],
      ['φ_h(h_i, m_i)', trace.update],
    ],
    results: [['h_i′', trace.features]],
  }),
};

function perEdge({ edges }: NodeTrace, cells: (edge: EdgeTrace) => Cell[]): Cell[][] {
  return edges.map((edge) => [String(edge.sender + 1), ...cells(edge)]);
}

function times(values: readonly number[], factor: number): number[] {
  return values.map((value) => factor * value);
}

function each(values: readonly number[]): Cell[] {
  return values.map((value) => [value]);
}

function headCell(name: string, isNumber: boolean): HTMLElement {
  return element('th', { scope: 'col', className: isNumber ? 'number' : '' }, ...symbols(name));
}

function rowHead(cell: Cell): HTMLElement {
  return element('th', { scope: 'row' }, ...symbols(String(cell)));
}

function numberCell(cell: Cell): HTMLElement {
  const text = typeof cell === 'string' ? cell : cell.map((value) => signed(value).padStart(5)).join('  ');
  return element('td', { className: 'number' }, text);
}
