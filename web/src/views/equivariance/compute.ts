/** @file In the worker: point clouds, and a network's output for a cloud and for the transformed cloud, compared. */
import { MersenneTwister } from 'egnn';
import type { ComputeContext } from '../../compute/context.ts';
import { buildNetwork, type Network } from './networks.ts';
import { type PointCloud, randomCloud, readPointCloud } from './point-cloud.ts';
import type { NetworkName } from './settings.ts';
import { reorder, type Transform, transformPoints } from './transform.ts';

export interface CompareArgument {
  readonly cloud: PointCloud;
  readonly model: NetworkName;
  readonly layers: number;
  readonly transform: Transform;
}

export interface Comparison {
  /** g x as the network gets it, [N, n] */
  readonly input: Float32Array;
  /** The kinds of its points, [N] */
  readonly kinds: Uint8Array;
  /** g f(x), [N, n] */
  readonly expected: Float32Array;
  /** f(g x), [N, n] */
  readonly found: Float32Array;
  /** Largest difference of a coordinate of the two, and the same over the largest coordinate of g f(x). */
  readonly difference: number;
  readonly relative: number;
  /** Largest difference of h', over the largest h'; undefined where the network has no features. */
  readonly features: number | undefined;
  /** Root mean square of how far f moves a point. */
  readonly moved: number;
  /** Of both predictions together. */
  readonly milliseconds: number;
}

export function drawCloud({ count, dimension, seed }: { count: number; dimension: 2 | 3; seed: number }) {
  return randomCloud(count, dimension, seed);
}

export function readCloud({ name, bytes }: { name: string; bytes: Uint8Array }) {
  return readPointCloud(name, bytes);
}

const networks = new Map<string, Promise<Network>>();

export async function compare(argument: CompareArgument, context: ComputeContext): Promise<Comparison> {
  const { cloud, transform } = argument;
  const { dimension } = cloud;
  const count = cloud.kinds.length;
  const network = await networkOf(argument, context);
  const order = transform.shuffle > 0 ? new MersenneTwister(transform.shuffle).permutation(count) : undefined;
  const apply = (points: ArrayLike<number>) => transformPoints(points, dimension, transform, order);
  // What float32 makes of the points is what both sides of the comparison start from.
  const points = Float64Array.from(Float32Array.from(cloud.points));
  const input = Float32Array.from(apply(points));
  const kinds = Uint8Array.from(reorder(cloud.kinds, 1, order));

  const start = performance.now();
  const before = await network({ dimension, points, kinds: cloud.kinds });
  const after = await network({ dimension, points: Float64Array.from(input), kinds });
  const milliseconds = performance.now() - start;

  const expected = apply(before.x);
  const { difference, relative } = compared(after.x, expected);
  const features =
    before.h && after.h && compared(after.h, reorder(before.h, before.h.length / count, order)).relative;
  const moves = before.x.map((value, k) => (value - points[k]) ** 2);
  return {
    input,
    kinds,
    expected: Float32Array.from(expected),
    found: after.x,
    difference,
    relative,
    features,
    moved: Math.sqrt(moves.reduce((sum, square) => sum + square, 0) / count),
    milliseconds,
  };
}

async function networkOf({ model, layers, cloud }: CompareArgument, context: ComputeContext) {
  const key = `${model} ${layers} ${cloud.dimension}`;
  const engine = await context.engine();
  let network = networks.get(key);
  if (!network) {
    network = buildNetwork(engine, { name: model, layers, dimension: cloud.dimension });
    networks.set(key, network);
  }
  return await network;
}

function compared(found: ArrayLike<number>, expected: ArrayLike<number>) {
  let difference = 0;
  let magnitude = 0;
  for (let k = 0; k < expected.length; k++) {
    difference = Math.max(difference, Math.abs(found[k] - expected[k]));
    magnitude = Math.max(magnitude, Math.abs(expected[k]));
  }
  return { difference, relative: difference / magnitude };
}
