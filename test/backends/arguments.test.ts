// The boundary of a backend: calls with sizes and indices of all kinds either end in a RangeError or touch nothing but
// what they were given.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  activations,
  type Backend,
  binaryOperations,
  losses,
  type Matrix,
} from '../../src/backends/backend.ts';
import { type Engine, Graph } from '../../src/index.ts';
import { engines } from '../support/engines.ts';

/** Among all matrices lie others that nobody may touch. */
const GUARD = 1234.5;
const size = fc.constantFrom(0, 1, 2, 3, 5, 8, 17);
const shape = fc.tuple(size, size);
const shapes = fc.array(shape, { minLength: 14, maxLength: 14 });
const anyCount = fc.oneof(
  size,
  fc.constantFrom(-1, 0.5, Number.NaN, 2 ** 31, 2 ** 53, Number.POSITIVE_INFINITY),
);
const anyGraph = fc.record({
  nodeOffsets: fc.array(fc.integer({ min: -2, max: 9 }), { minLength: 1, maxLength: 4 }),
  edgeOffsets: fc.array(fc.integer({ min: -2, max: 9 }), { minLength: 1, maxLength: 8 }),
  senders: fc.array(fc.oneof(fc.nat(6), fc.integer()), { maxLength: 9 }),
});
/** Half of the graphs are sound. */
const graph = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 8 }), fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 12 }))
    .map(([nodeCount, edges]) =>
      Graph.fromEdges(
        [edges.map(([a]) => a % nodeCount), edges.map(([, b]) => b % nodeCount)] as [number[], number[]],
        { nodeCount },
      ),
    ),
  fc.integer({ min: 0, max: 8 }).map((nodes) => Graph.complete(nodes)),
  anyGraph.map(({ nodeOffsets, edgeOffsets, senders }) =>
    Graph.fromCsr({
      nodeOffsets: Int32Array.from(nodeOffsets),
      edgeOffsets: Int32Array.from(edgeOffsets),
      senders: Int32Array.from(senders),
    }),
  ),
);

describe.each(engines.slice(0, 3))('$name: arguments that do not go together', ({ start }) => {
  let engine: Engine;
  let backend: Backend;
  beforeAll(async () => {
    engine = await start();
    backend = engine.backend;
  });
  afterAll(() => engine.close());

  /** Runs `work` with matrices between guards; whatever it did, the guards are as they were. */
  async function amongGuards(
    wanted: readonly (readonly [number, number])[],
    work: (matrices: Matrix[]) => void,
  ): Promise<boolean> {
    let read!: Promise<ArrayLike<number>[]>;
    let refused = false;
    engine.step(() => {
      const guards: Matrix[] = [];
      const guard = () => {
        const matrix = backend.scratch(backend.rows(16), 1);
        backend.fill(matrix, GUARD);
        guards.push(matrix);
      };
      const matrices = wanted.map(([rows, columns]) => {
        guard();
        const matrix = backend.scratch(backend.rows(rows), columns);
        backend.fill(matrix, 0.5);
        return matrix;
      });
      guard();
      try {
        work(matrices);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
        refused = true;
      }
      read = Promise.all(guards.map((matrix) => backend.read(matrix)));
    });
    for (const values of await read) expect([...(values as Float32Array)]).toEqual(Array(16).fill(GUARD));
    return refused;
  }

  const operations: Record<string, (m: Matrix[], pick: number, numbers: number[]) => void> = {
    multiply: ([x, w, b, y], pick) => backend.multiply(x, w, pick % 2 ? b : undefined, y, pick % 3 === 0),
    multiplyInputGradient: ([dy, w, dx], pick) =>
      backend.multiplyInputGradient(dy, w, { matrix: dx, accumulate: pick % 2 === 0 }),
    multiplyWeightGradient: ([x, dy, dw]) => backend.multiplyWeightGradient(x, dy, dw),
    columnSums: ([x, y]) => backend.columnSums(x, y),
    activate: ([z, y], pick) => backend.activate(activations[pick % activations.length], z, y),
    activationGradient: ([z, dy, dz], pick) =>
      backend.activationGradient('silu', z, dy, { matrix: dz, accumulate: pick % 2 === 0 }),
    binary: ([a, b, y], pick) => backend.binary(binaryOperations[pick % 4], a, b, y),
    binaryGradient: ([a, b, dy, da, db], pick) =>
      backend.binaryGradient(binaryOperations[pick % 4], a, b, dy, pick % 2 ? da : undefined, db),
    affine: ([x, y]) => backend.affine(x, y, 2, 1, false),
    copyColumns: ([a, b], _, [p, q, r]) => backend.copyColumns(a, p, b, q, r, false),
    rowSums: ([x, y]) => backend.rowSums(x, y, true),
    sum: ([x, y]) => backend.sum(x, y, 1),
    sumGradient: ([dy, dx]) => backend.sumGradient(dy, dx, 1),
    loss: ([p, t, y], pick) => backend.loss(losses[pick % losses.length], p, t, y, 1),
    lossGradient: ([p, t, dy, dp], pick) =>
      backend.lossGradient(losses[pick % losses.length], p, t, dy, dp, 1),
    adam: ([p, g, a, b]) =>
      backend.adam(p, g, a, b, {
        stepSize: 0.1,
        secondMomentScale: 1,
        beta1: 0.9,
        beta2: 0.99,
        epsilon: 1e-8,
        l2: 0,
        decay: 0,
        gradientScale: 1,
      }),
    averageWeights: ([a, p]) => backend.averageWeights(a, p, 0.9),
    sumOfSquares: ([x, y]) => backend.sumOfSquares(x, y),
    view: ([x], _, [first, count]) => backend.fill(backend.view(x, first, count), 7),
    reshape: ([x], _, [offset, rows, columns]) =>
      backend.fill(backend.reshape(x, offset, backend.rows(rows), columns), 7),
    write: ([x], pick) => backend.write(x, new Float64Array(pick)),
  };

  it.each(Object.keys(operations))('%s', async (name) => {
    let refused = 0;
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        // Few shapes, so that they often agree.
        fc.tuple(shapes, fc.array(shape, { minLength: 1, maxLength: 2 }), fc.boolean()),
        fc.nat(20),
        fc.array(anyCount, { minLength: 3, maxLength: 3 }),
        async ([all, few, agreeing], pick, numbers) => {
          const chosen = agreeing ? all.map((_, k) => few[(k + pick) % few.length]) : all;
          runs++;
          if (await amongGuards(chosen, (matrices) => operations[name](matrices, pick, numbers))) refused++;
        },
      ),
      { numRuns: 150 },
    );
    expect(refused).toBeGreaterThan(0);
    expect(runs).toBe(150);
  });

  it('gather and scatterAdd with indices of all kinds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.nat(4), fc.integer()), { maxLength: 8 }),
        fc.tuple(size, size, size, size),
        fc.boolean(),
        async (values, [from, to, columns, other], mean) => {
          await amongGuards(
            [
              [to, columns],
              [from, other],
              [to, columns],
            ],
            ([short, long, target]) => {
              const index = backend.rowIndex(Int32Array.from(values), backend.rows(from), backend.rows(to));
              backend.gather(short, index, long, false, mean);
              backend.scatterAdd(long, index, target, mean);
            },
          );
        },
      ),
    );
  });

  it.each([
    ['before the engine has it', false],
    ['after', true],
  ])('graphs whose arrays a program writes to, %s', async (_, after) => {
    const arrays = fc.constantFrom('senders', 'receivers', 'graphOfNode', 'edgeOffsets', 'nodeOffsets');
    await fc.assert(
      fc.asyncProperty(arrays, fc.nat(3), fc.oneof(fc.nat(5), fc.integer()), async (name, at, any) => {
        // Offsets say how long other arrays get, which is no matter of kernels.
        const value = name.endsWith('Offsets') ? any % 100 : any;
        const its = Graph.fromEdges([Int32Array.of(0, 1, 2, 0), Int32Array.of(1, 2, 0, 2)], { nodeCount: 3 });
        const array = its[name as 'senders'];
        if (!after) array[at % array.length] = value;
        const shapes = [3, 3, 4, 4, 1].map((rows) => [rows, 8] as const);
        await amongGuards([...shapes, [8, 8], [1, 8]], (matrices) => {
          const [receiver, sender, edges, moreEdges, graphs, weight, bias] = matrices;
          const handle = backend.graph(its);
          if (after) array[at % array.length] = value;
          const options = {
            activation: 'silu',
            squaredDistance: false,
            messageAggregation: 'sum',
            coordinateAggregation: 'sum',
          } as const;
          const parts = {
            receiverPart: receiver,
            senderPart: sender,
            messageWeight: weight,
            messageBias: bias,
          };
          const messages = backend.scratch(handle.nodes, 8);
          backend.edgeBlock(handle, parts, options, { messages }, false);
          backend.gather(receiver, handle.receivers, edges, false, false);
          backend.gather(sender, handle.senders, moreEdges, true, false);
          backend.scatterAdd(receiver, handle.graphOfNode, graphs, false);
          backend.scatterAdd(edges, handle.senders, sender, true);
        });
      }),
    );
  });

  it('values that are longer than they say', async () => {
    const short = <T extends object>(values: T) => Object.defineProperty(values, 'length', { value: 3 });
    const [values, index] = [short(new Float32Array(4000)), short(new Int32Array(4000).fill(9))];
    const shapes = [[3, 1] as const];
    expect(await amongGuards(shapes, ([matrix]) => backend.write(matrix, values))).toBe(true);
    expect(await amongGuards(shapes, ([{ rows }]) => backend.rowIndex(index, rows, rows))).toBe(true);
  });

  it('an index that is no Int32Array', () => {
    for (const index of [[0, 1, 2], [0.5, 0, 0], ['0', 0, 0], new Float32Array(3)])
      engine.step(() => {
        const { rows } = engine.tensor([1, 2, 3], 3, 1);
        expect(() => engine.rowIndex(index as unknown as Int32Array, rows, rows)).toThrow(
          /an index is an Int32Array of row numbers; got an (array|object)/,
        );
      });
  });

  it('the edge block, with graphs of all kinds', async () => {
    let ran = 0;
    await fc.assert(
      fc.asyncProperty(
        graph,
        fc.array(fc.oneof({ weight: 9, arbitrary: fc.constant(-1) }, { weight: 1, arbitrary: size }), {
          minLength: 24,
          maxLength: 24,
        }),
        fc.constantFrom(1, 3, 8),
        fc.boolean(),
        async (its, wrong, width, squaredDistance) => {
          let at = 0;
          const or = (right: number) => {
            const other = wrong[at++];
            return other < 0 ? right : other;
          };
          const nodes = Math.max(0, its.nodeCount);
          const wanted = [
            [nodes, width],
            [nodes, width],
            [nodes, 3],
            [squaredDistance ? 1 : 0, width],
            [width, width],
            [1, width],
            [width, width],
            [1, width],
            [width, 1],
            [nodes, width],
            [nodes, 3],
          ].map(([rows, columns]) => [or(rows), or(columns)] as const);
          const refused = await amongGuards(wanted, (m) => {
            const inputs = {
              receiverPart: m[0],
              senderPart: m[1],
              x: m[2],
              pairWeight: squaredDistance ? m[3] : undefined,
              messageWeight: m[4],
              messageBias: m[5],
              coordinateWeight: m[6],
              coordinateBias: m[7],
              coordinateHead: m[8],
            };
            const options = {
              activation: 'silu',
              squaredDistance,
              messageAggregation: 'sum',
              coordinateAggregation: 'mean',
            } as const;
            const handle = backend.graph(its);
            const outputs = { messages: m[9], shift: m[10] };
            const saved = backend.edgeBlock(handle, inputs, options, outputs, true);
            const gradients = { x: backend.scratch(m[2].rows, m[2].columns, true) };
            backend.edgeBlockGradient(handle, inputs, options, outputs, gradients, saved);
          });
          if (!refused) ran++;
        },
      ),
      { numRuns: 400 },
    );
    expect(ran).toBeGreaterThan(5);
  });
});
