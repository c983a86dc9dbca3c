/**
 * @file A training whose numbers run away: what is said of it. Where they are not finite it ends; where the loss is
 * finite, but out of all proportion to that of the untrained network, it is a warning, since some trainings come back.
 */
import { describeNonFinite, type NonFinite } from '../tensor/non-finite.ts';
import { type Batch, batchTensors } from './batch.ts';
import type { EpochMetrics, Task } from './task.ts';

/** Trainings that end well can have epochs of a hundred times the first loss (the autoencoder's). */
const DIVERGED = 1_000;

/** How large the numbers of a batch are with the weights at hand, layer by layer. */
export function measureLayers(task: Task, batch: Batch): Promise<NonFinite> {
  const { engine } = task.model;
  return engine.step(() => {
    task.loss(batchTensors(engine, batch));
    return engine.findNonFinite();
  });
}

/** The same with the gradients that the parameters hold; the layer is the one with the largest. */
export async function measureGradients(task: Task, batch: Batch): Promise<NonFinite> {
  const gradients = new Map<string, number>();
  for (const { name, tensor } of task.model.parameters) {
    const layer = name.split('.')[0];
    let largest = gradients.get(layer) ?? 0;
    for (const value of await tensor.readGradient())
      largest = Math.max(largest, Number.isNaN(value) ? Number.POSITIVE_INFINITY : Math.abs(value));
    gradients.set(layer, largest);
  }
  // Of equal ones the last layer's, which comes first in the backward pass.
  const [layer] = [...gradients].reduce((a, b) => (b[1] >= a[1] ? b : a));
  return { ...(await measureLayers(task, batch)), layer, gradients };
}

/** @param firstLoss of the untrained network; undefined where nobody knows */
export function isDiverging({ loss }: EpochMetrics, firstLoss: number | undefined): boolean {
  return firstLoss !== undefined && firstLoss > 0 && loss > DIVERGED * firstLoss;
}

export function describeDiverging({ epoch, step, loss }: EpochMetrics, found: NonFinite): string {
  return (
    `the loss has run away: ${loss.toPrecision(3)} in epoch ${epoch}, up to step ${step}, more than ` +
    `${DIVERGED.toLocaleString('en')} times that of the first step${describeNonFinite(found)}; ` +
    'unless it comes down, this model will be of no use: try a lower learning rate'
  );
}

/** What to do where numbers are not finite. @param steps that had changed the weights by then */
export function adviceAfter(steps: number): string {
  return steps === 0
    ? 'no step had been taken: look for numbers in the inputs and targets that are very large or not finite'
    : 'try a lower learning rate first, then a warm-up and a limit to the gradient (clip)';
}
