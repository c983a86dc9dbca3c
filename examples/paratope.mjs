// Which residues of an antibody bind its antigen? The trained network of Paragraph (Chinery et al. 2022,
// github.com/oxpig/Paragraph, BSD-3), read from its own PyTorch file and rebuilt from the package's parts.
//
//   node examples/paratope.mjs pretrained_weights.pt 4edw.pdb [heavy chain, light chain]
//
// Nodes are the C-alpha atoms of the CDR residues and two on either side, in IMGT numbering; a node's features are its
// amino acid and its chain; an edge's attribute says whether two atoms are within 10 angstrom of each other.
import { readFile } from 'node:fs/promises';
import { add, EGNN, Graph, linear, relu, sigmoid, startEngine, subtract } from 'egnn';
import { findStateDicts, readPdb, readPyTorch } from 'egnn/formats';
import { importWeights } from 'egnn/models';

const AMINO_ACIDS = 'ALA ARG ASN ASP CYS GLN GLU GLY HIS ILE LEU LYS MET PHE PRO SER THR TRP TYR VAL'.split(
  ' ',
);
const REGIONS = [
  [25, 40],
  [54, 67],
  [103, 119],
];
const WITHIN = 10;

const [weightsFile, pdbFile, heavy = 'H', light = 'L'] = process.argv.slice(2);
if (!pdbFile) {
  console.log('usage: node examples/paratope.mjs WEIGHTS.pt STRUCTURE.pdb [HEAVY CHAIN] [LIGHT CHAIN]');
  process.exit(0);
}

/** The residues that the network looks at, one C-alpha atom each, heavy chain first. */
function residues(structure) {
  const found = [];
  for (const chain of [heavy, light])
    for (let atom = 0; atom < structure.atomNames.length; atom++) {
      const number = structure.residueNumbers[atom];
      if (structure.chains[atom] !== chain || structure.atomNames[atom] !== 'CA') continue;
      if (!REGIONS.some(([first, last]) => number >= first && number <= last)) continue;
      const name = `${number}${structure.insertionCodes[atom]}`;
      // Of several locations of an atom, the first.
      if (found.some((residue) => residue.chain === chain && residue.name === name)) continue;
      const position = [...structure.positions.subarray(3 * atom, 3 * atom + 3)];
      found.push({ chain, name, aminoAcid: structure.residueNames[atom], position });
    }
  return found;
}

const nodes = residues(readPdb(await readFile(pdbFile), pdbFile)[0]);
const features = nodes.flatMap(({ aminoAcid, chain }) => [
  ...AMINO_ACIDS.map((known) => Number(known === aminoAcid)),
  Number(chain === heavy),
  Number(chain === light),
]);
const graph = Graph.complete(nodes.length, { selfLoops: true });
const near = Array.from(graph.receivers, (receiver, edge) => {
  const [a, b] = [nodes[receiver].position, nodes[graph.senders[edge]].position];
  const distance = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
  return Number(distance > 0 && distance <= WITHIN);
});

// The layers are those of lucidrains' egnn-pytorch; hardtanh between them is Paragraph's own. So each layer is a network.
const [{ tensors }] = findStateDicts(readPyTorch(await readFile(weightsFile)));
const { config, state } = importWeights(tensors);
const { kind, layers: layerCount, ...options } = config.network;
const engine = await startEngine();
const layers = Array.from({ length: layerCount }, (_, k) => {
  const layer = new EGNN(engine, { ...options, layers: 1 });
  const own = Object.entries(state).filter(([name]) => name.startsWith(`gcl_${k}.`));
  layer.loadStateDict(
    Object.fromEntries(own.map(([name, weight]) => [name.replace(/^gcl_\d+/, 'gcl_0'), weight])),
  );
  return layer;
});
const dense = [0, 1, 2].map((k) => ({
  weight: tensors.get(`linear_layers.${k}.weight`),
  bias: tensors.get(`linear_layers.${k}.bias`),
}));

/** max(-1, min(1, x)) */
const hardtanh = (x) => subtract(subtract(relu(add(x, 1)), relu(subtract(x, 1))), 1);

/** A linear layer from PyTorch's weight [outputs, inputs] and bias [outputs]. */
function apply(x, { weight, bias }) {
  const [outputs, inputs] = weight.shape;
  const transposed = Array.from(
    weight.data,
    (_, k) => weight.data[(k % outputs) * inputs + Math.floor(k / outputs)],
  );
  return linear(x, engine.tensor(transposed, inputs, outputs), {
    bias: engine.tensor(bias.data, 1, outputs),
  });
}

const binding = await engine.step(() =>
  engine.withoutGradient(() => {
    const handle = engine.graph(graph);
    const x = engine.tensor(
      nodes.flatMap(({ position }) => position),
      handle.nodes,
      3,
    );
    const edgeAttributes = engine.tensor(near, handle.edges, 1);
    let h = engine.tensor(features, handle.nodes, options.inputFeatures);
    for (const layer of layers) h = hardtanh(layer.forward({ graph, h, x, edgeAttributes }).h);
    for (const layer of dense.slice(0, -1)) h = hardtanh(apply(h, layer));
    return sigmoid(apply(h, dense.at(-1))).read();
  }),
);
console.log('chain,residue,amino acid,probability to bind');
for (const [k, { chain, name, aminoAcid }] of nodes.entries())
  console.log(`${chain},${name},${aminoAcid},${binding[k]}`);
engine.close();
