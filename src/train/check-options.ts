/** @file What a training is told, held against what it may be, before anything is computed or written. */
import { checkNames } from '../nn/check-config.ts';
import { shown } from '../shown.ts';
import type { TrainingContext } from './loop.ts';
import type { Task, TrainingOptions } from './task.ts';

interface Range {
  readonly allowed: string;
  contains(value: unknown): boolean;
}

const positiveInteger: Range = {
  allowed: 'a positive integer',
  contains: (value) => Number.isSafeInteger(value) && (value as number) > 0,
};
const zeroOrMore: Range = {
  allowed: '0 or a positive integer',
  contains: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
};
const atLeastZero: Range = {
  allowed: 'a finite number of at least 0',
  contains: (value) => Number.isFinite(value) && (value as number) >= 0,
};
const share: Range = {
  allowed: 'a number in [0, 1)',
  contains: (value) => Number.isFinite(value) && (value as number) >= 0 && (value as number) < 1,
};
const seed: Range = {
  allowed: 'an integer in [0, 2^32)',
  contains: (value) => zeroOrMore.contains(value) && (value as number) < 2 ** 32,
};
const boolean: Range = { allowed: 'a boolean', contains: (value) => typeof value === 'boolean' };
const schedule: Range = {
  allowed: 'a function from progress in [0, 1] to a number, such as cosineSchedule()',
  // cosineSchedule without its brackets is a function, too.
  contains: (value) => typeof value === 'function' && Number.isFinite(value(0.5)),
};

const ranges: Readonly<Record<keyof TrainingOptions, Range>> = {
  epochs: positiveInteger,
  batchSize: positiveInteger,
  learningRate: atLeastZero,
  schedule,
  seed,
  weightDecay: atLeastZero,
  decoupledWeightDecay: boolean,
  clip: atLeastZero,
  averageDecay: share,
  validateEvery: positiveInteger,
  patience: zeroOrMore,
};
const contextNames: readonly (keyof TrainingContext)[] = ['folder', 'resume', 'signal', 'events'];

/** @throws TypeError naming an option that `train` does not have, RangeError naming one that is missing or out of range */
export function checkTraining(task: Task, options: TrainingOptions, context: TrainingContext): void {
  checkNames('train', options, Object.keys(ranges));
  checkNames('the context of train', context, contextNames);
  for (const [name, range] of Object.entries(ranges))
    check(name, options[name as keyof TrainingOptions], range);
  check("the task's sampleCount", task.sampleCount, positiveInteger);
}

function check(name: string, value: unknown, { allowed, contains }: Range): void {
  if (!contains(value))
    throw new RangeError(
      `${name} must be ${allowed}; got ${typeof value === 'function' ? `the function ${value.name}` : shown(value)}`,
    );
}
