/** @file The steps through the layer: what happens, in which term of which equation, and in which lines of code. */

export type StepName =
  | 'inputs'
  | 'message'
  | 'gate'
  | 'weight'
  | 'terms'
  | 'sum'
  | 'moved'
  | 'received'
  | 'features';

/** Lines of a source file of this package, found by what they say, so that they are found after a change, too. */
export interface CodePlace {
  readonly file: keyof typeof files;
  /** Parts of the first and of the last line. */
  readonly first: string;
  readonly last: string;
}

export const files = {
  layer: 'src/nn/egcl.ts',
  edges: 'src/backends/reference/edge-block.ts',
} as const;

export interface Step {
  readonly name: StepName;
  readonly title: string;
  readonly text: string;
  readonly code: CodePlace;
}

/** Each part that a step is about has the class `term-STEP`. */
export const equations: readonly { readonly number: number; readonly tex: string }[] = [
  {
    number: 3,
    tex: String.raw`\htmlClass{term term-message}{m_{ij} = \phi_e\bigl(}\htmlClass{term term-inputs term-message}{h_i,\, h_j,\, \lVert x_i - x_j\rVert^2}\htmlClass{term term-message}{\bigr)}`,
  },
  {
    number: 8,
    tex: String.raw`\htmlClass{term term-gate}{e_{ij} = \operatorname{sigmoid}(w^{\mathsf T} m_{ij} + b)}`,
  },
  {
    number: 4,
    tex: String.raw`\htmlClass{term term-moved}{x_i' = x_i + {}}\htmlClass{term term-moved term-sum}{C \sum_{j \ne i}}\htmlClass{term term-moved term-sum term-terms}{(x_i - x_j)}\,\htmlClass{term term-moved term-sum term-terms term-weight}{\phi_x(e_{ij}\, m_{ij})}`,
  },
  {
    number: 5,
    tex: String.raw`\htmlClass{term term-received}{m_i = \sum_{j \ne i} e_{ij}\, m_{ij}}`,
  },
  {
    number: 6,
    tex: String.raw`\htmlClass{term term-features}{h_i' = h_i + \phi_h(h_i, m_i)}`,
  },
];

export const steps: readonly Step[] = [
  {
    name: 'inputs',
    title: 'What goes into a message',
    text:
      'Each of the other nodes j sends to node i. A message is made from the features of both and from their squared ' +
      'distance. Positions come in through distances alone, so turning the graph changes none of these numbers.',
    code: { file: 'layer', first: '/** First layer on a pair:', last: 'pairWeight: pairFeatures' },
  },
  {
    name: 'message',
    title: 'The messages',
    text: 'A network of two layers, φ_e, makes a message of four numbers for each edge. The squares on the edges show them.',
    code: { file: 'edges', first: 'for (let k = 0; k < width; k++) {', last: 'raw[k] = activation(z2[k])' },
  },
  {
    name: 'gate',
    title: 'The gate',
    text:
      'One number between 0 and 1 for each edge says how much of the message counts: here the edge is as dense as its gate. ' +
      'As in the authors’ code, the gated message also goes into φ_x.',
    code: { file: 'edges', first: 'edge.gate = 1;', last: 'message[k] = edge.gate * raw[k]' },
  },
  {
    name: 'weight',
    title: 'One number an edge',
    text: 'A second network, φ_x, makes one number of each message: above zero it pushes i away from j, below zero it pulls.',
    code: {
      file: 'edges',
      first: 'if (inputs.coordinateHead) {',
      last: 'edge.coordinate = options.tanhRange',
    },
  },
  {
    name: 'terms',
    title: 'A vector along each edge',
    text:
      'The difference x_i − x_j, times that number, is a vector along the edge, drawn at node i. ' +
      'Turn the graph: the vectors turn along, their lengths stay.',
    code: { file: 'edges', first: 'const translation =', last: 'return Math.max(-limit' },
  },
  {
    name: 'sum',
    title: 'Their sum',
    text:
      'The vectors, one after the other, give their sum (thick). It need not point along any edge. C, one over the number of ' +
      'neighbours, makes a mean of it.',
    code: { file: 'edges', first: 'const shiftShare =', last: 'shiftShare * clamped(' },
  },
  {
    name: 'moved',
    title: 'The moved point',
    text: 'Node i moves by C times the sum. All nodes move at once, from the old positions; where the others go is drawn faintly.',
    code: { file: 'layer', first: 'const displacement = this.#displacement', last: 'x: x && displacement' },
  },
  {
    name: 'received',
    title: 'What the node receives',
    text: 'The gated messages are added up, number by number.',
    code: { file: 'edges', first: 'const messageShare =', last: 'messageShare * message[k]' },
  },
  {
    name: 'features',
    title: 'The new features',
    text: 'A third network, φ_h, makes of the node’s features and what it received a change of the features.',
    code: { file: 'layer', first: '/** eq. 6 */', last: 'return this.config.residual' },
  },
];
