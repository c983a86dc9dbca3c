/** npz, numpy's file of several arrays: a zip archive with one `name.npy` for each. */

import { zipSync } from 'fflate';
import { FormatError } from './error.ts';
import { type NpyArray, type NpyInput, readNpy, writeNpy } from './npy.ts';
import { readZip } from './zip.ts';

/** Reads all arrays, by name without `.npy`. @throws FormatError that names the array at fault. */
export function readNpz(bytes: Uint8Array): Record<string, NpyArray> {
  const arrays = readZip(bytes).map((entry): [string, NpyArray] => {
    if (!entry.name.endsWith('.npy')) {
      throw new FormatError(`npz: entry ${entry.name} is not an array; expected names that end in .npy`);
    }
    const data = entry.read();
    try {
      return [entry.name.slice(0, -'.npy'.length), readNpy(data)];
    } catch (error) {
      throw new FormatError(`npz: entry ${entry.name}: ${(error as Error).message}`, { cause: error });
    }
  });
  return Object.fromEntries(arrays);
}

/**
 * Writes arrays by name; the same arrays give the same bytes. `compress` deflates them (numpy's
 * `savez_compressed`), otherwise they are stored.
 */
export function writeNpz(
  arrays: Record<string, NpyInput>,
  { compress = false }: { compress?: boolean } = {},
): Uint8Array<ArrayBuffer> {
  const files = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, writeNpy(array)]);
  return zipSync(Object.fromEntries(files), { level: compress ? 6 : 0, mtime: new Date(1980, 0, 1, 12) });
}
