/** @file A graph as this view holds it, and what must hold before a network sees it. Rows and columns are counted from 1. */

export type Rows = readonly (readonly number[])[];

/** The arguments of `predict`, as rows of numbers. */
export interface GraphData {
  /** [N, F] */
  readonly X: Rows;
  /** [N, n] */
  readonly C: Rows;
  /** [2, M]; the complete graph if left out. */
  readonly E?: Rows;
  /** [M, A] */
  readonly A?: Rows;
  /** [N, n] */
  readonly V?: Rows;
  /** [N, B] */
  readonly B?: Rows;
}

export const matrixNames = ['X', 'C', 'E', 'A', 'V', 'B'] as const;
export type MatrixName = (typeof matrixNames)[number];

/** Rows whose cells may be anything; `line` says where a row stands in its text. */
export type RawMatrix = readonly { readonly cells: readonly unknown[]; readonly line?: number }[];
export type RawGraph = Partial<Readonly<Record<MatrixName, RawMatrix>>> & {
  /** E certainly has a pair a row; otherwise two rows of two are taken as [2, 2]. */
  readonly hasPairs?: boolean;
};

/**
 * A graph from raw cells.
 * @throws RangeError naming the matrix, row and column that is wrong, and the line where there are lines
 */
export function checkGraph(raw: RawGraph): GraphData {
  const matrices: Partial<Record<MatrixName, Rows>> = {};
  for (const name of matrixNames) if (raw[name]) matrices[name] = checkMatrix(name, raw[name]);
  const { X, C, A, V, B } = matrices;
  if (!X) throw new RangeError('X is missing: the features of the nodes, one row a node');
  if (!C) throw new RangeError('C is missing: the coordinates of the nodes, one row a node');
  if (C[0]?.length === 0) throw new RangeError('C, row 1: no numbers; expected coordinates');
  const E = matrices.E && checkEdges(matrices.E, X.length, raw);
  for (const [name, rows] of Object.entries({ C, V, B }))
    if (rows && rows.length !== X.length)
      throw new RangeError(`${name} has ${count(rows.length, 'row')}; X has ${X.length}, one a node`);
  if (V && V.length > 0 && V[0].length !== C[0].length)
    throw new RangeError(`V has ${count(V[0].length, 'column')}; C has ${C[0].length}`);
  const edges = E ? E[0].length : X.length * (X.length - 1);
  if (A && A.length !== edges)
    throw new RangeError(
      `A has ${count(A.length, 'row')}; there are ${edges} edges${E ? ' in E' : ', since without E every pair of nodes has two'}`,
    );
  return { X, C, E, A, V, B };
}

function checkMatrix(name: MatrixName, raw: RawMatrix): Rows {
  return raw.map(({ cells, line }, r) => {
    const place = line === undefined ? '' : ` (line ${line})`;
    const expected = raw[0].cells.length;
    if (cells.length !== expected)
      throw new RangeError(
        `${name}, row ${r + 1}: ${count(cells.length, 'number')}; expected ${expected}, as in row 1${place}`,
      );
    return cells.map((cell, c) => numberAt(cell, `${name}, row ${r + 1}, column ${c + 1}`, place));
  });
}

function numberAt(cell: unknown, where: string, place: string): number {
  if (cell === '' || cell === null || cell === undefined)
    throw new RangeError(`${where}: it is empty; expected a number${place}`);
  const value = typeof cell === 'string' ? Number(cell) : cell;
  if (typeof value !== 'number' || Number.isNaN(value))
    throw new RangeError(`${where}: ${quoted(cell)} is not a number${place}`);
  if (!Number.isFinite(value))
    throw new RangeError(`${where}: ${quoted(cell)} is not a finite number${place}`);
  return value;
}

/** E as [2, M]; rows of two are taken as pairs unless there are just two of them. */
function checkEdges(rows: Rows, nodes: number, { E: raw, hasPairs = false }: RawGraph): Rows {
  const arePairs = (hasPairs || rows.length !== 2) && rows.every(({ length }) => length === 2);
  if (!arePairs && rows.length !== 2)
    throw new RangeError(
      `E has ${count(rows.length, 'row')} of ${count(rows[0]?.length ?? 0, 'number')}; expected two rows, senders and receivers, or a pair a row`,
    );
  for (const [r, row] of rows.entries())
    for (const [c, node] of row.entries())
      if (!Number.isInteger(node) || node < 0 || node >= nodes) {
        const { line } = raw![r];
        throw new RangeError(
          `E, row ${r + 1}, column ${c + 1}: ${node} is no node; there are 0 to ${nodes - 1}${line === undefined ? '' : ` (line ${line})`}`,
        );
      }
  return arePairs ? [rows.map(([from]) => from), rows.map(([, to]) => to)] : rows;
}

function quoted(cell: unknown): string {
  const text = typeof cell === 'string' ? cell : JSON.stringify(cell);
  return `'${text.length > 30 ? `${text.slice(0, 30)}…` : text}'`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
