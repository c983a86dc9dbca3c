/** @file A model's inputs held against its configuration and the graph, before anything is computed. */
import { expectShape } from '../tensor/operations/check.ts';
import type { LayerInput } from './egcl.ts';

interface ExpectedInput {
  readonly features: number;
  readonly edgeFeatures: number;
  readonly nodeAttributes: number;
  readonly coordinates: boolean;
  readonly velocity: boolean;
}

/** @throws RangeError or TypeError naming the argument, what was expected and what came */
export function checkInput(input: LayerInput, expected: ExpectedInput): void {
  const { graph, h, x, edgeAttributes, nodeAttributes, velocity } = input;
  expectShape('forward', 'h', h, graph.nodeCount, expected.features);
  if (expected.coordinates) {
    if (!x) throw new TypeError('forward: x is missing');
    if (x.columns === 0) throw new RangeError('forward: x needs at least one dimension; got 0 columns');
    expectShape('forward', 'x', x, graph.nodeCount, undefined);
  }
  checkOptional('edgeAttributes', edgeAttributes, graph.edgeCount, expected.edgeFeatures);
  checkOptional('nodeAttributes', nodeAttributes, graph.nodeCount, expected.nodeAttributes);
  checkOptional('velocity', velocity, graph.nodeCount, expected.velocity ? (x?.columns ?? 0) : 0);
}

/** `columns` 0: the model takes none. */
export function checkOptional(
  name: string,
  tensor: LayerInput['velocity'],
  rows: number,
  columns: number,
): void {
  if (columns === 0 && tensor) throw new TypeError(`forward: this model takes no ${name}; leave it out`);
  if (columns > 0 && !tensor)
    throw new TypeError(`forward: ${name} is missing; this model takes [${rows}, ${columns}]`);
  if (tensor) expectShape('forward', name, tensor, rows, columns);
}
