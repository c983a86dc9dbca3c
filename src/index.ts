/**
 * @file The public API. E(n)-equivariant graph neural networks: start an engine, make a model, predict or train.
 * Data sets, file formats, graphs and training have entry points of their own: egnn/data, egnn/formats, egnn/graph,
 * egnn/train.
 */

export type {
  Activation,
  AdamSettings,
  Aggregation,
  Backend,
  BinaryOperation,
  Capture,
  EdgeBlockOptions,
  EdgeBlockOutputs,
  EdgeBlockParts,
  EdgeBlockSaved,
  GradientTarget,
  GraphHandle,
  GraphOptions,
  Loss,
  Matrix,
  MemoryMeasurement,
  Normalization,
  Numbers,
  RowIndex,
  Rows,
} from './backends/backend.ts';
export type { EdgeIndexConvention, EdgeIndexInput } from './graph/graph.ts';
export { Graph } from './graph/graph.ts';
export type { PlainMatrix } from './graph/plain-matrix.ts';
export {
  type CoordinateNetwork,
  EGCL,
  type EGCLConfig,
  type LayerInput,
  type LayerOutput,
} from './nn/egcl.ts';
export { EGNN, type EGNNOutput, type LayerState } from './nn/egnn.ts';
export type { EGNNConfig, FullEGNNConfig } from './nn/egnn-config.ts';
export { GNN, type GNNConfig } from './nn/gnn.ts';
export { Linear, type LinearConfig, xavierUniform } from './nn/linear.ts';
export { LinearDynamics } from './nn/linear-dynamics.ts';
export { Model } from './nn/model.ts';
export type { PlainGraph } from './nn/plain-graph.ts';
export type { Prediction } from './nn/predict.ts';
export { RadialField, type RadialFieldConfig, type RadialFieldInput } from './nn/radial-field.ts';
export type { ReadoutConfig } from './nn/readout.ts';
export type { StateDict, StateEntry } from './nn/state-dict.ts';
export { type VectorFieldInput, vectorField } from './nn/vector-field.ts';
export { type ChoiceOptions, MersenneTwister, type MersenneTwisterState } from './random/mersenne-twister.ts';
export { type BackendName, type EngineOptions, startEngine } from './start-engine.ts';
export { Engine, type Plan } from './tensor/engine.ts';
export type { NonFinite } from './tensor/non-finite.ts';
export * from './tensor/operations/index.ts';
export { constant, type Initialiser, Parameter, ParameterSet, uniform } from './tensor/parameters.ts';
export { type Lifetime, type Shape, Tensor, type TensorOptions } from './tensor/tensor.ts';
