/** @file Models as ONNX files, and the writer of such files by itself. */
export type {
  OnnxAttribute,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxValue,
} from '../formats/onnx/model.ts';
export { writeOnnx } from '../formats/onnx/write.ts';
export type { EdgeSource } from './edges.ts';
export { type OnnxExportOptions, toOnnx } from './to-onnx.ts';
