/**
 * @file Losses: one number, [1, 1], from a prediction and a target of one shape. The gradient flows to the prediction
 * alone; the target is data.
 */
import type { Loss } from '../../backends/backend.ts';
import type { Tensor } from '../tensor.ts';
import { engineOf, expectShape, expectTensor } from './check.ts';

export type Reduction = 'mean' | 'sum';

/**
 * (p - t)^2
 * @throws TypeError if the target requires a gradient, which would be lost: `mean(square(subtract(p, t)))` has it
 */
export const meanSquaredError = lossFunction('meanSquaredError');
/**
 * |p - t|
 * @throws TypeError if the target requires a gradient, which would be lost: write the loss from operations that have it
 */
export const l1Loss = lossFunction('l1');
/**
 * (p - t)^2 / 2 where |p - t| < 1, |p - t| - 1/2 elsewhere.
 * @throws TypeError if the target requires a gradient, which would be lost: write the loss from operations that have it
 */
export const huberLoss = lossFunction('huber');
/**
 * -t log sigmoid(p) - (1 - t) log(1 - sigmoid(p)): the prediction is a logit, the target lies in [0, 1].
 * @throws TypeError if the target requires a gradient, which would be lost: write the loss from operations that have it
 */
export const binaryCrossEntropy = lossFunction('binaryCrossEntropy');

function lossFunction(loss: Loss) {
  return (prediction: Tensor, target: Tensor, reduction: Reduction = 'mean'): Tensor => {
    const engine = engineOf(loss, 'prediction', prediction);
    const { backend } = engine;
    expectTensor(loss, 'target', target, engine);
    expectShape(loss, 'target', target, ...prediction.shape);
    target.assertAlive();
    if (engine.needsGradient([target]))
      throw new TypeError(
        `${loss}: the target requires a gradient, and a loss has one for the prediction alone; make the target inside engine.withoutGradient if it is data, or write the loss from operations, such as mean(square(subtract(prediction, target)))`,
      );
    const scale = reduction === 'mean' ? 1 / (prediction.rows.count * prediction.columns) : 1;
    const y = backend.scratch(backend.rows(1), 1);
    backend.loss(loss, prediction.matrix, target.matrix, y, scale);
    return engine.record(y, [prediction], (dy) =>
      backend.lossGradient(loss, prediction.matrix, target.matrix, dy, engine.gradientOf(prediction)!, scale),
    );
  };
}
