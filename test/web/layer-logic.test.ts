/** @file The logic behind the view Inside a layer: the traced numbers against the layer's own, and the code beside them. */
import { type Engine, startEngine } from 'egnn';
import { assert, asyncProperty, integer } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ComputeContext } from '../../web/src/compute/context.ts';
import { excerpt } from '../../web/src/views/layer/code.ts';
import { runLayer } from '../../web/src/views/layer/compute.ts';
import { radialAnswer } from '../../web/src/views/layer/radial.ts';
import { limits, readSettings, writeSettings } from '../../web/src/views/layer/settings.ts';
import { equations, steps } from '../../web/src/views/layer/steps.ts';
import { computeContext } from './compute-context.ts';

let engine: Engine;
let context: ComputeContext;
beforeAll(async () => {
  engine = await startEngine({ threads: 1 });
  context = computeContext(engine);
});
afterAll(() => engine.close());

const settings = { nodes: integer(limits.nodes), seed: integer(limits.seed), turn: integer(limits.turn) };

describe('the traced numbers', () => {
  it("are the layer's own", async () => {
    await assert(
      asyncProperty(settings.nodes, settings.seed, settings.turn, async (nodes, seed, turn) => {
        const { traces, x, h, difference } = await runLayer({ nodes, seed, turn }, context);
        expect(difference).toBeLessThan(1e-5);
        expect(x).toHaveLength(2 * nodes);
        for (const [node, { moved, features }] of traces.entries()) {
          for (const [axis, value] of moved.entries()) expect(value).toBeCloseTo(x[2 * node + axis], 4);
          for (const [k, value] of features.entries()) expect(value).toBeCloseTo(h[3 * node + k], 4);
        }
      }),
    );
  });

  it('turn along where they are vectors and stay where they are not', async () => {
    const before = await runLayer({ nodes: 5, seed: 158, turn: 0 }, context);
    const after = await runLayer({ nodes: 5, seed: 158, turn: 90 }, context);
    for (const [node, trace] of before.traces.entries())
      for (const [k, edge] of trace.edges.entries()) {
        const turned = after.traces[node].edges[k];
        for (const name of ['squaredDistance', 'gate', 'weight'] as const)
          expect(turned[name]).toBeCloseTo(edge[name], 5);
        expect(turned.term[0]).toBeCloseTo(-edge.term[1], 5);
        expect(turned.term[1]).toBeCloseTo(edge.term[0], 5);
      }
  });

  it('show something: gates differ, some nodes pull and some push, points move', async () => {
    const { traces } = await runLayer({ nodes: 5, seed: 158, turn: 0 }, context);
    const edges = traces.flatMap((trace) => trace.edges);
    const gates = edges.map(({ gate }) => gate);
    expect(Math.max(...gates) - Math.min(...gates)).toBeGreaterThan(0.3);
    expect(edges.some(({ weight }) => weight > 0.05)).toBe(true);
    expect(edges.some(({ weight }) => weight < -0.05)).toBe(true);
    for (const { sum, factor } of traces) expect(factor * Math.hypot(...sum)).toBeGreaterThan(0.02);
  });
});

describe('the radial field', () => {
  it('terms lie on the lines through their senders, the sum on none', async () => {
    const { graph, traces } = await runLayer({ nodes: 5, seed: 158, turn: 0 }, context);
    for (const trace of traces) {
      for (const { term, sender } of trace.edges) {
        const [a, b] = graph.x[trace.node].map((value, axis) => value - graph.x[sender][axis]);
        expect(Math.abs(a * term[1] - b * term[0])).toBeLessThan(1e-9);
      }
      const { degrees, sender } = radialAnswer(trace);
      expect(trace.edges.map((edge) => edge.sender)).toContain(sender);
      expect(degrees).toBeGreaterThan(0);
      expect(degrees).toBeLessThanOrEqual(90);
    }
  });

  it('with one neighbour, the sum is radial', async () => {
    const { traces } = await runLayer({ nodes: 2, seed: 1, turn: 0 }, context);
    expect(radialAnswer(traces[0])).toEqual({ sender: 1, degrees: expect.closeTo(0, 4) });
  });
});

describe('steps', () => {
  it('have lines of code, and a term to highlight', () => {
    const tex = equations.map((equation) => equation.tex).join(' ');
    for (const { name, code } of steps) {
      const { line, lines } = excerpt(code);
      expect(line).toBeGreaterThan(1);
      expect(lines.length).toBeLessThan(20);
      expect(tex).toContain(`term-${name}`);
    }
  });

  it('lines that are gone are an error, not other lines', () => {
    expect(() => excerpt({ file: 'layer', first: 'no such line', last: '}' })).toThrow(
      /src\/nn\/egcl.ts has 0/,
    );
    expect(() => excerpt({ file: 'layer', first: '/** eq. 6 */', last: 'no such line' })).toThrow(
      /no "no such/,
    );
  });
});

describe('settings', () => {
  it('come back from the address; nonsense gives the defaults', () => {
    const settings = { nodes: 6, seed: 12, turn: -35, node: 5, step: 'sum' } as const;
    const address = writeSettings(settings);
    expect(readSettings((name) => address[name])).toEqual(settings);
    const nonsense: Record<string, string> = { nodes: '1', seed: 'a', turn: '999', node: '77', step: 'x' };
    expect(readSettings((name) => nonsense[name])).toEqual(readSettings(() => undefined));
  });
});
