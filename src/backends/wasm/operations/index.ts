/** @file All programs; importing them in this order numbers them alike in every thread. */

export { edgeBlock } from './edge-block.ts';
export {
  edgeBlockGradient,
  type GradientArguments,
  type GradientSum,
} from './edge-block-gradient.ts';
export * from './elementwise.ts';
export * from './optimiser.ts';
export * from './products.ts';
export * from './reductions.ts';
export * from './rows.ts';
