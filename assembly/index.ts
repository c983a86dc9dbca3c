export { initialise } from './constants';
export { matmul, matmulAccumulate, outerAccumulate, transpose } from './matrix';
export { activate, activateWithDerivative, activationGradient, activationGradientAccumulate } from './activations';
export { headBackward } from './head';
export { edgeInput, edgeInputBackward, gatherAddRows, gatherRows, scatterAddRows } from './edges';
export { dotRows, outerRows, rowDots, rowSums, scaleRows } from './rows';
export { columnSums, gatherMultiplyAndSum, multiplyAndSum, weightedColumnSums } from './columns';
export { affine, binary, copyColumns, fill, sum, sumOfSquares } from './elementwise';
export { adam, averageWeights, sumOver } from './optimiser';
export {
  addCoordinateGradients, addShifts, completeEdges, edgeDifferences, normalise, normaliseGradient, pairFeatures, shiftGradient,
} from './geometry';
export { loss, lossGradient } from './losses';
export { binaryGradient, loadInteger, storeDouble, sumGradient, sumPartials } from './gradients';
