/**
 * @file The architectures of the authors' repository (github.com/vgsatorras/egnn): the EGNN of egnn_clean, EGNN_vel and
 * its baselines in the N-body experiment, the QM9 model, and a layer on its own.
 */
import { type Architecture, type Assumption, pairInputs } from './architecture.ts';
import { countOf, has, sizesOf, type Weights } from './weights.ts';

const GCL = /^(.*?)gcl_0\.edge_mlp\.0\.weight$/;

const residual: Assumption = { option: 'residual', value: true, why: 'the default of the original' };
const activation: Assumption = { option: 'activation', value: 'silu', why: 'the default of the original' };

/** What the layers `gcl_K` have in common, from names and shapes. */
function layersOf(weights: Weights, squaredDistance: 0 | 1) {
  const first = sizesOf(weights, 'gcl_0.edge_mlp.0.weight');
  const { outputs: messageFeatures } = sizesOf(weights, 'gcl_0.edge_mlp.2.weight');
  const { outputs: hiddenFeatures } = sizesOf(weights, 'gcl_0.node_mlp.2.weight');
  const node = sizesOf(weights, 'gcl_0.node_mlp.0.weight');
  return {
    hiddenFeatures,
    messageFeatures,
    edgeHidden: first.outputs,
    nodeHidden: node.outputs,
    layers: countOf(weights, (k) => `gcl_${k}.`),
    edgeFeatures:
      pairInputs(first.inputs, hiddenFeatures, squaredDistance, 'gcl_0.edge_mlp.0') - squaredDistance,
    attention: has(weights, 'gcl_0.att_mlp.'),
    nodeAttributes: node.inputs - hiddenFeatures - messageFeatures,
  };
}

const coordinateOptions: Assumption[] = [
  {
    option: 'normalize',
    value: false,
    why: '`normalize` (or `norm_diff`) of the original is off by default',
  },
  { option: 'tanh', value: false, why: '`tanh` of the original is off by default' },
];

export const egnnClean: Architecture = {
  name: 'egnn-clean',
  about: "the authors' EGNN (models/egnn_clean)",
  landmark: GCL,
  recognises: (weights) => has(weights, 'embedding_in.') && has(weights, 'embedding_out.'),
  read(weights) {
    return {
      network: {
        kind: 'egnn',
        ...layersOf(weights, 1),
        inputFeatures: sizesOf(weights, 'embedding_in.weight').inputs,
        outputFeatures: sizesOf(weights, 'embedding_out.weight').outputs,
        updateCoordinates: has(weights, 'gcl_0.coord_mlp.'),
      },
      assumptions: [activation, residual, ...coordinateOptions],
      rename: (name, tensor) => [name, tensor],
    };
  },
};

export const velocityEgnn: Architecture = {
  name: 'egnn-velocity',
  about: "the authors' EGNN_vel of the N-body experiment",
  landmark: GCL,
  recognises: (weights) => has(weights, 'gcl_0.coord_mlp_vel.') && has(weights, 'gcl_0.edge_mlp.'),
  read(weights) {
    return {
      network: {
        kind: 'egnn',
        ...layersOf(weights, 1),
        inputFeatures: sizesOf(weights, 'embedding.weight').inputs,
        outputFeatures: 0,
        velocity: true,
      },
      assumptions: [
        activation,
        residual,
        ...coordinateOptions,
        { option: 'coordinateClamp', value: 100, why: 'a constant of the original' },
      ],
      rename: (name, tensor) => [name, tensor],
    };
  },
};

export const qm9Egnn: Architecture = {
  name: 'egnn-qm9',
  about: "the authors' QM9 model, or one of its kind (MDM's)",
  landmark: GCL,
  recognises: (weights) => has(weights, 'node_dec.') && has(weights, 'graph_dec.'),
  read(weights) {
    const { nodeAttributes, ...layers } = layersOf(weights, 1);
    const { inputs: inputFeatures } = sizesOf(weights, 'embedding.weight');
    if (nodeAttributes !== 0 && nodeAttributes !== inputFeatures)
      throw new Error(
        `gcl_0.node_mlp.0 takes ${nodeAttributes} node attributes; the original gives none, or the ${inputFeatures} features of the input`,
      );
    return {
      network: {
        kind: 'egnn',
        ...layers,
        inputFeatures,
        inputAttributes: nodeAttributes > 0,
        updateCoordinates: false,
        readout: { outputs: sizesOf(weights, 'graph_dec.2.weight').outputs, pooling: 'sum' },
      },
      assumptions: [activation, residual],
      rename: (name, tensor) => (name.includes('.coord_mlp.') ? undefined : [name, tensor]),
    };
  },
};

export const gnnBaseline: Architecture = {
  name: 'gnn',
  about: "the authors' plain GNN of the N-body experiment",
  landmark: GCL,
  recognises: (weights) => has(weights, 'embedding.0.') && has(weights, 'decoder.'),
  read(weights) {
    const { hiddenFeatures, layers, edgeFeatures, attention } = layersOf(weights, 0);
    return {
      network: {
        kind: 'gnn',
        inputFeatures: sizesOf(weights, 'embedding.0.weight').inputs,
        outputFeatures: sizesOf(weights, 'decoder.2.weight').outputs,
        hiddenFeatures,
        layers,
        edgeFeatures,
        attention,
      },
      assumptions: [activation, residual],
      rename: (name, tensor) => [name, tensor],
    };
  },
};

export const radialFieldBaseline: Architecture = {
  name: 'radial-field',
  about: "the authors' RF_vel of the N-body experiment",
  landmark: /^(.*?)gcl_0\.phi\.0\.weight$/,
  recognises: (weights) => has(weights, 'gcl_0.phi.'),
  read(weights) {
    const first = sizesOf(weights, 'gcl_0.phi.0.weight');
    return {
      network: {
        kind: 'radial-field',
        hiddenFeatures: first.outputs,
        layers: countOf(weights, (k) => `gcl_${k}.`),
        edgeFeatures: first.inputs - 1,
      },
      assumptions: [{ ...activation, value: 'leakyRelu' }],
      rename: (name, tensor) => [name, tensor],
    };
  },
};

/** A single E_GCL, as in models/gcl.py. */
export const singleLayer: Architecture = {
  name: 'egcl',
  about: "one layer of the authors' (E_GCL)",
  landmark: /^(.*?)(?<!\d\.)edge_mlp\.0\.weight$/,
  recognises: (weights) => has(weights, 'edge_mlp.2.') && has(weights, 'node_mlp.2.'),
  read(weights) {
    const inLayer = new Map([...weights].map(([name, tensor]) => [`gcl_0.${name}`, tensor]));
    const layer = layersOf(inLayer, 1);
    return {
      network: {
        kind: 'egnn',
        ...layer,
        inputFeatures: layer.hiddenFeatures,
        embedding: false,
        updateCoordinates: has(weights, 'coord_mlp.'),
        velocity: has(weights, 'coord_mlp_vel.'),
      },
      assumptions: [
        activation,
        residual,
        ...coordinateOptions,
        {
          option: 'coordinateClamp',
          value: 100,
          why: 'a constant of models/gcl.py; that of egnn_clean has none',
        },
      ],
      rename: (name, tensor) => [`gcl_0.${name}`, tensor],
    };
  },
};
