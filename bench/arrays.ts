/** @file How arrays travel between the sides: safetensors files, which are a line of JSON and raw numbers. */
import { readFileSync, writeFileSync } from 'node:fs';
import { readSafetensors, writeSafetensors } from '../dist/formats/index.js';

export interface NumberArray {
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

export type Arrays = Record<string, NumberArray>;

export function writeArrays(path: string, arrays: Arrays): void {
  writeFileSync(path, writeSafetensors(arrays));
}

export function readArrays(path: string): Arrays {
  const { tensors } = readSafetensors(readFileSync(path));
  return Object.fromEntries(
    [...tensors].map(([name, { data, shape }]) => [name, { data: checked(name, data), shape }]),
  );
}

function checked(name: string, data: unknown): NumberArray['data'] {
  if (data instanceof Float32Array || data instanceof Int32Array) return data;
  throw new TypeError(`array ${name} is neither float32 nor int32`);
}

/** @throws Error if there is no such array of float32 */
export function floatsOf(arrays: Arrays, name: string): Float32Array {
  const { data } = arrays[name] ?? {};
  if (!(data instanceof Float32Array)) throw new Error(`array ${name} is missing, or not float32`);
  return data;
}

/** @throws Error if there is no such array of int32 */
export function integersOf(arrays: Arrays, name: string): Int32Array {
  const { data } = arrays[name] ?? {};
  if (!(data instanceof Int32Array)) throw new Error(`array ${name} is missing, or not int32`);
  return data;
}
