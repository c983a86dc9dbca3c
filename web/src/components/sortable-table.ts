/** @file A table that is sorted by any column: a button in each heading, once for upwards, twice for downwards. */
import './sortable-table.css';
import { element } from './dom.ts';

export interface Column<Row> {
  readonly title: string;
  /** Numbers stand on the right. */
  readonly isNumber?: boolean;
  /** What stands in the cell. */
  text(row: Row): string;
  /** What stands in the cell in place of the text, such as a link. */
  node?(row: Row): Node;
  /** What is sorted by; the text if left out. Rows without a value stay at the end. */
  value?(row: Row): number | string | undefined;
  /** A class for the cell. */
  className?(row: Row): string;
}

export interface SortableTable<Row> {
  readonly element: HTMLElement;
  /** Adds a row at the end; the order that was chosen is kept. */
  add(row: Row): void;
  /** All rows, as they are sorted now. */
  rows(): readonly Row[];
}

export interface Sorting {
  /** Position of the column. */
  readonly column: number;
  readonly descending: boolean;
}

export interface SortableTableOptions<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly sorting?: Sorting;
  onSort?(sorting: Sorting): void;
}

export function sortableTable<Row>(options: SortableTableOptions<Row>): SortableTable<Row> {
  const { caption, columns } = options;
  let sorting = options.sorting;
  const rows: Row[] = [];
  const cells = new Map<Row, HTMLTableRowElement>();
  const headings = columns.map(({ title, isNumber }, column) => {
    const open = element('button', { type: 'button' }, title);
    open.addEventListener('click', () => {
      sorting = { column, descending: sorting?.column === column && !sorting.descending };
      arrange();
      options.onSort?.(sorting);
    });
    return element(
      'th',
      { scope: 'col', className: isNumber ? 'number' : '', attributes: { 'aria-sort': 'none' } },
      open,
    );
  });
  const body = element('tbody');
  const table = element(
    'table',
    { className: 'sortable' },
    element('caption', {}, caption),
    element('thead', {}, element('tr', {}, ...headings)),
    body,
  );

  function arrange(): void {
    for (const [column, heading] of headings.entries())
      heading.setAttribute(
        'aria-sort',
        column !== sorting?.column ? 'none' : sorting.descending ? 'descending' : 'ascending',
      );
    if (sorting && columns[sorting.column]) sortRows(rows, columns[sorting.column], sorting.descending);
    body.replaceChildren(...rows.map((row) => cells.get(row)!));
  }

  return {
    element: element(
      'div',
      { className: 'scroll', tabIndex: 0, attributes: { role: 'region', 'aria-label': caption } },
      table,
    ),
    add(row) {
      rows.push(row);
      cells.set(
        row,
        element(
          'tr',
          {},
          ...columns.map(({ text, node, isNumber, className }) =>
            element(
              'td',
              { className: `${isNumber ? 'number ' : ''}${className?.(row) ?? ''}`.trim() },
              node?.(row) ?? text(row),
            ),
          ),
        ),
      );
      if (sorting) arrange();
      else body.append(cells.get(row)!);
    },
    rows: () => rows,
  };
}

/** In place; equal rows keep their order. */
export function sortRows<Row>(rows: Row[], { text, value = text }: Column<Row>, descending: boolean): void {
  const sign = descending ? -1 : 1;
  rows.sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === undefined || right === undefined)
      return Number(left === undefined) - Number(right === undefined);
    if (typeof left === 'number' && typeof right === 'number') return sign * (left - right);
    return sign * String(left).localeCompare(String(right), 'en', { numeric: true });
  });
}
