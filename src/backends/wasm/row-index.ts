/** @file An index from rows to rows in the wasm backend's memory. */
import type { RowIndex } from '../backend.ts';
import { ACROSS, type WasmRows } from './matrix.ts';
import type { Workspace } from './workspace.ts';

export interface WasmIndex extends RowIndex {
  readonly from: WasmRows;
  readonly to: WasmRows;
  /** Int32 address, [from.count]. */
  readonly pointer: number;
  /** Float32 address, [to.count]: 1 / how many rows of `from` share it, 0 where there are none. */
  readonly shares: number;
}

export function indexRows(workspace: Workspace, values: Int32Array, from: WasmRows, to: WasmRows): WasmIndex {
  const shares = new Float32Array(to.count);
  for (const row of values) shares[row]++;
  for (let row = 0; row < to.count; row++) if (shares[row] > 0) shares[row] = 1 / shares[row];
  return { from, to, pointer: workspace.integers(values), shares: workspace.floats(shares) };
}

/** Along which split an index can be followed without leaving a thread's own rows. */
export function splitOf(index: RowIndex): number {
  const { from, to } = index as WasmIndex;
  return from.split === to.split && from.split < 0 ? from.split : ACROSS;
}
