/** @file Graphs to begin with. */
import type { GraphData } from './graph-data.ts';
import { writeGraph } from './parse-text.ts';

export interface Example {
  readonly name: string;
  readonly label: string;
  readonly text: string;
}

/** Four nodes, as in the README's first program. */
const small: GraphData = {
  X: [
    [1, 0],
    [0, 1],
    [1, 1],
    [0, 0],
  ],
  C: [
    [0, 0, 0],
    [1, 0, 0],
    [0, 2, 0],
    [0, 0, 3],
  ],
};

/** A ring of six in the plane, with listed edges and a weight each. */
function ring(): GraphData {
  const nodes = [0, 1, 2, 3, 4, 5];
  const rounded = (value: number) => Math.round(value * 1000) / 1000;
  const from = nodes.flatMap((i) => [i, (i + 1) % 6]);
  const to = nodes.flatMap((i) => [(i + 1) % 6, i]);
  return {
    X: nodes.map((i) => [i % 2]),
    C: nodes.map((i) => [rounded(Math.cos((i * Math.PI) / 3)), rounded(Math.sin((i * Math.PI) / 3))]),
    E: [from, to],
    A: from.map((i) => [i % 2 === 0 ? 1 : 0.5]),
  };
}

/** Five charges as the N-body model takes them: speeds, and for each pair the charges' product and the squared distance. */
function charges(): GraphData {
  const q = [1, -1, 1, 1, -1];
  const C = [
    [0.5, 0.2, -0.4],
    [-0.8, 0.6, 0.1],
    [0.1, -1.1, 0.7],
    [1.2, 0.9, 0.8],
    [-0.4, -0.5, -1.2],
  ];
  const V = [
    [0.3, -0.1, 0.2],
    [0.1, 0.4, -0.3],
    [-0.2, 0.3, 0.1],
    [-0.4, -0.2, -0.1],
    [0.2, 0.1, 0.5],
  ];
  const rounded = (value: number) => Number(value.toPrecision(6));
  const A = q.flatMap((charge, i) =>
    q.flatMap((other, j) =>
      i === j ? [] : [[charge * other, rounded(C[i].reduce((sum, c, k) => sum + (c - C[j][k]) ** 2, 0))]],
    ),
  );
  return { X: V.map((v) => [rounded(Math.hypot(...v))]), C, V, A };
}

const table = 'x,y,z,X1\n0,0,0.12,8\n0.76,0,-0.47,1\n-0.76,0,-0.47,1\n';

export const examples: readonly Example[] = [
  { name: 'small', label: 'Four nodes', text: writeGraph(small) },
  { name: 'ring', label: 'A ring in the plane, with edges', text: writeGraph(ring()) },
  { name: 'charges', label: 'Five charges for the N-body model', text: writeGraph(charges()) },
  { name: 'table', label: 'A table of atoms, as CSV', text: table },
];
