/** @file Files that someone opened or dropped, as the text of one graph. */
import { readNpz } from 'egnn/formats';
import { checkGraph, type MatrixName, matrixNames, type RawMatrix } from './graph-data.ts';
import { writeGraph } from './parse-text.ts';

export interface OpenedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Characters; more than this is no fun to look at. */
const LONGEST_TEXT = 2_000_000;

/**
 * @param files one JSON, CSV or npz file; or several CSV files, one a matrix: X.csv, C.csv ...
 * @returns text as `parseGraph` takes it
 * @throws Error that names the file, and the cell if one is wrong
 */
export function textOfFiles(files: readonly OpenedFile[]): string {
  const text = files.length === 1 ? textOfFile(files[0]) : textOfMatrices(files);
  if (text.length > LONGEST_TEXT)
    throw new RangeError(
      `${files[0].name}: ${text.length.toLocaleString('en')} characters as text; this view takes up to ${LONGEST_TEXT.toLocaleString('en')}, \`egnn predict\` takes more`,
    );
  return text;
}

function textOfFile(file: OpenedFile): string {
  const { name, bytes } = file;
  const lower = name.toLowerCase();
  if (lower.endsWith('.npz')) return textOfNpz(file);
  if (/\.(json|txt)$/.test(lower)) return decoded(bytes);
  if (lower.endsWith('.csv')) return matrixOfName(name) ? textOfMatrices([file]) : decoded(bytes);
  throw new RangeError(`${name}: expected a file that ends in .json, .csv or .npz`);
}

function textOfMatrices(files: readonly OpenedFile[]): string {
  return files
    .map(({ name, bytes }) => {
      const matrix = matrixOfName(name);
      if (!matrix)
        throw new RangeError(
          `${name}: of several files, each has to be named after its matrix: ${matrixNames.map((one) => `${one}.csv`).join(', ')}`,
        );
      return `${matrix}\n${decoded(bytes).trim()}\n`;
    })
    .join('\n');
}

function matrixOfName(name: string): MatrixName | undefined {
  const stem = /^(.)\.csv$/i.exec(name)?.[1].toUpperCase();
  return matrixNames.find((matrix) => matrix === stem);
}

function textOfNpz({ name, bytes }: OpenedFile): string {
  try {
    const arrays = readNpz(bytes);
    const raw: Partial<Record<MatrixName, RawMatrix>> = {};
    if (arrays.node_counts && arrays.node_counts.data.length > 1)
      throw new RangeError('it holds several graphs; this view takes one, `egnn predict` takes many');
    for (const matrix of matrixNames) {
      const array = arrays[matrix];
      if (!array) continue;
      const { shape, data } = array;
      if (Array.isArray(data)) throw new RangeError(`${matrix} holds text; expected numbers`);
      if (shape.length !== 1 && shape.length !== 2)
        throw new RangeError(`${matrix} is [${shape.join(', ')}]; expected two dimensions`);
      const [rows, columns = 1] = shape;
      raw[matrix] = Array.from({ length: rows }, (_, r) => ({
        cells: Array.from({ length: columns }, (_, c) => Number(data[r * columns + c])),
      }));
    }
    return writeGraph(checkGraph(raw));
  } catch (error) {
    throw new RangeError(`${name}: ${(error as Error).message}`);
  }
}

function decoded(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
