/** @file A graph from text: JSON as `predict` takes it, or CSV. */
import Papa from 'papaparse';
import {
  checkGraph,
  type GraphData,
  type MatrixName,
  matrixNames,
  type RawGraph,
  type RawMatrix,
} from './graph-data.ts';

/** @throws RangeError or SyntaxError that says what is wrong, and where */
export function parseGraph(text: string): GraphData {
  const trimmed = text.trim();
  if (trimmed === '')
    throw new RangeError('There is nothing here yet: paste a graph, open a file, or take an example.');
  return checkGraph(/^[{[]/.test(trimmed) ? rawOfJson(text) : rawOfCsv(text));
}

function rawOfJson(text: string): RawGraph {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`No JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RangeError('Expected one object with X and C, such as {"X": [[1]], "C": [[0, 0, 0]]}');
  const raw: Partial<Record<MatrixName, RawMatrix>> = {};
  for (const [key, rows] of Object.entries(value)) {
    if (!isMatrixName(key))
      throw new RangeError(`The key ${JSON.stringify(key)} is none of ${matrixNames.join(', ')}`);
    // Python writes None for what there is not.
    if (rows === null) continue;
    if (!Array.isArray(rows))
      throw new RangeError(`${key} is ${JSON.stringify(rows)}; expected rows of numbers`);
    raw[key] = rows.map((row, r) => {
      if (!Array.isArray(row))
        throw new RangeError(
          `${key}, row ${r + 1}: ${JSON.stringify(row)} is no row of numbers, such as [1, 2]`,
        );
      return { cells: row };
    });
  }
  return raw;
}

/**
 * Two forms, which may follow each other: a line with a matrix's name (X, C, E, A, V or B) and its rows below; or a table
 * whose heading says what each column is: X1, X2, C1 ... (or x, y, z), V1 ... for nodes, source, target, A1 ... for edges.
 * An empty line ends a table.
 */
function rawOfCsv(text: string): RawGraph {
  const raw: Partial<Record<MatrixName, { cells: string[]; line: number }[]>> = {};
  const { data } = Papa.parse<string[]>(text, { delimiter: delimiterOf(text) });
  let columns: readonly MatrixName[] | undefined;
  let block: MatrixName | undefined;
  let hasPairs = false;
  for (const [k, row] of data.entries()) {
    const cells = row.map((cell) => cell.trim());
    const line = k + 1;
    if (cells.every((cell) => cell === '')) {
      columns = undefined;
      continue;
    }
    const alone = cells.filter((cell) => cell !== '');
    if (alone.length === 1 && isMatrixName(alone[0])) {
      [block, columns] = [alone[0], undefined];
      begin(block, line);
    } else if (isHeading(cells)) {
      columns = cells.map((cell) => matrixOfColumn(cell, line));
      block = undefined;
      hasPairs ||= columns.includes('E');
      for (const name of new Set(columns)) begin(name, line);
    } else if (block) {
      raw[block]!.push({ cells, line });
    } else if (columns) {
      if (cells.length !== columns.length)
        throw new RangeError(
          `line ${line}: ${cells.length} cells; expected ${columns.length}, as in the heading`,
        );
      for (const name of new Set(columns))
        raw[name]!.push({ cells: cells.filter((_, c) => columns![c] === name), line });
    } else {
      throw new RangeError(
        `line ${line}: expected the name of a matrix (${matrixNames.join(', ')}) or a heading such as X1,C1,C2,C3; got '${alone[0]}'`,
      );
    }
  }
  return { ...raw, hasPairs };

  function begin(name: MatrixName, line: number): void {
    if (raw[name]) throw new RangeError(`line ${line}: ${name} comes twice`);
    raw[name] = [];
  }
}

/** Commas, or what a spreadsheet or numpy puts in their place. */
function delimiterOf(text: string): string {
  return (
    [',', ';', '\t'].find((delimiter) => text.includes(delimiter)) ?? (/\d +[-\d.]/.test(text) ? ' ' : ',')
  );
}

const columnNames: readonly (readonly [RegExp, MatrixName])[] = [
  [/^([XCVBAE])[_ ]?\d+$/, 'X'],
  [/^[xyz]$/, 'C'],
  [/^v[_ ]?[xyz]$/, 'V'],
  [/^(source|target)$/i, 'E'],
];

function matrixOfColumn(name: string, line: number): MatrixName {
  for (const [pattern, matrix] of columnNames) {
    const found = pattern.exec(name);
    if (found) return matrix === 'X' ? (found[1] as MatrixName) : matrix;
  }
  throw new RangeError(
    `line ${line}: the column '${name}' is not known; expected X1, X2 …, C1 … or x, y, z, V1 …, and for edges source, target, A1 …`,
  );
}

/** A row that has names of columns in it. */
function isHeading(cells: readonly string[]): boolean {
  return cells.some((cell) => columnNames.some(([pattern]) => pattern.test(cell)));
}

function isMatrixName(text: string): text is MatrixName {
  return (matrixNames as readonly string[]).includes(text);
}

/** JSON with a row a line, which people can read and change. */
export function writeGraph(graph: GraphData): string {
  const parts = matrixNames
    .filter((name) => graph[name])
    .map(
      (name) => `  "${name}": [\n${graph[name]!.map((row) => `    [${row.join(', ')}]`).join(',\n')}\n  ]`,
    );
  return `{\n${parts.join(',\n')}\n}`;
}
