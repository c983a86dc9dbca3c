/** @file Lines of the package's own sources, with their numbers. */
import edges from '../../../../src/backends/reference/edge-block.ts?raw';
import layer from '../../../../src/nn/egcl.ts?raw';
import { type CodePlace, files } from './steps.ts';

const sources = { layer, edges };

export interface Excerpt {
  /** From the package's folder */
  readonly file: string;
  /** Of the first line, counted from 1 */
  readonly line: number;
  readonly lines: readonly string[];
}

/** @throws Error if the lines are not there any more, or the first is there twice */
export function excerpt({ file, first, last }: CodePlace): Excerpt {
  const lines = sources[file].split('\n');
  const starts = lines.flatMap((line, k) => (line.includes(first) ? [k] : []));
  if (starts.length !== 1) throw new Error(`${files[file]} has ${starts.length} lines with "${first}"`);
  const [start] = starts;
  const length = lines.slice(start).findIndex((line) => line.includes(last));
  if (length < 0) throw new Error(`${files[file]} has no "${last}" behind line ${start + 1}`);
  const found = lines.slice(start, start + length + 1);
  const indent = Math.min(...found.filter((line) => line.trim()).map((line) => line.search(/\S/)));
  return { file: files[file], line: start + 1, lines: found.map((line) => line.slice(indent)) };
}
