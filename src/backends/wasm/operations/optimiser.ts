/** @file The optimiser's step over all parameters, and averaged weights. */
import type { Backend } from '../../backend.ts';
import { wasm } from '../matrix.ts';
import { defineProgram } from '../program.ts';
import { firstCopy, type Workspace } from '../workspace.ts';

const FLOAT = 4;

const adam = defineProgram(
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

const averageWeights = defineProgram(
  ['average', 'parameters', 'decay'],
  ({ kernels, begin, end }, { average, parameters, decay }) =>
    kernels.averageWeights(average + begin * FLOAT, parameters + begin * FLOAT, end - begin, decay),
);

export function optimiserMethods(workspace: Workspace): Pick<Backend, 'adam' | 'averageWeights'> {
  return {
    adam(parameters, gradients, firstMoment, secondMoment, settings) {
      workspace.combine(wasm(gradients));
      const reads = { gradients: firstCopy(wasm(gradients)) };
      const writes = {
        parameters: wasm(parameters),
        firstMoment: wasm(firstMoment),
        secondMoment: wasm(secondMoment),
      };
      workspace.run(adam, workspace.flat(wasm(parameters)), reads, writes, { ...settings });
    },
    averageWeights(average, parameters, decay) {
      const reads = { parameters: wasm(parameters) };
      workspace.run(
        averageWeights,
        workspace.flat(wasm(average)),
        reads,
        { average: wasm(average) },
        { decay },
      );
    },
  };
}
