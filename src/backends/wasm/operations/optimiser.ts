/** @file The optimiser's step over a flat range of parameters. */
import { defineProgram } from '../program.ts';

const FLOAT = 4;

export const adam = defineProgram(
  [
    'parameters',
    'gradients',
    'firstMoment',
    'secondMoment',
    'stepSize',
    'beta1',
    'beta2',
    'epsilon',
    'secondMomentScale',
    'gradientScale',
    'l2',
    'decay',
  ],
  ({ kernels, begin, end }, args) => {
    const offset = begin * FLOAT;
    kernels.adam(
      args.parameters + offset,
      args.gradients + offset,
      args.firstMoment + offset,
      args.secondMoment + offset,
      end - begin,
      args.stepSize,
      args.beta1,
      args.beta2,
      args.epsilon,
      args.secondMomentScale,
      args.gradientScale,
      args.l2,
      args.decay,
    );
  },
);

export const averageWeights = defineProgram(
  ['average', 'parameters', 'decay'],
  ({ kernels, begin, end }, { average, parameters, decay }) =>
    kernels.averageWeights(average + begin * FLOAT, parameters + begin * FLOAT, end - begin, decay),
);
