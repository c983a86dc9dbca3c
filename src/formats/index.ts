/** File formats: bytes in, plain data out. No network, no file system, no model. */
export type { ElementType, TypedArray } from './array.ts';
export { FormatError } from './error.ts';
export * from './molecules/index.ts';
export { type NpyArray, type NpyInput, readNpy, writeNpy } from './npy.ts';
export { readNpz, writeNpz } from './npz.ts';
export { readPickle } from './pickle.ts';
export type { PickleArray, PickleValue, PythonObject } from './pickle-value.ts';
export { readPyTorch } from './pytorch.ts';
export { type FoundStateDict, findStateDicts, withoutPrefix } from './pytorch-state-dicts.ts';
export {
  readSafetensors,
  type Safetensors,
  type SafetensorsDtype,
  type SafetensorsInput,
  type SafetensorsTensor,
  writeSafetensors,
} from './safetensors.ts';
export { readZip, type ZipEntry } from './zip.ts';
