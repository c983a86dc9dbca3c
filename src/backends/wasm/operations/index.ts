/** @file All operations; importing them in this order numbers their programs alike in every thread. */
export { edgeBlockMethods } from './edge-block.ts';
export { elementwiseMethods } from './elementwise.ts';
export { optimiserMethods } from './optimiser.ts';
export { productMethods } from './products.ts';
export { reductionMethods } from './reductions.ts';
export { combinedAdder, rowMethods } from './rows.ts';
