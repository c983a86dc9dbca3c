/**
 * @file The edge block, edge by edge in float64: eq. 3, 4, 5 and 8 as the paper writes them. It is the oracle for
 * every faster version, so it keeps nothing between the passes and never reorders a sum for speed.
 */
import type { EdgeBlockOptions, EdgeBlockOutputs, EdgeBlockParts, GraphHandle } from '../backend.ts';
import { functions, sigmoid } from './activations.ts';
import { type ReferenceMatrix, valuesOf } from './memory.ts';

type Parts = EdgeBlockParts<ReferenceMatrix>;

/** All that happens on one edge on the way forward, kept in arrays that the next edge reuses. */
interface EdgeState {
  receiver: number;
  sender: number;
  /** x_i - x_j, before normalization. */
  difference: Float64Array;
  squaredDistance: number;
  /** What x_i - x_j is divided by. */
  norm: number;
  features: Float64Array;
  z1: Float64Array;
  m1: Float64Array;
  z2: Float64Array;
  /** phi_e before the gate. */
  raw: Float64Array;
  gate: number;
  message: Float64Array;
  z3: Float64Array;
  head: number;
  /** phi_x(m_ij) after tanh. */
  coordinate: number;
}

export function edgeBlock(
  handle: GraphHandle,
  inputs: Parts,
  options: EdgeBlockOptions,
  outputs: EdgeBlockOutputs<ReferenceMatrix>,
): void {
  const messages = outputs.messages?.values;
  const shift = outputs.shift?.values;
  messages?.fill(0);
  shift?.fill(0);
  forEachEdge(handle, inputs, options, (edge, share) => {
    const { receiver, message, difference } = edge;
    const messageShare = options.messageAggregation === 'mean' ? share : 1;
    if (messages)
      for (let k = 0; k < message.length; k++)
        messages[receiver * message.length + k] += messageShare * message[k];
    const shiftShare = options.coordinateAggregation === 'mean' ? share : 1;
    if (shift)
      for (let k = 0; k < difference.length; k++)
        shift[receiver * difference.length + k] += shiftShare * clamped(edge, k, options);
  });
}

export function edgeBlockGradient(
  handle: GraphHandle,
  inputs: Parts,
  options: EdgeBlockOptions,
  outputGradients: EdgeBlockOutputs<ReferenceMatrix>,
  gradients: Partial<Parts>,
): void {
  const derivative = functions[options.activation].derivative;
  const activation = functions[options.activation].f;
  const value = (name: keyof Parts) => inputs[name] && valuesOf(inputs[name]);
  const gradient = (name: keyof Parts) => gradients[name] && valuesOf(gradients[name]);
  const add = (name: keyof Parts, at: number, amount: number) => {
    const target = gradient(name);
    if (target) target[at] += amount;
  };
  const width1 = inputs.receiverPart.columns;
  const width2 = inputs.messageWeight.columns;
  const width3 = inputs.coordinateWeight?.columns ?? 0;
  const dMessage = new Float64Array(width2);
  const dM1 = new Float64Array(width1);

  forEachEdge(handle, inputs, options, (edge, share, position) => {
    const { receiver, sender, difference, features, message, raw, gate } = edge;
    const n = difference.length;
    const dDifference = new Float64Array(n);
    const dFeatures = new Float64Array(features.length);
    dMessage.fill(0);

    // eq. 5: the sum over messages
    if (outputGradients.messages) {
      const scale = options.messageAggregation === 'mean' ? share : 1;
      const upstream = outputGradients.messages.values;
      for (let k = 0; k < width2; k++) dMessage[k] += scale * upstream[receiver * width2 + k];
    }

    // eq. 4: the coordinate shift
    if (outputGradients.shift && inputs.coordinateHead) {
      const scale = options.coordinateAggregation === 'mean' ? share : 1;
      const upstream = outputGradients.shift.values;
      let dCoordinate = 0;
      let dNorm = 0;
      for (let k = 0; k < n; k++) {
        const direction = difference[k] / edge.norm;
        const inside = options.clamp === undefined || Math.abs(direction * edge.coordinate) <= options.clamp;
        const dTranslation = inside ? scale * upstream[receiver * n + k] : 0;
        dCoordinate += dTranslation * direction;
        dDifference[k] += (dTranslation * edge.coordinate) / edge.norm;
        dNorm -= (dTranslation * edge.coordinate * difference[k]) / (edge.norm * edge.norm);
      }
      const normalization = options.normalization;
      if (normalization && !normalization.detached) {
        const root = Math.sqrt(edge.squaredDistance + normalization.epsilon);
        if (root > 0) for (let k = 0; k < n; k++) dDifference[k] += (dNorm * difference[k]) / root;
      }
      let dHead = dCoordinate;
      if (options.tanhRange !== undefined) dHead *= options.tanhRange * (1 - Math.tanh(edge.head) ** 2);
      const head = value('coordinateHead')!;
      const weight = value('coordinateWeight');
      add('coordinateHeadBias', 0, dHead);
      if (!weight)
        for (let k = 0; k < width2; k++) {
          add('coordinateHead', k, dHead * message[k]);
          dMessage[k] += dHead * head[k];
        }
      else
        for (let c = 0; c < width3; c++) {
          add('coordinateHead', c, dHead * activation(edge.z3[c]));
          const dz3 = dHead * head[c] * derivative(edge.z3[c]);
          add('coordinateBias', c, dz3);
          for (let k = 0; k < width2; k++) {
            add('coordinateWeight', k * width3 + c, message[k] * dz3);
            dMessage[k] += weight[k * width3 + c] * dz3;
          }
        }
    }

    // eq. 8: the gate
    const gateWeight = value('gateWeight');
    if (gateWeight) {
      let dGate = 0;
      for (let k = 0; k < width2; k++) dGate += dMessage[k] * raw[k];
      const dLogit = dGate * gate * (1 - gate);
      add('gateBias', 0, dLogit);
      for (let k = 0; k < width2; k++) {
        add('gateWeight', k, dLogit * raw[k]);
        dMessage[k] = dMessage[k] * gate + dLogit * gateWeight[k];
      }
    }

    // eq. 3: the two layers of phi_e
    const messageWeight = value('messageWeight')!;
    dM1.fill(0);
    for (let m = 0; m < width2; m++) {
      const dz2 = dMessage[m] * derivative(edge.z2[m]);
      add('messageBias', m, dz2);
      for (let k = 0; k < width1; k++) {
        add('messageWeight', k * width2 + m, edge.m1[k] * dz2);
        dM1[k] += messageWeight[k * width2 + m] * dz2;
      }
    }
    const pairWeight = value('pairWeight');
    for (let k = 0; k < width1; k++) {
      const dz1 = dM1[k] * derivative(edge.z1[k]);
      add('receiverPart', receiver * width1 + k, dz1);
      add('senderPart', sender * width1 + k, dz1);
      for (let s = 0; s < features.length; s++) {
        add('pairWeight', s * width1 + k, features[s] * dz1);
        dFeatures[s] += pairWeight![s * width1 + k] * dz1;
      }
    }

    let s = 0;
    if (options.squaredDistance) {
      for (let k = 0; k < n; k++) dDifference[k] += 2 * difference[k] * dFeatures[0];
      s = 1;
    }
    const attributes = features.length - s;
    for (let a = 0; a < attributes; a++) add('edgeAttributes', position * attributes + a, dFeatures[s + a]);
    // An edge from a node to itself has no difference to change; under a norm of 1e-8 the two would not cancel.
    if (receiver === sender) return;
    for (let k = 0; k < n; k++) {
      add('x', receiver * n + k, dDifference[k]);
      add('x', sender * n + k, -dDifference[k]);
    }
  });
}

/** (x_i - x_j) phi_x(m_ij), component k, limited as the options say. */
function clamped(edge: EdgeState, k: number, options: EdgeBlockOptions): number {
  const translation = (edge.difference[k] / edge.norm) * edge.coordinate;
  const limit = options.clamp ?? Number.POSITIVE_INFINITY;
  return Math.max(-limit, Math.min(limit, translation));
}

/** Calls `visit` for every edge in the graph's order, with 1 / (edges of this receiver) and the edge's position. */
function forEachEdge(
  handle: GraphHandle,
  inputs: Parts,
  options: EdgeBlockOptions,
  visit: (edge: EdgeState, share: number, position: number) => void,
): void {
  const { receivers, senders, edgeOffsets, edgeCount } = handle.graph;
  const n = inputs.x?.columns ?? 0;
  const attributes = inputs.edgeAttributes?.columns ?? 0;
  const edge: EdgeState = {
    receiver: 0,
    sender: 0,
    difference: new Float64Array(n),
    squaredDistance: 0,
    norm: 1,
    features: new Float64Array((options.squaredDistance ? 1 : 0) + attributes),
    z1: new Float64Array(inputs.receiverPart.columns),
    m1: new Float64Array(inputs.receiverPart.columns),
    z2: new Float64Array(inputs.messageWeight.columns),
    raw: new Float64Array(inputs.messageWeight.columns),
    gate: 1,
    message: new Float64Array(inputs.messageWeight.columns),
    z3: new Float64Array(inputs.coordinateWeight?.columns ?? 0),
    head: 0,
    coordinate: 0,
  };
  for (let position = 0; position < edgeCount; position++) {
    edge.receiver = receivers[position];
    edge.sender = senders[position];
    evaluate(edge, inputs, options, position);
    const degree = edgeOffsets[edge.receiver + 1] - edgeOffsets[edge.receiver];
    visit(edge, 1 / degree, position);
  }
}

function evaluate(edge: EdgeState, inputs: Parts, options: EdgeBlockOptions, position: number): void {
  const { difference, features, z1, m1, z2, raw, message, z3 } = edge;
  const activation = functions[options.activation].f;
  const n = difference.length;

  edge.squaredDistance = 0;
  for (let k = 0; k < n; k++) {
    difference[k] = inputs.x!.values[edge.receiver * n + k] - inputs.x!.values[edge.sender * n + k];
    edge.squaredDistance += difference[k] ** 2;
  }
  const { normalization } = options;
  edge.norm = normalization
    ? Math.sqrt(edge.squaredDistance + normalization.epsilon) + normalization.constant
    : 1;

  let s = 0;
  if (options.squaredDistance) features[s++] = edge.squaredDistance;
  for (let a = 0; s < features.length; a++, s++)
    features[s] = inputs.edgeAttributes!.values[position * inputs.edgeAttributes!.columns + a];

  const width = z1.length;
  for (let k = 0; k < width; k++) {
    let z =
      inputs.receiverPart.values[edge.receiver * width + k] +
      inputs.senderPart.values[edge.sender * width + k];
    for (let f = 0; f < features.length; f++) z += features[f] * inputs.pairWeight!.values[f * width + k];
    z1[k] = z;
    m1[k] = activation(z);
  }
  layer(m1, inputs.messageWeight, inputs.messageBias, z2);
  for (let k = 0; k < z2.length; k++) raw[k] = activation(z2[k]);

  edge.gate = 1;
  if (inputs.gateWeight) edge.gate = sigmoid(dot(raw, inputs.gateWeight.values) + inputs.gateBias!.values[0]);
  for (let k = 0; k < raw.length; k++) message[k] = edge.gate * raw[k];

  if (inputs.coordinateHead) {
    if (inputs.coordinateWeight) layer(message, inputs.coordinateWeight, inputs.coordinateBias!, z3);
    const hidden = inputs.coordinateWeight ? z3.map(activation) : message;
    edge.head = dot(hidden, inputs.coordinateHead.values) + (inputs.coordinateHeadBias?.values[0] ?? 0);
    edge.coordinate = options.tanhRange === undefined ? edge.head : options.tanhRange * Math.tanh(edge.head);
  }
}

/** z = input weight + bias for one row. */
function layer(input: Float64Array, weight: ReferenceMatrix, bias: ReferenceMatrix, z: Float64Array): void {
  for (let c = 0; c < z.length; c++) {
    let sum = bias.values[c];
    for (let k = 0; k < input.length; k++) sum += input[k] * weight.values[k * z.length + c];
    z[c] = sum;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}
