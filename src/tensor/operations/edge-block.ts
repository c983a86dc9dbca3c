/**
 * @file The edge block: everything that the EGNN does for each edge (eq. 3, 4, 5, 8) as one operation.
 *
 *   m_ij = f(f(P_i + Q_j + [|x_i - x_j|^2, a_ij] W_pair) W + b), gated by e_ij = sigmoid(m_ij w + b)
 *   messages_i = sum_j m_ij,   shift_i = sum_j (x_i - x_j) phi_x(m_ij)
 *
 * P = W_i h + b and Q = W_j h are the receiver's and the sender's share of the first layer: computed once a node
 * instead of once an edge, which is where most of the work of a dense graph would go.
 */
import type { EdgeBlockOptions, EdgeBlockParts, Matrix } from '../../backends/backend.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Tensor } from '../tensor.ts';
import { engineOf, expectShape, expectTensor } from './check.ts';

export interface EdgeBlockResult {
  /** m_i, [N, M]; present if asked for. */
  messages: Tensor | undefined;
  /** [N, n]; present if the inputs have a coordinate head. */
  shift: Tensor | undefined;
}

/** Parts whose gradient every edge adds to; the others belong to a node or an edge. */
const weights = new Set<keyof EdgeBlockParts<unknown>>([
  'pairWeight',
  'messageWeight',
  'messageBias',
  'gateWeight',
  'gateBias',
  'coordinateWeight',
  'coordinateBias',
  'coordinateHead',
  'coordinateHeadBias',
]);

/**
 * @param inputs shapes as `EdgeBlockParts` gives them; without a coordinate head there is no shift
 * @param wantMessages whether m_i is needed
 * @throws RangeError if shapes do not meet
 */
export function edgeBlock(
  graph: Graph,
  inputs: EdgeBlockParts<Tensor>,
  options: EdgeBlockOptions,
  wantMessages = true,
): EdgeBlockResult {
  const engine = engineOf('edgeBlock', 'receiverPart', inputs.receiverPart);
  const { backend } = engine;
  const matrices = mapParts(inputs, (tensor, name) => {
    expectTensor('edgeBlock', name, tensor, engine);
    return tensor.matrix;
  }) as EdgeBlockParts<Matrix>;
  checkShapes(graph, inputs, options);
  const handle = engine.graph(graph);
  const messages = wantMessages ? backend.scratch(handle.nodes, inputs.messageWeight.columns) : undefined;
  const shift = inputs.coordinateHead ? backend.scratch(handle.nodes, inputs.x!.columns) : undefined;
  const tensors = Object.values(inputs).filter((tensor) => tensor !== undefined) as Tensor[];
  const saved = backend.edgeBlock(
    handle,
    matrices,
    options,
    { messages, shift },
    engine.needsGradient(tensors),
  );

  const outputs = [messages, shift].filter((matrix) => matrix !== undefined);
  const recorded = engine.recordAll(outputs, tensors, (gradients) => {
    const gradient = (output: Matrix | undefined) => output && gradients[outputs.indexOf(output)];
    backend.edgeBlockGradient(
      handle,
      matrices,
      options,
      { messages: gradient(messages), shift: gradient(shift) },
      mapParts(inputs, (tensor, name) =>
        weights.has(name) ? engine.gradientSum(tensor) : engine.gradientOf(tensor),
      ),
      saved,
    );
  });
  const tensorOf = (output: Matrix | undefined) => output && recorded[outputs.indexOf(output)];
  return { messages: tensorOf(messages), shift: tensorOf(shift) };
}

function checkShapes(graph: Graph, inputs: EdgeBlockParts<Tensor>, options: EdgeBlockOptions): void {
  const expect = (name: keyof EdgeBlockParts<Tensor>, rows: number, columns: number | undefined) => {
    const tensor = inputs[name];
    if (tensor) expectShape('edgeBlock', name, tensor, rows, columns);
  };
  const first = inputs.receiverPart.columns;
  const width = inputs.messageWeight.columns;
  const head = inputs.coordinateWeight?.columns;
  const features = (options.squaredDistance ? 1 : 0) + (inputs.edgeAttributes?.columns ?? 0);
  expect('receiverPart', graph.nodeCount, first);
  expect('senderPart', graph.nodeCount, first);
  expect('x', graph.nodeCount, undefined);
  expect('edgeAttributes', graph.edgeCount, undefined);
  expect('pairWeight', features, first);
  expect('messageWeight', first, width);
  expect('messageBias', 1, width);
  expect('gateWeight', width, 1);
  expect('gateBias', 1, 1);
  expect('coordinateWeight', width, undefined);
  expect('coordinateBias', 1, head);
  expect('coordinateHead', head ?? width, 1);
  expect('coordinateHeadBias', 1, 1);
  if ((options.squaredDistance || inputs.coordinateHead) && !inputs.x)
    throw new TypeError('edgeBlock: x is needed for the squared distance and the coordinate head');
  for (const name of ['tanhRange', 'clamp'] as const)
    if (options[name] !== undefined && !(options[name] > 0))
      throw new RangeError(`edgeBlock: ${name} must be a positive number; got ${options[name]}`);
  if (features > 0 && !inputs.pairWeight) throw new TypeError('edgeBlock: pairWeight is missing');
  if (head !== undefined && !(inputs.coordinateBias && inputs.coordinateHead))
    throw new TypeError('edgeBlock: coordinateWeight comes with coordinateBias and coordinateHead');
  if (inputs.coordinateHeadBias && !inputs.coordinateHead)
    throw new TypeError('edgeBlock: coordinateHeadBias comes with coordinateHead');
  if (inputs.gateWeight && !inputs.gateBias) throw new TypeError('edgeBlock: gateWeight comes with gateBias');
}

function mapParts<U>(
  parts: EdgeBlockParts<Tensor>,
  map: (tensor: Tensor, name: keyof EdgeBlockParts<Tensor>) => U,
): Partial<EdgeBlockParts<U>> {
  const mapped: Partial<EdgeBlockParts<U>> = {};
  for (const name of Object.keys(parts) as (keyof EdgeBlockParts<Tensor>)[]) {
    const tensor = parts[name];
    if (tensor) mapped[name] = map(tensor, name);
  }
  return mapped;
}
