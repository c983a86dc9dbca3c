/**
 * @file What goes over the wire, as schemas: requests are checked against them, and the OpenAPI document is made of them.
 */
import { z } from 'zod';
import { MAX_SMILES_LENGTH } from '../formats/index.ts';
import type { JobKind } from '../predict/jobs.ts';
import { defaultLimits, type Limits } from './options.ts';

const name = z.string().max(256).optional().describe('given back with the prediction');
const finite = z.number();

const atomsItem = z
  .strictObject({
    name,
    numbers: z.array(z.int().min(1).max(118)).min(1).describe('[N], atomic numbers'),
    positions: z.array(z.array(finite).length(3)).min(1).describe('[N, 3], angstrom'),
  })
  .describe('atoms in space');
const smilesItem = z
  .strictObject({
    name,
    smiles: z.string().min(1).max(MAX_SMILES_LENGTH).regex(/^\S+$/, 'expected SMILES without spaces'),
  })
  .describe('SMILES, for which a conformer is made');
const text = z.string().min(1);
const xyzItem = z.strictObject({ name, xyz: text }).describe('one frame of xyz or extended xyz');
const sdfItem = z.strictObject({ name, sdf: text }).describe('one molfile or record of SDF');
const pdbItem = z.strictObject({ name, pdb: text }).describe('one model of PDB');
const mmcifItem = z.strictObject({ name, mmcif: text }).describe('one model of mmCIF');

/** One molecule of a request. */
const moleculeItem = z.union([atomsItem, smilesItem, xyzItem, sdfItem, pdbItem, mmcifItem]);
export type MoleculeItem = z.infer<typeof moleculeItem>;

const rows = z.array(z.array(finite));
const matrix = z.union([rows, z.array(finite)]).describe('rows of numbers, or all of them row after row');

/** One graph of a request, as a line of JSON that `egnn predict` reads. */
const graphItem = z.strictObject({
  name,
  X: matrix.describe('[N, F], features of the nodes'),
  C: matrix.describe('[N, n], coordinates'),
  E: z
    .array(z.array(z.int().min(0)))
    .length(2)
    .optional()
    .describe('[2, M], edges; all pairs if left out'),
  A: matrix.optional().describe('[M, a], attributes of the edges'),
  V: matrix.optional().describe('[N, n], velocities'),
  B: matrix.optional().describe('[N, b], attributes of the nodes'),
  selfLoops: z.boolean().optional().describe('without E: whether every node receives from itself too'),
  convention: z.enum(['source-to-target', 'target-to-source']).optional().describe('what the rows of E mean'),
});
export type GraphItem = z.infer<typeof graphItem>;

/** The body of a prediction request as JSON. */
export function requestSchema(kind: JobKind, { items }: Limits) {
  return kind === 'molecules'
    ? z.strictObject({ molecules: z.array(moleculeItem).min(1).max(items) })
    : z.strictObject({ graphs: z.array(graphItem).min(1).max(items) });
}

/** Made once for each kind: compiling a schema costs more than using it. */
export function requestSchemas(limits: Limits = defaultLimits) {
  return {
    molecules: requestSchema('molecules', limits),
    graphs: requestSchema('graphs', limits),
  } as const;
}

const common = {
  index: z.int().min(0).describe('place in the request, counted from 0'),
  name: z.string().optional(),
};
const failed = z
  .strictObject({ ...common, error: z.string().describe('why there is no prediction for this one') })
  .describe('one that could not be predicted');
const moleculePrediction = z
  .strictObject({
    ...common,
    atoms: z.int(),
    values: z.record(z.string(), z.number()).describe('by the names of the outputs'),
    forces: z
      .strictObject({ of: z.string(), unit: z.string().optional(), values: rows.describe('[N, 3]') })
      .optional()
      .describe('-d output / d position'),
  })
  .describe('properties of a molecule');
const graphPrediction = z
  .strictObject({
    ...common,
    nodes: z.int(),
    values: z
      .record(z.string(), z.number())
      .optional()
      .describe('by the names of the outputs; of a model with a readout'),
    h: rows.optional().describe('[N, F], features'),
    x: rows.describe('[N, n], coordinates'),
    v: rows.optional().describe('[N, n], velocities'),
  })
  .describe('features, coordinates and outputs of a graph');

/** The answer of a model of this kind. */
export function predictionsOf(kind: JobKind) {
  return z.strictObject({
    model: z.string(),
    units: z.record(z.string(), z.string()).describe('of the outputs that have one'),
    predictions: z
      .array(z.union([kind === 'molecules' ? moleculePrediction : graphPrediction, failed]))
      .describe('in the order of the request'),
  });
}

export const modelDescription = z.strictObject({
  name: z.string(),
  kind: z.enum(['molecules', 'graphs']).describe('what it predicts from'),
  parameters: z.int(),
  digest: z.string().describe('SHA-256 of configuration and weights'),
  elements: z.array(z.string()).optional().describe('of molecules, those that it knows'),
  inputFeatures: z.int().optional(),
  edgeFeatures: z.int().optional(),
  nodeAttributes: z.int().optional(),
  velocity: z.boolean().optional(),
  outputFeatures: z.int().optional().describe('numbers of h a node'),
  outputs: z
    .array(
      z.strictObject({ name: z.string(), unit: z.string().optional(), testError: z.number().optional() }),
    )
    .optional(),
});
export const modelList = z.strictObject({ models: z.array(modelDescription) });

export const problem = z.strictObject({
  error: z.strictObject({ code: z.string(), message: z.string() }),
});

export const health = z.strictObject({ status: z.enum(['ok', 'starting', 'busy', 'stopping']) });

/** @param outputs their names, at least one */
export function predictQuery(outputs: readonly string[]) {
  return z.strictObject({
    forces: z.enum(outputs).optional().describe('the output whose negative gradient is wanted'),
  });
}
