// predict: plain arrays in every form users have them, and an error that names each argument that does not fit.
import { beforeAll, describe, expect, test } from 'vitest';
import { EGNN, Graph, type PlainGraph } from '../../src/index.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { engines, reference } from '../support/engines.ts';
import { enlivened, randomInput } from '../support/equivariance.ts';

let engine: Engine;
let model: EGNN;
beforeAll(async () => {
  engine = await reference.start();
  model = await enlivened(
    new EGNN(engine, {
      inputFeatures: 2,
      outputFeatures: 3,
      hiddenFeatures: 6,
      layers: 2,
      edgeFeatures: 2,
      nodeAttributes: 1,
      velocity: true,
    }),
  );
});

const input = randomInput(41, {
  nodeCounts: [4],
  dimensions: 3,
  velocity: true,
  nodeAttributes: 1,
});
const E = [
  [1, 2, 0, 3, 3],
  [0, 0, 2, 1, 0],
];
const A = [
  [1, 2],
  [3, 4],
  [5, 6],
  [7, 8],
  [9, 10],
];
const nested = {
  X: input.h,
  C: input.x,
  V: input.velocity!,
  B: input.nodeAttributes!,
  E,
  A,
} satisfies PlainGraph;
const flat = (matrix: readonly (readonly number[])[]) => Float64Array.from(matrix.flat());

test('nested rows, typed rows and flat arrays are the same', async () => {
  const expected = await model.predict(nested);
  expect(expected.h).toHaveLength(12);
  expect(expected.x).toHaveLength(12);
  expect(expected.v).toHaveLength(12);
  const { X, C, V, B } = nested;
  const typed = (matrix: readonly (readonly number[])[]) => matrix.map((row) => Float64Array.from(row));
  expect(await model.predict({ X: typed(X), C: typed(C), V: typed(V), B: typed(B), A: typed(A), E })).toEqual(
    expected,
  );
  expect(
    await model.predict({
      X: flat(X),
      C: Array.from(flat(C)),
      V: flat(V),
      B: flat(B),
      A: flat(A),
      E: Int32Array.from(E.flat()),
    }),
  ).toEqual(expected);
  const data = BigInt64Array.from(E.flat(), BigInt);
  expect(await model.predict({ ...nested, E: { data, shape: [2, 5] } })).toEqual(expected);
});

test("row 0 sends by default and receives in the authors' convention", async () => {
  const expected = await model.predict(nested);
  const turned = [E[1], E[0]];
  expect(await model.predict({ ...nested, E: turned, convention: 'target-to-source' })).toEqual(expected);
  expect(await model.predict({ ...nested, convention: 'source-to-target' })).toEqual(expected);
  expect(await model.predict({ ...nested, E: turned })).not.toEqual(expected);
});

test('edge attributes stay with their edges when E is listed in another order', async () => {
  const { x } = await model.predict(nested);
  const order = [3, 0, 4, 2, 1];
  const listed = { ...nested, E: E.map((row) => order.map((k) => row[k])), A: order.map((k) => A[k]) };
  const again = await model.predict(listed);
  for (const [k, value] of x.entries()) expect(again.x[k]).toBeCloseTo(value, 12);
  const wrong = await model.predict({ ...listed, A });
  expect(Math.max(...wrong.x.map((value, k) => Math.abs(value - x[k])))).toBeGreaterThan(1e-4);
});

test('a batch by nodeCounts is its graphs one by one', async () => {
  const whole = randomInput(42, { nodeCounts: [2, 3], dimensions: 2 });
  const plain = await enlivened(new EGNN(engine, { inputFeatures: 2, outputFeatures: 1, hiddenFeatures: 6 }));
  const batch = await plain.predict({ X: whole.h, C: whole.x, nodeCounts: [2, 3] });
  const parts = await Promise.all([
    plain.predict({ X: whole.h.slice(0, 2), C: whole.x.slice(0, 2) }),
    plain.predict({ X: whole.h.slice(2), C: whole.x.slice(2) }),
  ]);
  expect([...batch.x]).toEqual(parts.flatMap(({ x }) => [...x]));
  expect([...batch.h!]).toEqual(parts.flatMap(({ h }) => [...h!]));
});

test.each([1, 2, 3, 8])('coordinates of dimension %i', async (dimensions) => {
  const plain = new EGNN(engine, { inputFeatures: 2, outputFeatures: 0, hiddenFeatures: 6 });
  const given = randomInput(43, { nodeCounts: [3], dimensions });
  const { h, x, v } = await plain.predict({ X: given.h, C: given.x });
  expect(x).toHaveLength(3 * dimensions);
  expect(h).toBeUndefined();
  expect(v).toBeUndefined();
});

describe('the numbers of each graph', () => {
  const counts = [4, 1, 3];
  const options = { inputFeatures: 2, hiddenFeatures: 6, layers: 2, readout: { outputs: 2 } } as const;
  const cloud = randomInput(44, { nodeCounts: counts, dimensions: 3 });
  const batch = { X: cloud.h, C: cloud.x, nodeCounts: counts };

  test.each(engines)('are those of a forward pass written by hand on $name', async ({ start, tolerance }) => {
    const own = await start();
    const inReference = await enlivened(new EGNN(engine, options));
    const pooled = new EGNN(own, options);
    pooled.loadStateDict(await inReference.stateDict());
    const { y } = await pooled.predict(batch);
    expect(y).toHaveLength(2 * counts.length);
    const byHand = await own.step(() => {
      const graph = Graph.complete(counts);
      const { nodes } = own.graph(graph);
      const [h, x] = [own.tensor(cloud.h.flat(), nodes, 2), own.tensor(cloud.x.flat(), nodes, 3)];
      return own.withoutGradient(() => pooled.forward({ graph, h, x }).y!.read());
    });
    expect(y).toEqual(byHand);
    const { y: exact } = await inReference.predict(batch);
    const largest = Math.max(...exact!.map(Math.abs));
    expect(largest).toBeGreaterThan(0.01);
    for (const [k, value] of exact!.entries())
      expect(Math.abs(y![k] - value)).toBeLessThan(tolerance * largest);
    own.close();
  });

  test('are not there without a readout', async () => {
    expect((await model.predict(nested)).y).toBeUndefined();
  });
});

test('the input is left as it was', async () => {
  const before = JSON.stringify(nested);
  await model.predict(nested);
  expect(JSON.stringify(nested)).toBe(before);
});

describe('an error names', () => {
  const set = (matrix: readonly (readonly number[])[], row: number, column: number, value: number) =>
    matrix.map((numbers, r) => numbers.map((number, c) => (r === row && c === column ? value : number)));

  test.each([
    ['the width of X', { X: input.h.map((row) => [...row, 1]) }, /X\[0\] must have 2 numbers; got 3/],
    [
      'a ragged row of X',
      { X: input.h.map((row, r) => (r === 2 ? [1] : row)) },
      /X\[2\] must have 2 numbers; got 1/,
    ],
    ['a flat X of no whole rows', { X: [1, 2, 3] }, /X must hold rows of 2 numbers; got 3 numbers/],
    ['too few rows of C', { C: input.x.slice(0, 3) }, /C must have 4 rows of 3 numbers; got 3 rows/],
    ['too many rows of C', { C: [...input.x, [1, 2, 3]] }, /C must have 4 rows of 3 numbers; got 5 rows/],
    [
      'a ragged row of C',
      { C: input.x.map((row, r) => (r === 3 ? [1, 2] : row)) },
      /C\[3\] must have 3 numbers; got 2/,
    ],
    ['a flat C of no whole rows', { C: new Array(13).fill(0) }, /C must .* 4 rows; got 13 numbers/],
    ['points without coordinates', { C: [[], [], [], []] }, /C/],
    [
      'the dimension of V',
      { V: input.velocity!.map((row) => row.slice(1)) },
      /V\[0\] must have 3 numbers; got 2/,
    ],
    ['the rows of V', { V: input.velocity!.slice(1) }, /V must have 4 rows of 3 numbers; got 3 rows/],
    ['the rows of B', { B: [[1], [2]] }, /B must have 4 rows of 1 numbers; got 2 rows/],
    ['the width of A', { A: A.map((row) => row.slice(1)) }, /A\[0\] must have 2 numbers; got 1/],
    ['the rows of A', { A: A.slice(1) }, /A must have 5 rows of 2 numbers; got 4 rows/],
    ['a missing A', { A: undefined }, /^A is missing; this model takes \[5, 2\]/],
    ['a missing V', { V: undefined }, /^V is missing; this model takes \[4, 3\]/],
    ['a missing B', { B: undefined }, /^B is missing; this model takes \[4, 1\]/],
    [
      'row and column of NaN in X',
      { X: set(input.h, 2, 1, Number.NaN) },
      /X\[2\]\[1\] must be a finite number; got NaN/,
    ],
    [
      'row and column of Infinity in C',
      { C: set(input.x, 1, 2, Infinity) },
      /C\[1\]\[2\] must be a finite number; got Inf/,
    ],
    [
      'row and column of NaN in V',
      { V: set(input.velocity!, 3, 0, Number.NaN) },
      /V\[3\]\[0\] must be a finite number/,
    ],
    ['row and column of NaN in A', { A: set(A, 4, 1, Number.NaN) }, /A\[4\]\[1\] must be a finite number/],
    [
      'row and column of NaN in B',
      { B: [[1], [Number.NaN], [1], [1]] },
      /B\[1\]\[0\] must be a finite number/,
    ],
    [
      'what is no number',
      { X: set(input.h, 0, 0, 'one' as never) },
      /X\[0\]\[0\] must be a finite number; got "one"/,
    ],
    ['a number that is text', { X: set(input.h, 1, 0, '1' as never) }, /X\[1\]\[0\] .* got "1"$/],
    ['what is no row', { X: [[1, 2], null, [1, 2], [1, 2]] }, /X\[1\] must have 2 numbers; got null/],
    ['what is no matrix', { C: 3 }, /C must be an array of rows, or of numbers; got 3/],
    ['a C of what are no rows', { C: [{ x: 1 }, { x: 2 }] }, /C\[0\] must be an array .* got an object/],
    ['a missing X', { X: undefined }, /^X is missing; this model takes \[N, 2\]/],
    ['a missing C', { C: undefined }, /^C is missing; this model takes \[N, n\]/],
    ['E that is no array', { E: null }, /^E must be two rows of node numbers; got null/],
    ['a key that there is not', { edges: E }, /predict has no option edges; it has X, C, E, A, V, B/],
    [
      'a node that there is not',
      {
        E: [
          [1, 4],
          [0, 0],
        ],
      },
      /^E\[0\]\[1\] is 4; allowed: integers from 0 to 3/,
    ],
    [
      'a negative node',
      {
        E: [
          [1, 1],
          [0, -1],
        ],
      },
      /^E\[1\]\[1\] is -1/,
    ],
    ['three rows of E', { E: [[0], [1], [2]] }, /^E has 3 rows; expected 2/],
    ['a convention that there is not', { convention: 'forwards' }, /convention is "forwards"/],
    ['text for a switch', { selfLoops: 'no', E: undefined }, /selfLoops must be a boolean; got "no"/],
    ['node counts that do not add up', { nodeCounts: [2, 3] }, /nodeCounts sum to 5; nodeCount is 4/],
    ['node counts without E', { nodeCounts: [2, 3], E: undefined }, /nodeCounts add up to 5; X has 4 rows/],
  ] as [string, object, RegExp][])('%s', async (_, change, message) => {
    await expect(model.predict({ ...nested, ...change } as PlainGraph)).rejects.toThrow(message);
  });

  test.each([
    ['A', { A: [[1]] }],
    ['V', { V: [[1, 1, 1]] }],
    ['B', { B: [[1]] }],
  ])('%s that the model does not take', async (name, extra) => {
    const plain = new EGNN(engine, { inputFeatures: 1 });
    await expect(plain.predict({ X: [[1]], C: [[1, 2, 3]], ...extra })).rejects.toThrow(
      `this model takes no ${name}; leave it out`,
    );
  });

  test.each([[undefined], [null], ['graph']])('what is no graph: %j', async (graph) => {
    await expect(model.predict(graph as never)).rejects.toThrow(/^predict takes a graph, { X, C, ... }; got/);
  });

  test('nothing after an error: the model works on', async () => {
    const expected = await model.predict(nested);
    await expect(model.predict({ ...nested, A: undefined })).rejects.toThrow();
    expect(await model.predict(nested)).toEqual(expected);
  });
});
