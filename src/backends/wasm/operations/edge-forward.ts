/**
 * @file The edge block forward, tile by tile (eq. 3, 4, 5, 8):
 *
 *   m1 = f(z1),  raw = f(z2 = m1 W + b),  m = sigmoid(raw w + b) raw,  messages_i += m
 *   s = head . f(z3 = m W + b), or head . m,  shift_i += (x_i - x_j) s
 *
 * z2, z3 and s are kept for the backward pass if there is room; nothing else that is as long as the edges exists.
 */
import { activations } from '../../backend.ts';
import { defineProgram, type Thread } from '../program.ts';
import {
  EdgeTile,
  FLOAT,
  TILE_EDGES,
  type TileArguments,
  tileInputs,
  tileScratchBytes,
} from './edge-tile.ts';

const SIGMOID = activations.indexOf('sigmoid');
export const TANH = activations.indexOf('tanh');

export const edgeForward = defineProgram(
  [...tileInputs, 'messages', 'shift', 'keptMessage', 'keptCoordinate', 'keptStrength'],
  (thread, args) => {
    const { kernels, begin, end } = thread;
    const { messages, shift, width1, width2, width3, dimensions, activation } = args;
    if (messages) kernels.fill(messages + begin * width2 * FLOAT, 0, (end - begin) * width2);
    if (shift) kernels.fill(shift + begin * dimensions * FLOAT, 0, (end - begin) * dimensions);

    const tile = new EdgeTile(thread, args);
    const m1 = tile.z1;
    const ownZ2 = thread.scratch(TILE_EDGES * width2);
    const m = thread.scratch(TILE_EDGES * width2);
    const ownZ3 = thread.scratch(TILE_EDGES * width3);
    const hidden = thread.scratch(TILE_EDGES * width3);
    const gate = thread.scratch(TILE_EDGES);
    const strength = thread.scratch(TILE_EDGES);
    const share = thread.scratch(TILE_EDGES);

    while (tile.next()) {
      const { edge, count, receivers } = tile;
      const z2 = args.keptMessage ? args.keptMessage + edge * width2 * FLOAT : ownZ2;
      kernels.activate(activation, tile.z1, m1, count * width1);
      kernels.matmul(m1, args.messageWeight, args.messageBias, z2, count, width1, width2);
      kernels.activate(activation, z2, m, count * width2);
      if (args.gateWeight) {
        gateOf(thread, args, m, gate, count);
        kernels.scaleRows(m, gate, m, count, width2);
      }
      if (messages) {
        const scale = messageShare(thread, args, receivers, share, count);
        kernels.scatterAddRows(m, scale, receivers, messages, count, width2);
      }
      if (shift) {
        if (args.coordinateWeight) {
          const z3 = args.keptCoordinate ? args.keptCoordinate + edge * width3 * FLOAT : ownZ3;
          kernels.matmul(m, args.coordinateWeight, args.coordinateBias, z3, count, width2, width3);
          kernels.activate(activation, z3, hidden, count * width3);
        }
        strengthOf(thread, args, args.coordinateWeight ? hidden : m, strength, count);
        if (args.keptStrength) kernels.affine(strength, args.keptStrength + edge * FLOAT, 1, 0, count, 0);
        limitStrength(thread, args, strength, strength, count);
        kernels.addShifts(
          tile.directions,
          strength,
          args.clamp,
          args.coordinateMean ? args.shares : 0,
          receivers,
          shift,
          count,
          dimensions,
        );
      }
    }
  },
  (args) => tileScratchBytes(args, 4, 3),
);

/** e_ij = sigmoid(raw . w + b), eq. 8 */
export function gateOf(thread: Thread, args: TileArguments, raw: number, gate: number, count: number): void {
  thread.kernels.dotRows(raw, args.gateWeight, args.gateBias, gate, count, args.width2);
  thread.kernels.activate(SIGMOID, gate, gate, count);
}

/** The last layer of phi_x, on its hidden layer or on the messages themselves. */
export function strengthOf(
  thread: Thread,
  args: TileArguments,
  input: number,
  strength: number,
  count: number,
): void {
  const width = args.coordinateWeight ? args.width3 : args.width2;
  thread.kernels.dotRows(input, args.coordinateHead, args.coordinateHeadBias, strength, count, width);
}

/** phi_x = range tanh(strength) if there is a range */
export function limitStrength(
  thread: Thread,
  { tanhRange }: TileArguments,
  strength: number,
  limited: number,
  count: number,
): void {
  if (!tanhRange) return;
  thread.kernels.activate(TANH, strength, limited, count);
  thread.kernels.affine(limited, limited, tanhRange, 0, count, 0);
}

/** For a mean of messages: each edge's 1 / (edges of its receiver), [count]; 0 = all 1 for a sum. */
export function messageShare(
  thread: Thread,
  { messageMean, shares }: TileArguments,
  receivers: number,
  share: number,
  count: number,
): number {
  if (!messageMean) return 0;
  thread.kernels.gatherRows(shares, receivers, share, count, 1);
  return share;
}
