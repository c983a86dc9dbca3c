/** @file In the worker: the layer's output for a small graph, and the trace of every node. */
import { Graph } from 'egnn';
import type { ComputeContext } from '../../compute/context.ts';
import { drawGraph } from './graph.ts';
import { type NodeTrace, type SmallGraph, traceNode } from './trace.ts';
import { buildLayer, FEATURES, type SmallLayer } from './weights.ts';

export interface LayerArgument {
  readonly nodes: number;
  readonly seed: number;
  /** Degrees */
  readonly turn: number;
}

export interface LayerResult {
  readonly graph: SmallGraph;
  readonly traces: readonly NodeTrace[];
  /** What the layer itself gives: x', [N, 2], and h', [N, FEATURES] */
  readonly x: readonly number[];
  readonly h: readonly number[];
  /** Largest difference between the two, of any number of x' and h' */
  readonly difference: number;
}

let built: Promise<SmallLayer> | undefined;

export async function runLayer(argument: LayerArgument, context: ComputeContext): Promise<LayerResult> {
  const engine = await context.engine();
  built ??= buildLayer(engine);
  const { layer, weights } = await built;
  const small = drawGraph(argument.nodes, argument.seed, argument.turn);
  const graph = Graph.complete(argument.nodes);
  const [x, h] = await engine.step(() =>
    engine.withoutGradient(() => {
      const { nodes } = engine.graph(graph);
      const output = layer.forward({
        graph,
        x: engine.tensor(small.x.flat(), nodes, 2),
        h: engine.tensor(small.h.flat(), nodes, FEATURES),
      });
      return Promise.all([output.x!.read(), output.h!.read()]);
    }),
  );
  const traces = small.x.map((_, node) => traceNode(weights, small, node));
  const traced = [...traces.flatMap(({ moved }) => moved), ...traces.flatMap(({ features }) => features)];
  const computed = [...x, ...h];
  const difference = Math.max(...computed.map((value, k) => Math.abs(value - traced[k])));
  return { graph: small, traces, x: [...x], h: [...h], difference };
}
