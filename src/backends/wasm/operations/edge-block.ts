/** @file From the backend's edge block to its programs: what is kept for the gradient, and where gradients go. */
import {
  activations,
  type Backend,
  type EdgeBlockOptions,
  type EdgeBlockParts,
  type Matrix,
} from '../../backend.ts';
import type { WasmGraph } from '../graph.ts';
import { ACROSS, type WasmMatrix, wasm } from '../matrix.ts';
import type { Workspace } from '../workspace.ts';
import { edgeBackward } from './edge-backward.ts';
import { edgeForward } from './edge-forward.ts';

/**
 * Pre-activations of up to this many bytes are kept from the forward to the backward pass of one block: 20 % faster
 * than computing them anew. Beyond it memory would grow with the edges, so they are computed anew.
 */
const KEEP_BYTES = 64 << 20;

interface Saved {
  readonly keptMessage: WasmMatrix | undefined;
  readonly keptCoordinate: WasmMatrix | undefined;
  readonly keptStrength: WasmMatrix | undefined;
}

/** Gradients of rows that, in a graph which several threads share, another thread's edges may reach. */
const sharedRows = ['senderPart', 'x'] as const;

export function edgeBlockMethods(
  workspace: Workspace,
  addCombined: (from: WasmMatrix, to: WasmMatrix) => void,
): Pick<Backend, 'edgeBlock' | 'edgeBlockGradient'> {
  return {
    edgeBlock(handle, inputs, options, outputs, keep): Saved {
      const graph = handle as WasmGraph;
      const messageWidth = inputs.messageWeight.columns;
      const coordinateWidth = outputs.shift ? (inputs.coordinateWeight?.columns ?? 0) : 0;
      const fits = graph.edges.count * (messageWidth + coordinateWidth) * 4 <= KEEP_BYTES;
      const kept = (columns: number) =>
        keep && fits && columns > 0 ? workspace.scratch(graph.edges, columns) : undefined;
      const saved = {
        keptMessage: kept(messageWidth),
        keptCoordinate: kept(coordinateWidth),
        keptStrength: kept(outputs.shift ? 1 : 0),
      };
      workspace.run(
        edgeForward,
        graph.nodes,
        readsOf(inputs),
        {
          messages: outputs.messages && wasm(outputs.messages),
          shift: outputs.shift && wasm(outputs.shift),
          ...saved,
        },
        numbersOf(graph, inputs, options),
        graph.closed ? graph.nodes.split : ACROSS,
      );
      return saved;
    },

    edgeBlockGradient(handle, inputs, options, outputGradients, gradients, saved) {
      const graph = handle as WasmGraph;
      const collected: { from: WasmMatrix; to: WasmMatrix }[] = [];
      const targets: Partial<EdgeBlockParts<Matrix>> = { ...gradients };
      if (!graph.closed)
        for (const name of sharedRows) {
          const to = gradients[name] && wasm(gradients[name]);
          if (!to || to.copyStride > 0) continue;
          const from = workspace.accumulator(graph.nodes, to.columns, 'scratch');
          collected.push({ from, to });
          targets[name] = from;
        }
      const { messages, shift } = outputGradients;
      const upstream = { dMessages: messages && wasm(messages), dShift: shift && wasm(shift) };
      workspace.run(
        edgeBackward,
        graph.nodes,
        { ...readsOf(inputs), ...(saved as Saved), ...upstream },
        writesOf(targets),
        numbersOf(graph, inputs, options),
        graph.closed ? graph.nodes.split : ACROSS,
      );
      for (const { from, to } of collected) {
        addCombined(from, to);
        workspace.free(from);
      }
    },
  };
}

function readsOf(inputs: EdgeBlockParts<Matrix>) {
  const of = (name: keyof EdgeBlockParts<Matrix>) => inputs[name] && wasm(inputs[name]);
  return {
    receiverPart: of('receiverPart'),
    senderPart: of('senderPart'),
    x: of('x'),
    edgeAttributes: of('edgeAttributes'),
    pairWeight: of('pairWeight'),
    messageWeight: of('messageWeight'),
    messageBias: of('messageBias'),
    gateWeight: of('gateWeight'),
    gateBias: of('gateBias'),
    coordinateWeight: of('coordinateWeight'),
    coordinateBias: of('coordinateBias'),
    coordinateHead: of('coordinateHead'),
    coordinateHeadBias: of('coordinateHeadBias'),
  };
}

function writesOf(gradients: Partial<EdgeBlockParts<Matrix>>) {
  const of = (name: keyof EdgeBlockParts<Matrix>) => gradients[name] && wasm(gradients[name]);
  return {
    dReceiverPart: of('receiverPart'),
    dSenderPart: of('senderPart'),
    dx: of('x'),
    dEdgeAttributes: of('edgeAttributes'),
    dPairWeight: of('pairWeight'),
    dMessageWeight: of('messageWeight'),
    dMessageBias: of('messageBias'),
    dGateWeight: of('gateWeight'),
    dGateBias: of('gateBias'),
    dCoordinateWeight: of('coordinateWeight'),
    dCoordinateBias: of('coordinateBias'),
    dCoordinateHead: of('coordinateHead'),
    dCoordinateHeadBias: of('coordinateHeadBias'),
  };
}

function numbersOf(graph: WasmGraph, inputs: EdgeBlockParts<Matrix>, options: EdgeBlockOptions) {
  const { normalization } = options;
  return {
    edgeOffsets: graph.edgeOffsets,
    firstNode: graph.firstNode,
    receivers: graph.receiverAddress,
    senders: graph.senderAddress,
    shares: graph.shares,
    width1: inputs.receiverPart.columns,
    width2: inputs.messageWeight.columns,
    width3: inputs.coordinateWeight?.columns ?? 0,
    dimensions: inputs.x?.columns ?? 0,
    attributes: inputs.edgeAttributes?.columns ?? 0,
    activation: activations.indexOf(options.activation),
    squaredDistance: options.squaredDistance ? 1 : 0,
    messageMean: options.messageAggregation === 'mean' ? 1 : 0,
    coordinateMean: options.coordinateAggregation === 'mean' ? 1 : 0,
    normalized: normalization ? 1 : 0,
    epsilon: normalization?.epsilon ?? 0,
    constant: normalization?.constant ?? 0,
    detached: normalization?.detached ? 1 : 0,
    tanhRange: options.tanhRange ?? 0,
    clamp: options.clamp ?? Number.POSITIVE_INFINITY,
  };
}
