/**
 * @file A thread's edges, worked off in tiles that stay in the nearest cache. A tile knows its edges' nodes, their
 * differences and distances, and the first layer's sums z1 = P_i + Q_j + [|x_i - x_j|^2, a_ij] W_pair.
 */
import { align } from '../memory.ts';
import type { Thread } from '../program.ts';

export const FLOAT = 4;
/** Edges in a tile: 48 to 96 are within 3 % of each other at widths 64 and 128, 24 loses; a multiple of the products' 6 rows. */
export const TILE_EDGES = 96;

/** What both passes are given about the graph, the inputs and the options; see `EdgeBlockParts` for the shapes. */
export const tileInputs = [
  'edgeOffsets',
  'firstNode',
  'receivers',
  'senders',
  'shares',
  'receiverPart',
  'senderPart',
  'x',
  'edgeAttributes',
  'pairWeight',
  'messageWeight',
  'messageBias',
  'gateWeight',
  'gateBias',
  'coordinateWeight',
  'coordinateBias',
  'coordinateHead',
  'coordinateHeadBias',
  'width1',
  'width2',
  'width3',
  'dimensions',
  'attributes',
  'activation',
  'squaredDistance',
  'messageMean',
  'coordinateMean',
  'normalized',
  'epsilon',
  'constant',
  'detached',
  'tanhRange',
  'clamp',
] as const;

export type TileArguments = Readonly<Record<(typeof tileInputs)[number], number>>;

export class EdgeTile {
  /** The first edge of the tile, and how many there are. */
  edge: number;
  count = 0;
  /** Int32 [count] */
  receivers = 0;
  senders = 0;
  /** [count, n]: x_i - x_j, and the same divided by its norm if normalized. */
  readonly differences: number;
  readonly directions: number;
  /** [count] what the differences were divided by */
  readonly norms: number;
  /** [count, features]: the squared distance (if used), then the edge attributes. */
  readonly features: number;
  readonly featureCount: number;
  /** [count, H] */
  readonly z1: number;
  readonly #squared: number;
  readonly #thread: Thread;
  readonly #args: TileArguments;
  readonly #end: number;
  #receiver: number;

  constructor(thread: Thread, args: TileArguments) {
    this.#thread = thread;
    this.#args = args;
    this.edge = thread.kernels.loadInteger(args.edgeOffsets + thread.begin * FLOAT);
    this.#end = thread.kernels.loadInteger(args.edgeOffsets + thread.end * FLOAT);
    this.#receiver = thread.begin;
    this.featureCount = args.squaredDistance + args.attributes;
    if (args.firstNode) {
      this.receivers = thread.scratch(TILE_EDGES);
      this.senders = thread.scratch(TILE_EDGES);
    }
    this.differences = thread.scratch(TILE_EDGES * args.dimensions);
    this.directions = args.normalized ? thread.scratch(TILE_EDGES * args.dimensions) : this.differences;
    this.norms = thread.scratch(TILE_EDGES);
    this.#squared = thread.scratch(TILE_EDGES);
    this.features = thread.scratch(TILE_EDGES * this.featureCount);
    this.z1 = thread.scratch(TILE_EDGES * args.width1);
  }

  /** Goes to the next tile; false when this thread's edges are done. */
  next(): boolean {
    this.edge += this.count;
    this.count = Math.min(TILE_EDGES, this.#end - this.edge);
    if (this.count <= 0) return false;
    const { kernels } = this.#thread;
    const { firstNode, edgeOffsets, receiverPart, senderPart, pairWeight, width1 } = this.#args;
    if (firstNode)
      this.#receiver = kernels.completeEdges(
        edgeOffsets,
        firstNode,
        this.#receiver,
        this.edge,
        this.count,
        this.receivers,
        this.senders,
      );
    else {
      this.receivers = this.#args.receivers + this.edge * FLOAT;
      this.senders = this.#args.senders + this.edge * FLOAT;
    }
    this.#measure();
    kernels.edgeInput(
      receiverPart,
      senderPart,
      this.receivers,
      this.senders,
      this.features,
      pairWeight,
      this.z1,
      this.count,
      width1,
      this.featureCount,
    );
    return true;
  }

  #measure(): void {
    const { kernels } = this.#thread;
    const { x, dimensions, squaredDistance, edgeAttributes, attributes } = this.#args;
    const { count, differences, featureCount } = this;
    if (x)
      kernels.edgeDifferences(x, this.receivers, this.senders, differences, this.#squared, count, dimensions);
    if (this.#args.normalized)
      kernels.normalise(
        differences,
        this.#squared,
        this.#args.epsilon,
        this.#args.constant,
        this.directions,
        this.norms,
        count,
        dimensions,
      );
    if (featureCount > 0)
      kernels.pairFeatures(
        squaredDistance && this.#squared,
        edgeAttributes + this.edge * attributes * FLOAT,
        attributes,
        this.features,
        count,
      );
  }
}

/** Scratch memory for `EdgeTile` and `matrices` more [TILE_EDGES, widest layer] and `vectors` more [TILE_EDGES]. */
export function tileScratchBytes(args: TileArguments, matrices: number, vectors: number): number {
  const widest = Math.max(args.width1, args.width2, args.width3);
  const features = args.squaredDistance + args.attributes;
  return (
    align(TILE_EDGES * widest * FLOAT) * (1 + matrices) +
    align(TILE_EDGES * args.dimensions * FLOAT) * 2 +
    align(TILE_EDGES * features * FLOAT) +
    align(TILE_EDGES * FLOAT) * (4 + vectors)
  );
}
