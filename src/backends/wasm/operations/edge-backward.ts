/**
 * @file The edge block backward, tile by tile in the reverse order of the forward pass. m1 and its derivative are
 * computed anew from the node parts; z2, z3 and the strengths are read if the forward pass kept them, else computed
 * anew too, so that memory does not grow with the edges.
 */
import { defineProgram, type Thread } from '../program.ts';
import { gateOf, limitStrength, messageShare, strengthOf, TANH } from './edge-forward.ts';
import { EdgeTile, FLOAT, TILE_EDGES, tileInputs, tileScratchBytes } from './edge-tile.ts';

/** Gradients that every thread collects in a copy of its own, NAMEStride bytes apart. */
const sums = [
  'dSenderPart',
  'dx',
  'dPairWeight',
  'dMessageWeight',
  'dMessageBias',
  'dGateWeight',
  'dGateBias',
  'dCoordinateWeight',
  'dCoordinateBias',
  'dCoordinateHead',
  'dCoordinateHeadBias',
] as const;
type GradientSum = (typeof sums)[number];

const names = [
  ...tileInputs,
  'keptMessage',
  'keptCoordinate',
  'keptStrength',
  'dMessages',
  'dShift',
  'dReceiverPart',
  'dEdgeAttributes',
  ...sums,
  ...sums.map((name) => `${name}Stride` as const),
] as const;
type GradientArguments = Readonly<Record<(typeof names)[number], number>>;

export const edgeBackward = defineProgram(
  names,
  (thread, args) => {
    const { kernels } = thread;
    const { width1, width2, activation } = args;
    const own = (name: GradientSum) => args[name] && args[name] + thread.index * args[`${name}Stride`];
    const dMessageWeight = own('dMessageWeight');
    const dMessageBias = own('dMessageBias');

    const tile = new EdgeTile(thread, args);
    const coordinates = args.dShift ? coordinateGradient(thread, args, own) : undefined;
    const messages = messageGradient(thread, args, own);
    const inputs = inputGradient(thread, args, own);
    const m1 = thread.scratch(TILE_EDGES * width1);
    const slope1 = tile.z1;
    const dm1 = thread.scratch(TILE_EDGES * width1);
    const raw = thread.scratch(TILE_EDGES * width2);
    const slope2 = thread.scratch(TILE_EDGES * width2);
    const ownZ2 = slope2;
    const gate = thread.scratch(TILE_EDGES);
    const gated = args.gateWeight ? thread.scratch(TILE_EDGES * width2) : raw;
    const dm = thread.scratch(TILE_EDGES * width2);
    const messageTransposed = thread.scratch(width1 * width2);
    kernels.transpose(args.messageWeight, messageTransposed, width1, width2);

    while (tile.next()) {
      const { edge, count } = tile;
      // forward again
      kernels.activateWithDerivative(activation, tile.z1, m1, slope1, count * width1);
      const z2 = args.keptMessage ? args.keptMessage + edge * width2 * FLOAT : ownZ2;
      if (!args.keptMessage)
        kernels.matmul(m1, args.messageWeight, args.messageBias, z2, count, width1, width2);
      kernels.activateWithDerivative(activation, z2, raw, slope2, count * width2);
      if (args.gateWeight) {
        gateOf(thread, args, raw, gate, count);
        kernels.scaleRows(raw, gate, gated, count, width2);
      }

      // eq. 4, then 5 and 8, then 3
      if (coordinates) coordinates(tile, gated, dm);
      messages(tile, raw, gate, slope2, dm, coordinates !== undefined, dMessageBias);
      if (dMessageWeight) kernels.outerAccumulate(m1, dm, dMessageWeight, count, width1, width2);
      kernels.matmul(dm, messageTransposed, 0, dm1, count, width2, width1);
      kernels.multiplyAndSum(dm1, slope1, 0, count, width1);
      inputs(tile, dm1, coordinates?.dDifferences ?? 0);
    }
  },
  (args) => {
    const weights = args.width1 * args.width2 + args.width2 * args.width3;
    return (
      tileScratchBytes(args, 10, 8) +
      weights * FLOAT +
      64 * 64 +
      TILE_EDGES * 4 * FLOAT * (args.dimensions + args.squaredDistance + args.attributes)
    );
  },
);

type Own = (name: GradientSum) => number;

/** Back through the coordinate head: dm = dLoss/dm of a tile, and `dDifferences` = dLoss/d(x_i - x_j) [edges, n]. */
function coordinateGradient(thread: Thread, args: GradientArguments, own: Own) {
  const { kernels } = thread;
  const { width2, width3, dimensions, activation } = args;
  const dWeight = own('dCoordinateWeight');
  const dBias = own('dCoordinateBias') || thread.scratch(width3);
  const dHead = own('dCoordinateHead') || thread.scratch(Math.max(width2, width3));
  const dHeadBias = own('dCoordinateHeadBias');
  const ownZ3 = thread.scratch(TILE_EDGES * width3);
  const hidden = thread.scratch(TILE_EDGES * width3);
  const slope = ownZ3;
  const ownStrength = thread.scratch(TILE_EDGES);
  const limited = args.tanhRange ? thread.scratch(TILE_EDGES) : 0;
  const dStrength = thread.scratch(TILE_EDGES);
  const dDifferences = thread.scratch(TILE_EDGES * dimensions);
  const transposed = thread.scratch(width2 * width3);
  if (args.coordinateWeight) kernels.transpose(args.coordinateWeight, transposed, width2, width3);

  const run = (tile: EdgeTile, m: number, dm: number): void => {
    const { edge, count } = tile;
    const z3 = args.keptCoordinate ? args.keptCoordinate + edge * width3 * FLOAT : ownZ3;
    const strength = args.keptStrength ? args.keptStrength + edge * FLOAT : ownStrength;
    if (args.coordinateWeight) {
      if (!args.keptCoordinate)
        kernels.matmul(m, args.coordinateWeight, args.coordinateBias, z3, count, width2, width3);
      kernels.activateWithDerivative(activation, z3, hidden, slope, count * width3);
    }
    if (!args.keptStrength) strengthOf(thread, args, args.coordinateWeight ? hidden : m, strength, count);
    limitStrength(thread, args, strength, limited, count);
    kernels.shiftGradient(
      tile.directions,
      limited || strength,
      args.clamp,
      args.coordinateMean ? args.shares : 0,
      tile.receivers,
      args.dShift,
      dStrength,
      dDifferences,
      count,
      dimensions,
    );
    if (args.tanhRange) {
      kernels.activationGradient(TANH, strength, dStrength, dStrength, count);
      kernels.affine(dStrength, dStrength, args.tanhRange, 0, count, 0);
    }
    if (args.normalized)
      kernels.normaliseGradient(
        dDifferences,
        tile.differences,
        tile.norms,
        args.constant,
        args.detached,
        count,
        dimensions,
      );
    if (dHeadBias) kernels.columnSums(dStrength, dHeadBias, count, 1);
    if (!args.coordinateWeight) {
      kernels.weightedColumnSums(m, dStrength, dHead, count, width2);
      kernels.outerRows(dStrength, args.coordinateHead, dm, count, width2, 0);
      return;
    }
    const dz3 = slope;
    kernels.headBackward(hidden, dz3, dStrength, args.coordinateHead, dHead, dBias, count, width3);
    if (dWeight) kernels.outerAccumulate(m, dz3, dWeight, count, width2, width3);
    kernels.matmul(dz3, transposed, 0, dm, count, width3, width2);
  };
  return Object.assign(run, { dDifferences });
}

/** Back through the sum over messages and the gate: dm becomes dz2. */
function messageGradient(thread: Thread, args: GradientArguments, own: Own) {
  const { kernels } = thread;
  const { width2, dMessages } = args;
  const share = thread.scratch(TILE_EDGES);
  const dGate = thread.scratch(TILE_EDGES);
  const ones = args.gateWeight ? thread.scratch(1) : 0;
  if (ones) kernels.fill(ones, 1, 1);
  const dGateWeight = own('dGateWeight');
  const dGateBias = own('dGateBias');

  return (
    tile: EdgeTile,
    raw: number,
    gate: number,
    slope: number,
    dm: number,
    hasCoordinates: boolean,
    dBias: number,
  ): void => {
    const { count, receivers } = tile;
    if (!hasCoordinates) kernels.fill(dm, 0, count * width2);
    const scale = messageShare(thread, args, receivers, share, count);
    if (!args.gateWeight && dMessages) {
      kernels.gatherMultiplyAndSum(dm, dMessages, receivers, scale, slope, dBias, count, width2);
      return;
    }
    if (dMessages) kernels.gatherAddRows(dMessages, receivers, scale, dm, count, width2);
    if (args.gateWeight) {
      // gate = sigmoid(logit): d logit = (dm . raw) gate (1 - gate), and gate (1 - gate) = gate - gate^2
      kernels.rowDots(dm, raw, dGate, count, width2);
      kernels.binary(2, dGate, gate, dGate, count, 1, 0);
      kernels.scaleRows(dm, gate, dm, count, width2);
      kernels.affine(gate, gate, -1, 1, count, 0);
      kernels.binary(2, dGate, gate, dGate, count, 1, 0);
      kernels.outerRows(dGate, args.gateWeight, dm, count, width2, 1);
      if (dGateWeight) kernels.weightedColumnSums(raw, dGate, dGateWeight, count, width2);
      if (dGateBias) kernels.columnSums(dGate, dGateBias, count, 1);
    }
    kernels.multiplyAndSum(dm, slope, dBias, count, width2);
  };
}

/** From dz1 to the node parts, the edge attributes and the coordinates. */
function inputGradient(thread: Thread, args: GradientArguments, own: Own) {
  const { kernels } = thread;
  const { width1, dimensions, attributes, squaredDistance, dReceiverPart, dEdgeAttributes } = args;
  const featureCount = squaredDistance + attributes;
  const dFeatures = featureCount > 0 ? thread.scratch(TILE_EDGES * featureCount) : 0;
  const dSenderPart = own('dSenderPart');
  const dx = own('dx');
  const dPairWeight = own('dPairWeight');

  return (tile: EdgeTile, dz1: number, dDifferences: number): void => {
    const { edge, count, receivers, senders } = tile;
    kernels.edgeInputBackward(
      dz1,
      receivers,
      senders,
      dReceiverPart,
      dSenderPart,
      args.pairWeight,
      dFeatures,
      count,
      width1,
      featureCount,
    );
    if (dPairWeight) kernels.outerAccumulate(tile.features, dz1, dPairWeight, count, featureCount, width1);
    if (dEdgeAttributes)
      kernels.copyColumns(
        dFeatures,
        featureCount,
        squaredDistance,
        dEdgeAttributes + edge * attributes * FLOAT,
        attributes,
        0,
        count,
        attributes,
        1,
      );
    if (dx && (dDifferences || squaredDistance))
      kernels.addCoordinateGradients(
        dDifferences,
        tile.differences,
        squaredDistance ? dFeatures : 0,
        featureCount,
        receivers,
        senders,
        dx,
        dx,
        count,
        dimensions,
      );
  };
}
