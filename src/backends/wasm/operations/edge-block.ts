/** @file From the backend's edge block to its programs: what is kept for the gradient, and where gradients go. */
import {
  activations,
  type Backend,
  type EdgeBlockOptions,
  type EdgeBlockParts,
  type GraphHandle,
  type Matrix,
} from '../backend.ts';
import type { WasmGraph } from './graph.ts';
import { ACROSS, type WasmMatrix, wasm } from './matrix.ts';
import { edgeBlock, edgeBlockGradient, type GradientArguments, type GradientSum } from './programs/index.ts';
import type { WasmMemory } from './wasm.ts';

/**
 * Pre-activations of up to this many bytes are kept from the forward to the backward pass of one block: 20 % faster
 * than computing them anew. Beyond it memory would grow with the edges, so they are computed anew.
 */
const KEEP_BYTES = 64 << 20;

interface Saved {
  readonly message: WasmMatrix | undefined;
  readonly coordinate: WasmMatrix | undefined;
  readonly strength: WasmMatrix | undefined;
}

/** Gradients of things that belong to a row: other threads' edges reach them only if the split is not closed. */
const rowSums = ['senderPart', 'x'] as const;

export function edgeBlockMethods(memory: WasmMemory): Pick<Backend, 'edgeBlock' | 'edgeBlockGradient'> {
  const { executor } = memory;
  return {
    edgeBlock(handle, inputs, options, outputs, keep): Saved {
      const graph = handle as unknown as WasmGraph;
      const messageWidth = inputs.messageWeight.columns;
      const coordinateWidth = outputs.shift ? inputs.coordinateWeight!.columns : 0;
      const bytes = graph.edges.count * (messageWidth + coordinateWidth) * 4;
      const kept = (columns: number) =>
        keep && bytes <= KEEP_BYTES && columns > 0 ? memory.scratch(graph.edges, columns) : undefined;
      const saved = {
        message: kept(messageWidth),
        coordinate: kept(coordinateWidth),
        strength: kept(coordinateWidth > 0 ? 1 : 0),
      };
      const [messages, shift] = [
        outputs.messages && wasm(outputs.messages),
        outputs.shift && wasm(outputs.shift),
      ];
      executor.run(
        edgeBlock,
        graph.nodes,
        graph.closed ? graph.nodes.split : ACROSS,
        Object.values(inputs).map((matrix) => matrix && wasm(matrix)),
        [messages, shift, saved.message, saved.coordinate, saved.strength],
        {
          ...commonArguments(graph, inputs, options),
          messages: messages?.pointer ?? 0,
          shift: shift?.pointer ?? 0,
          keptMessage: saved.message?.pointer ?? 0,
          keptCoordinate: saved.coordinate?.pointer ?? 0,
          keptStrength: saved.strength?.pointer ?? 0,
        },
      );
      return saved;
    },

    edgeBlockGradient(handle, inputs, options, outputGradients, gradients, savedObject) {
      const graph = handle as unknown as WasmGraph;
      const saved = savedObject as Saved;
      // Where another thread's edges may reach a row, each thread adds to a copy of its own first.
      const collected: { from: WasmMatrix; to: WasmMatrix }[] = [];
      const targets: Partial<EdgeBlockParts<Matrix>> = { ...gradients };
      if (!graph.closed)
        for (const name of rowSums) {
          const to = gradients[name] && wasm(gradients[name]);
          if (!to || to.copyStride > 0) continue;
          const from = memory.accumulator(graph.nodes, to.columns, 'scratch');
          collected.push({ from, to });
          targets[name] = from;
        }
      const { messages: dMessages, shift: dShift } = outputGradients;
      const upstream = [dMessages && wasm(dMessages), dShift && wasm(dShift)];
      const written = Object.values(targets).map((matrix) => matrix && wasm(matrix));
      executor.run(
        edgeBlockGradient,
        graph.nodes,
        graph.closed ? graph.nodes.split : ACROSS,
        [
          ...Object.values(inputs).map((matrix) => matrix && wasm(matrix)),
          ...upstream,
          saved.message,
          saved.coordinate,
          saved.strength,
        ],
        written,
        {
          ...commonArguments(graph, inputs, options),
          keptMessage: saved.message?.pointer ?? 0,
          keptCoordinate: saved.coordinate?.pointer ?? 0,
          keptStrength: saved.strength?.pointer ?? 0,
          dMessages: upstream[0]?.pointer ?? 0,
          dShift: upstream[1]?.pointer ?? 0,
          dReceiverPart: targets.receiverPart ? wasm(targets.receiverPart).pointer : 0,
          dEdgeAttributes: targets.edgeAttributes ? wasm(targets.edgeAttributes).pointer : 0,
          ...sumArguments(targets),
        },
      );
      for (const { from, to } of collected) memory.addCombined(from, to);
    },
  };
}

function commonArguments(graph: WasmGraph, inputs: EdgeBlockParts<Matrix>, options: EdgeBlockOptions) {
  const pointer = (name: keyof EdgeBlockParts<Matrix>) => (inputs[name] ? wasm(inputs[name]).pointer : 0);
  const { normalization } = options;
  return {
    edgeOffsets: graph.edgeOffsets,
    firstNode: graph.firstNode,
    receivers: graph.receiverAddress,
    senders: graph.senderAddress,
    shares: graph.shares,
    receiverPart: pointer('receiverPart'),
    senderPart: pointer('senderPart'),
    x: pointer('x'),
    edgeAttributes: pointer('edgeAttributes'),
    pairWeight: pointer('pairWeight'),
    messageWeight: pointer('messageWeight'),
    messageBias: pointer('messageBias'),
    gateWeight: pointer('gateWeight'),
    gateBias: pointer('gateBias'),
    coordinateWeight: pointer('coordinateWeight'),
    coordinateBias: pointer('coordinateBias'),
    coordinateHead: pointer('coordinateHead'),
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

const sumNames: Readonly<Record<GradientSum, keyof EdgeBlockParts<Matrix>>> = {
  dSenderPart: 'senderPart',
  dx: 'x',
  dPairWeight: 'pairWeight',
  dMessageWeight: 'messageWeight',
  dMessageBias: 'messageBias',
  dGateWeight: 'gateWeight',
  dGateBias: 'gateBias',
  dCoordinateWeight: 'coordinateWeight',
  dCoordinateBias: 'coordinateBias',
  dCoordinateHead: 'coordinateHead',
};

/** Addresses and strides of the gradients that threads collect. */
function sumArguments(targets: Partial<EdgeBlockParts<Matrix>>) {
  const args: Record<string, number> = {};
  for (const [argument, part] of Object.entries(sumNames)) {
    const matrix = targets[part] && wasm(targets[part]);
    args[argument] = matrix?.pointer ?? 0;
    args[`${argument}Stride`] = matrix?.copyStride ?? 0;
  }
  return args as Pick<GradientArguments, GradientSum | `${GradientSum}Stride`>;
}

export type { GraphHandle };
