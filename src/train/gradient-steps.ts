/**
 * @file Loss and gradients of a task's batches. A batch whose graph has been seen before becomes a plan: later batches
 * of this graph write their numbers into its tensors and run it again, which costs nothing but the kernels and leaves
 * no garbage. Batches whose graphs never come twice, such as those of molecules, are steps of their own.
 */
import type { Graph } from '../graph/graph.ts';
import type { Plan } from '../tensor/engine.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type Batch, type BatchTensors, batchTensors } from './batch.ts';
import type { Task } from './task.ts';

/** Each holds the memory of a step. */
const MOST_PLANS = 32;
/** A bound on what a step takes, for a node or an edge and a parameter. */
const BYTES = 16;
/** What needs no more is not measured. */
const SURELY_FITS = 2 ** 26;

type PlannedStep = Plan<{ readonly loss: Tensor; readonly tensors: BatchTensors }>;

export class GradientSteps {
  readonly #task: Task;
  readonly #seen = new WeakSet<Graph>();
  /** The one that was used last stands last. */
  readonly #plans = new Map<Graph, PlannedStep>();

  constructor(task: Task) {
    this.#task = task;
  }

  /**
   * Adds the gradients of a batch to the parameters', then runs `work` on the loss [1, 1] inside `engine.step`.
   * @throws OutOfMemoryError, before anything is computed, if the batch does not fit into the memory
   */
  run<T>(batch: Batch, work: (loss: Tensor) => T): T {
    const { engine } = this.#task.model;
    if (this.#mayBeLarge(batch)) engine.expectToFit(this, batch.graph, () => this.#lossAndGradients(batch));
    const known = this.#plans.get(batch.graph);
    if (known) {
      this.#plans.delete(batch.graph);
      this.#plans.set(batch.graph, known);
      for (const [name, tensor] of Object.entries(known.result.tensors.inputs))
        tensor.write(batch.inputs[name].values);
      return engine.step(() => {
        known.run();
        return work(known.result.loss);
      });
    }
    if (this.#seen.has(batch.graph)) {
      const plan = engine.plan(() => this.#lossAndGradients(batch));
      this.#plans.set(batch.graph, plan);
      this.#dropOldest();
      return engine.step(() => work(plan.result.loss));
    }
    this.#seen.add(batch.graph);
    return engine.step(() => work(this.#lossAndGradients(batch).loss));
  }

  /** Frees the memory of all plans. */
  release(): void {
    for (const plan of this.#plans.values()) plan.release();
    this.#plans.clear();
  }

  /** Generously: a layer of width w has more than w^2 parameters and keeps some w numbers a node and an edge. */
  #mayBeLarge({ graph }: Batch): boolean {
    return BYTES * (graph.nodeCount + graph.edgeCount) * this.#task.model.parameters.size > SURELY_FITS;
  }

  #lossAndGradients(batch: Batch) {
    const { engine } = this.#task.model;
    const tensors = batchTensors(engine, batch);
    const loss = this.#task.loss(tensors);
    engine.backward(loss);
    return { loss, tensors };
  }

  #dropOldest(): void {
    if (this.#plans.size <= MOST_PLANS) return;
    const [graph, plan] = this.#plans.entries().next().value!;
    plan.release();
    this.#plans.delete(graph);
  }
}
