// Graphs from text and files: what is read, and that everything wrong names its cell.
import { EGNN, type Engine, startEngine } from 'egnn';
import { readNpz, writeNpz } from 'egnn/formats';
import { buildNetwork, type ModelConfig, packModel } from 'egnn/models';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ComputeContext } from '../../web/src/compute/context.ts';
import * as compute from '../../web/src/views/data/compute.ts';
import { examples } from '../../web/src/views/data/examples.ts';
import type { GraphData } from '../../web/src/views/data/graph-data.ts';
import { parseGraph, writeGraph } from '../../web/src/views/data/parse-text.ts';
import { textOfFiles } from '../../web/src/views/data/read-files.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Graphs of any size with all matrices or some. */
const graphs: fc.Arbitrary<GraphData> = fc
  .record({
    nodes: fc.integer({ min: 1, max: 6 }),
    features: fc.integer({ min: 1, max: 3 }),
    dimensions: fc.integer({ min: 1, max: 3 }),
    attributes: fc.integer({ min: 0, max: 2 }),
    velocities: fc.boolean(),
    edges: fc.option(fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 3, maxLength: 8 }), {
      nil: undefined,
    }),
  })
  .chain(({ nodes, features, dimensions, attributes, velocities, edges }) => {
    const matrix = (rows: number, columns: number) =>
      fc.array(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), {
          minLength: columns,
          maxLength: columns,
        }),
        { minLength: rows, maxLength: rows },
      );
    const count = edges ? edges.length : nodes * (nodes - 1);
    return fc.record({
      X: matrix(nodes, features),
      C: matrix(nodes, dimensions),
      E: fc.constant(edges && [edges.map(([from]) => from % nodes), edges.map(([, to]) => to % nodes)]),
      A: attributes > 0 && count > 0 ? matrix(count, attributes) : fc.constant(undefined),
      V: velocities ? matrix(nodes, dimensions) : fc.constant(undefined),
    });
  });

const asCsv = (graph: GraphData) =>
  Object.entries(graph)
    .flatMap(([name, rows]) =>
      rows ? [`${name}\n${rows.map((row: number[]) => row.join(',')).join('\n')}\n`] : [],
    )
    .join('');

describe('text', () => {
  it('as JSON and as CSV gives the graph that was written', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        // JSON knows no negative zero.
        const expected = JSON.parse(JSON.stringify(graph));
        expect(JSON.parse(JSON.stringify(parseGraph(writeGraph(graph))))).toEqual(expected);
        expect(JSON.parse(JSON.stringify(parseGraph(asCsv(graph))))).toEqual(expected);
        expect(
          JSON.parse(JSON.stringify(parseGraph(JSON.stringify({ ...graph, V: graph.V ?? null })))),
        ).toEqual(expected);
      }),
    );
  });

  it('as tables of nodes and edges', () => {
    const text =
      'X1,x,y,z,V1,V2,V3\n1,0,0,0,1,2,3\n2,1,0,0,4,5,6\n3,0,1,0,7,8,9\n\nsource,target,A1\n0,1,0.5\n2,1,0.25\n';
    expect(parseGraph(text)).toEqual({
      X: [[1], [2], [3]],
      C: [
        [0, 0, 0],
        [1, 0, 0],
        [0, 1, 0],
      ],
      V: [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ],
      E: [
        [0, 2],
        [1, 1],
      ],
      A: [[0.5], [0.25]],
    });
    // Pairs a row, another delimiter.
    expect(parseGraph('X\n1\n2\n3\nC\n0;0\n1;0\n2;0\nE\n0;1\n1;2\n2;0\n').E).toEqual([
      [0, 1, 2],
      [1, 2, 0],
    ]);
    expect(parseGraph('X\n1\n2\nC\n0 1\n1 -2\n').C).toEqual([
      [0, 1],
      [1, -2],
    ]);
  });

  it('of every example is a graph', () => {
    for (const { text } of examples) expect(parseGraph(text).X.length).toBeGreaterThan(2);
  });

  it('names the cell that is wrong, whichever it is', () => {
    fc.assert(
      fc.property(graphs, fc.nat(), fc.nat(), fc.nat(), (graph, which, r, c) => {
        const names = Object.entries(graph).filter(([, rows]) => rows);
        const [name] = names[which % names.length] as [keyof GraphData, unknown];
        const broken = JSON.parse(JSON.stringify(graph));
        const rows = broken[name] as unknown[][];
        const [row, column] = [r % rows.length, c % rows[0].length];
        rows[row][column] = 'abc';
        const message = `${name}, row ${row + 1}, column ${column + 1}: 'abc' is not a number`;
        expect(() => parseGraph(JSON.stringify(broken))).toThrow(message);
        expect(() => parseGraph(asCsv(broken))).toThrow(message);
      }),
    );
  });

  it.each([
    ['', /nothing here yet/],
    ['{"X": [[1]', /No JSON/],
    ['[1]', /Expected one object/],
    ['{"X": [[1]], "C": [[0]], "Q": []}', /"Q" is none of X, C, E, A, V, B/],
    ['{"X": [[1]]}', /C is missing/],
    ['{"C": [[1]]}', /X is missing/],
    ['{"X": 3, "C": [[1]]}', /X is 3; expected rows/],
    ['{"X": [1], "C": [[1]]}', /X, row 1: 1 is no row/],
    ['{"X": [[1]], "C": [[]]}', /C, row 1: no numbers/],
    ['{"X": [[1],[2]], "C": [[0, 0], [1]]}', 'C, row 2: 1 number; expected 2, as in row 1'],
    ['{"X": [[1],[2]], "C": [[0]]}', 'C has 1 row; X has 2, one a node'],
    ['{"X": [[null]], "C": [[0]]}', 'X, row 1, column 1: it is empty'],
    ['{"X": [[1e999]], "C": [[0]]}', /X, row 1, column 1: .* is not a finite number/],
    [
      '{"X": [[1],[2]], "C": [[0],[1]], "E": [[0],[2]]}',
      'E, row 2, column 1: 2 is no node; there are 0 to 1',
    ],
    ['{"X": [[1],[2]], "C": [[0],[1]], "E": [[0]]}', /E has 1 row of 1 number; expected two rows/],
    ['{"X": [[1],[2]], "C": [[0],[1]], "A": [[0]]}', /A has 1 row; there are 2 edges, since without E/],
    ['{"X": [[1],[2]], "C": [[0],[1]], "V": [[0,1],[1,2]]}', 'V has 2 columns; C has 1'],
    ['X\n1\nC\n1,b\n', "C, row 1, column 2: 'b' is not a number (line 4)"],
    ['1,2\n', /line 1: expected the name of a matrix/],
    ['X1,weight\n1,2\n', /line 1: the column 'weight' is not known/],
    ['X1,x\n1,2,3\n', 'line 2: 3 cells; expected 2, as in the heading'],
    ['X\n1\nX\n2\n', 'line 3: X comes twice'],
  ])('says what is wrong with %j', (text, message) => {
    expect(() => parseGraph(text)).toThrow(message);
  });
});

describe('files', () => {
  it('npz as numpy writes it', () => {
    const bytes = writeNpz({
      X: { data: new Float32Array([1, 2, 3]), shape: [3] },
      C: { data: new Float64Array([0, 0, 1, 0, 0, 1]), shape: [3, 2] },
      E: { data: new BigInt64Array([0n, 1n, 1n, 2n]), shape: [2, 2] },
    });
    expect(parseGraph(textOfFiles([{ name: 'graph.npz', bytes }]))).toEqual({
      X: [[1], [2], [3]],
      C: [
        [0, 0],
        [1, 0],
        [0, 1],
      ],
      E: [
        [0, 1],
        [1, 2],
      ],
    });
    const wrong = writeNpz({
      X: { data: new Float64Array([1, Number.NaN]), shape: [2, 1] },
      C: { data: new Float64Array([1, 2]), shape: [2, 1] },
    });
    expect(() => textOfFiles([{ name: 'graph.npz', bytes: wrong }])).toThrow(
      /^graph\.npz: X, row 2, column 1: .* is not a number$/,
    );
    const many = writeNpz({ node_counts: { data: new Int32Array([1, 1]), shape: [2] } });
    expect(() => textOfFiles([{ name: 'graph.npz', bytes: many }])).toThrow(/several graphs/);
    expect(() => textOfFiles([{ name: 'graph.npz', bytes: new Uint8Array(9) }])).toThrow(/graph\.npz/);
  });

  it('a CSV file a matrix', () => {
    const files = [
      { name: 'x.csv', bytes: bytesOf('1\n2\n') },
      { name: 'C.csv', bytes: bytesOf('0,0\n1,1\n') },
    ];
    expect(parseGraph(textOfFiles(files))).toMatchObject({ X: [[1], [2]] });
    expect(() => textOfFiles([...files, { name: 'notes.csv', bytes: bytesOf('') }])).toThrow(
      /notes\.csv: of several/,
    );
    expect(() => textOfFiles([{ name: 'a.xls', bytes: bytesOf('') }])).toThrow(/\.json, \.csv or \.npz/);
  });
});

describe('the functions of the worker', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine({ backend: 'reference' });
  });
  afterAll(() => engine.close());
  const context = () => ({ engine: async () => engine }) as unknown as ComputeContext;
  const options: compute.RandomOptions = {
    outputFeatures: 3,
    hiddenFeatures: 8,
    layers: 2,
    attention: true,
    normalize: false,
    tanh: false,
    coordinateWeight: 100,
    seed: 1,
  };

  it('a random network gives what the same options give in code', async () => {
    const graph = parseGraph(examples[1].text);
    const output = await compute.run({ graph, model: { kind: 'random', options } }, context());
    const network = new EGNN(engine, { inputFeatures: 1, edgeFeatures: 1, ...options });
    const { h, x } = await network.predict(graph as never);
    expect([...output.h!]).toEqual([...h!]);
    expect([...output.x]).toEqual([...x]);
    expect(output).toMatchObject({ nodes: 6, parameters: network.parameterCount });
    expect(output.x.some((value, k) => Math.abs(value - graph.C.flat()[k]) > 1e-3)).toBe(true);
  });

  it('npz holds the outputs', () => {
    const x = Float64Array.from([1, 2, 3, 4]);
    const arrays = readNpz(compute.npz({ nodes: 2, x, parameters: 0 }));
    expect(Object.keys(arrays)).toEqual(['x']);
    expect(arrays.x).toMatchObject({ shape: [2, 2], data: x });
  });

  it('an opened model says what it takes, and names what does not fit', async () => {
    const config: ModelConfig = {
      format: 'egnn-model',
      version: 1,
      network: {
        kind: 'egnn',
        inputFeatures: 1,
        edgeFeatures: 2,
        velocity: true,
        outputFeatures: 0,
        hiddenFeatures: 8,
      },
      edges: 'complete',
    };
    const state = await buildNetwork(engine, config.network).stateDict();
    const { summary } = await compute.openModel({ weights: packModel({ config, state }) }, context());
    expect(summary).toContain('X with 1 column, A with 2 columns, V and C');
    const runOn = (text: string) =>
      compute.run({ graph: parseGraph(text), model: { kind: 'opened' } }, context());
    const output = await runOn(examples[2].text);
    expect(output.h).toBeUndefined();
    expect(output.v).toHaveLength(15);
    await expect(runOn(examples[0].text)).rejects.toThrow('X has 2 columns; this model takes 1');
    await expect(runOn('{"X": [[1],[1]], "C": [[0],[1]]}')).rejects.toThrow(
      'A is missing: this model takes 2 columns',
    );
    await expect(runOn('{"X": [[1],[1]], "C": [[0],[1]], "A": [[1,1],[1,1]]}')).rejects.toThrow(
      'V is missing',
    );
    const gnn: ModelConfig = {
      ...config,
      network: { kind: 'gnn', inputFeatures: 1, outputFeatures: 1 },
    };
    const weights = packModel({ config: gnn, state: await buildNetwork(engine, gnn.network).stateDict() });
    await expect(compute.openModel({ weights }, context())).rejects.toThrow(/kind gnn/);
  });
});
