/**
 * @file Matrices and row sets of the wasm backend, and the rule that says when threads must wait for each other.
 *
 * A row set is split over the threads once. Threads work through the same list of operations, each on its own rows,
 * without waiting, as long as an operation touches only rows that its own thread wrote. `Block` remembers which
 * split wrote and read a piece of memory since all threads last met.
 */
import type { Matrix, Rows } from '../backend.ts';

export interface WasmRows extends Rows {
  /** Thread t works on rows bounds[t]..bounds[t + 1]. */
  readonly bounds: Int32Array;
  /** Row sets of the same split have the same number: rows of one never need rows of another thread's share. */
  readonly split: number;
}

/** A split that agrees with none, not even itself: an operation that reads or writes across threads. */
export const ACROSS = Number.NaN;

/** The split of an accumulator's copies: every thread adds to its own, whatever rows it works on. */
export const OWN_COPY = Number.POSITIVE_INFINITY;

/** When a piece of memory was last written and read, and along which split. */
export interface Block {
  write: number;
  writeSplit: number;
  read: number;
  readSplit: number;
  /** How many numbers it has, an accumulator in each copy; views and reshaped matrices may have fewer. */
  readonly size: number;
  /** An accumulator's: whether copies other than the first may hold something. */
  spread: boolean;
}

export function newBlock(size: number): Block {
  return { write: -1, writeSplit: 0, read: -1, readSplit: 0, size, spread: true };
}

export interface WasmMatrix extends Matrix {
  readonly rows: WasmRows;
  readonly pointer: number;
  /** Bytes between the threads' copies of an accumulator; 0 for an ordinary matrix. */
  readonly copyStride: number;
  readonly block: Block;
}

export function wasm(matrix: Matrix): WasmMatrix {
  return matrix as WasmMatrix;
}

/** `count` rows in `threads` even shares; the first threads take the rest. */
export function evenBounds(count: number, threads: number): Int32Array {
  return Int32Array.from({ length: threads + 1 }, (_, thread) => Math.ceil((count * thread) / threads));
}
