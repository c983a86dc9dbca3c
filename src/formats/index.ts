/** File formats: bytes in, plain data out. No network, no file system, no model. */
export type { TypedArray } from './array.ts';
export { FormatError } from './error.ts';
export { type NpyArray, type NpyInput, readNpy, writeNpy } from './npy.ts';
export { readNpz, writeNpz } from './npz.ts';
export {
  readSafetensors,
  type Safetensors,
  type SafetensorsDtype,
  type SafetensorsInput,
  type SafetensorsTensor,
  writeSafetensors,
} from './safetensors.ts';
export { readZip, type ZipEntry } from './zip.ts';
