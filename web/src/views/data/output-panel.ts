/** @file H', C' and V' as tables and files, and the program that computes the same. */
import Papa from 'papaparse';
import { button } from '../../components/controls.ts';
import { element } from '../../components/dom.ts';
import { download } from '../../components/download.ts';
import type { Output } from './compute.ts';

export interface OutputPanel {
  readonly element: HTMLElement;
  /** @param program that computes the same in code; undefined for a model from files */
  show(output: Output, program: string | undefined): void;
  clear(): void;
}

/** More would make the page slow; files have them all. */
const MOST_ROWS = 100;

interface Part {
  readonly name: 'h' | 'x' | 'v';
  readonly title: string;
}

const parts: readonly Part[] = [
  { name: 'x', title: 'C′, the moved coordinates' },
  { name: 'h', title: 'H′, the features' },
  { name: 'v', title: 'V′, the velocities of the last layer' },
];

export function createOutputPanel(
  writeNpz: (output: Output) => Promise<Uint8Array<ArrayBuffer>>,
): OutputPanel {
  let shown: Output | undefined;
  const tables = element('div', { className: 'tables' });
  const status = element('p', { className: 'muted', attributes: { role: 'status' } });
  const code = element('pre', {
    tabIndex: 0,
    attributes: { role: 'region', 'aria-label': 'The same in code' },
  });
  const program = element('details', {}, element('summary', {}, 'The same in code'), code);
  const save = (
    name: string,
    type: string,
    content: (output: Output) => Promise<string | Uint8Array<ArrayBuffer>>,
  ) =>
    button(`Download ${name.split('.')[1].replace('json', 'JSON').replace('csv', 'CSV')}`, async () => {
      if (shown) download(name, await content(shown), type);
    });
  const panel = element(
    'section',
    { className: 'panel stack', hidden: true, attributes: { 'aria-label': 'Output' } },
    element('h2', {}, 'Output'),
    status,
    tables,
    element(
      'div',
      { className: 'row' },
      save('output.json', 'application/json', async (output) => outputJson(output)),
      save('output.csv', 'text/csv', async (output) => outputCsv(output)),
      save('output.npz', 'application/octet-stream', writeNpz),
    ),
    program,
  );
  return {
    element: panel,
    show(output, text) {
      shown = output;
      panel.hidden = false;
      const { nodes, parameters } = output;
      status.textContent = `${nodes} nodes through a network of ${parameters.toLocaleString('en')} parameters.${output.h ? '' : ' This model returns coordinates alone.'}`;
      tables.replaceChildren(
        ...parts.flatMap(({ name, title }) => {
          const values = output[name];
          return values ? [table(title, name, values, nodes)] : [];
        }),
      );
      program.hidden = text === undefined;
      code.textContent = text ?? '';
    },
    clear() {
      shown = undefined;
      panel.hidden = true;
    },
  };
}

function table(title: string, name: string, values: Float64Array, nodes: number): HTMLElement {
  const rows = rowsOf(values, nodes);
  const width = rows[0]?.length ?? 0;
  const rest =
    rows.length > MOST_ROWS ? ` (the first ${MOST_ROWS} of ${rows.length} rows; files have all)` : '';
  return element(
    'div',
    { className: 'scroll', tabIndex: 0, attributes: { role: 'region', 'aria-label': title } },
    element(
      'table',
      {},
      element('caption', {}, `${title}${rest}`),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          element('th', { scope: 'col' }, 'Node'),
          ...Array.from({ length: width }, (_, c) =>
            element('th', { scope: 'col', className: 'number' }, `${name}${c + 1}`),
          ),
        ),
      ),
      element(
        'tbody',
        {},
        ...rows
          .slice(0, MOST_ROWS)
          .map((row, r) =>
            element(
              'tr',
              {},
              element('th', { scope: 'row' }, String(r)),
              ...row.map((value) => element('td', { className: 'number' }, shown(value))),
            ),
          ),
      ),
    ),
  );
}

function shown(value: number): string {
  const text = value.toPrecision(5);
  return text.includes('e') ? value.toExponential(2) : text;
}

/** A float32 in as few digits as read back to the same. */
export function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

function rowsOf(values: Float64Array, nodes: number): number[][] {
  const width = nodes === 0 ? 0 : values.length / nodes;
  return Array.from({ length: nodes }, (_, r) =>
    Array.from(values.subarray(r * width, (r + 1) * width), shortest),
  );
}

/** h, x and v as rows, as `egnn predict` writes them. */
export function outputJson(output: Output): string {
  const { nodes } = output;
  const entries = (['h', 'x', 'v'] as const).flatMap((name) =>
    output[name] ? [[name, rowsOf(output[name], nodes)] as const] : [],
  );
  return `${JSON.stringify({ nodes, ...Object.fromEntries(entries) }, undefined, 1)}\n`;
}

/** A row a node: node, h1 ..., x1 ..., v1 ... */
export function outputCsv(output: Output): string {
  const matrices = (['h', 'x', 'v'] as const).flatMap((name) =>
    output[name] ? [{ name, rows: rowsOf(output[name], output.nodes) }] : [],
  );
  const fields = matrices.flatMap(({ name, rows }) => (rows[0] ?? []).map((_, c) => `${name}${c + 1}`));
  const data = Array.from({ length: output.nodes }, (_, r) => [
    r,
    ...matrices.flatMap(({ rows }) => rows[r]),
  ]);
  return `${Papa.unparse({ fields: ['node', ...fields], data }, { newline: '\n' })}\n`;
}
