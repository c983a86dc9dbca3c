/** @file The operations that layers are written from. */
export { concatenate, slice } from './columns.ts';
export { type EdgeBlockResult, edgeBlock } from './edge-block.ts';
export {
  activate,
  add,
  affine,
  cos,
  divide,
  leakyRelu,
  multiply,
  relu,
  sigmoid,
  silu,
  sin,
  square,
  squareRoot,
  subtract,
  tanh,
} from './elementwise.ts';
export { type LinearOptions, linear } from './linear.ts';
export { binaryCrossEntropy, huberLoss, l1Loss, meanSquaredError, type Reduction } from './loss.ts';
export { mean, rowSums, sum, sumOfSquares } from './reductions.ts';
export { gather, segmentMean, segmentSum } from './rows.ts';
