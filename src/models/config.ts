/**
 * @file The description of a network in one JSON document: what is built, what its inputs are made from, and what its
 * outputs mean. It stands as config.json beside the weights (model.safetensors), and is checked whole before anything
 * is built from it: it may come from a stranger.
 */
import * as z from 'zod/mini';
import { activations } from '../backends/backend.ts';
import { atomicNumberOf } from '../formats/molecules/elements.ts';
import type { EGNNConfig } from '../nn/egnn-config.ts';
import type { GNNConfig } from '../nn/gnn.ts';
import type { RadialFieldConfig } from '../nn/radial-field.ts';

/** Wider or deeper than any network here; what a file may ask for without asking for all memory. */
const WIDEST = 65536;
const DEEPEST = 1024;

/** Far more than a configuration has: of each value that is wrong an issue is kept, and the first few are told. */
const MOST_VALUES = 2 ** 15;
const TOLD_ISSUES = 8;
const TOLD_LENGTH = 400;

const width = z.int().check(z.gte(1), z.lte(WIDEST));
const count = z.int().check(z.gte(0), z.lte(WIDEST));
const depth = z.int().check(z.gte(1), z.lte(DEEPEST));
const positive = z.number().check(z.gt(0));
const aggregation = z.union([z.enum(['sum', 'mean']), positive]);
const flag = z.optional(z.boolean());
const seed = z.optional(z.int().check(z.gte(0)));
const activation = z.optional(z.enum(activations));

const normalization = z.strictObject({
  epsilon: z.number().check(z.gte(0)),
  constant: z.number().check(z.gte(0)),
  detached: z.boolean(),
});

const egnn = z.strictObject({
  kind: z.literal('egnn'),
  inputFeatures: width,
  outputFeatures: z.optional(z.union([z.literal('hidden'), count])),
  hiddenFeatures: z.optional(width),
  messageFeatures: z.optional(width),
  edgeHidden: z.optional(width),
  nodeHidden: z.optional(width),
  coordinateHidden: z.optional(width),
  layers: z.optional(depth),
  edgeFeatures: z.optional(count),
  embedding: flag,
  inputDistance: flag,
  fourierFeatures: z.optional(z.int().check(z.gte(0), z.lte(64))),
  nodeAttributes: z.optional(count),
  inputAttributes: flag,
  activation,
  attention: flag,
  normalize: z.optional(z.union([z.boolean(), normalization])),
  tanh: z.optional(z.union([z.boolean(), positive])),
  coordinateAggregation: z.optional(aggregation),
  updateCoordinates: flag,
  coordinateNetwork: z.optional(z.enum(['message', 'pair'])),
  coordinateEvery: z.optional(depth),
  coordinateBias: flag,
  coordinateScale: flag,
  coordinateWeight: z.optional(z.number()),
  coordinateClamp: z.optional(positive),
  messageAggregation: z.optional(aggregation),
  updateFeatures: flag,
  normalizeFeatures: flag,
  residual: flag,
  velocity: flag,
  readout: z.optional(z.strictObject({ outputs: width, pooling: z.optional(z.enum(['sum', 'mean'])) })),
  seed,
}) satisfies z.ZodMiniType<{ kind: 'egnn' } & EGNNConfig>;

const gnn = z.strictObject({
  kind: z.literal('gnn'),
  inputFeatures: width,
  outputFeatures: width,
  hiddenFeatures: z.optional(width),
  layers: z.optional(depth),
  edgeFeatures: z.optional(count),
  activation,
  attention: flag,
  residual: flag,
  seed,
}) satisfies z.ZodMiniType<{ kind: 'gnn' } & GNNConfig>;

const radialField = z.strictObject({
  kind: z.literal('radial-field'),
  hiddenFeatures: z.optional(width),
  layers: z.optional(depth),
  edgeFeatures: z.optional(count),
  activation,
  seed,
}) satisfies z.ZodMiniType<{ kind: 'radial-field' } & RadialFieldConfig>;

const linearDynamics = z.strictObject({ kind: z.literal('linear-dynamics') });

const element = z
  .string()
  .check(z.refine((symbol) => atomicNumberOf(symbol) !== undefined, { error: 'not a chemical element' }));

/** How the features of atoms are made: one column for each element, times each power of Z / maximumCharge. */
const atoms = z.strictObject({
  elements: z.array(element).check(z.minLength(1), z.maxLength(118)),
  /** [0] is the one-hot code of the element alone; the authors' QM9 models take [0, 1, 2]. */
  chargePowers: z.array(z.int().check(z.gte(0), z.lte(8))).check(z.minLength(1)),
  /** Divides Z before it is raised to a power. */
  maximumCharge: z.int().check(z.gte(1), z.lte(118)),
});

const output = z.strictObject({
  name: z.string().check(z.minLength(1)),
  unit: z.optional(z.string()),
  /** The prediction is mean + scale * (what the network gives). */
  mean: z.number(),
  scale: z.number(),
  /** Added for each atom of an element: the isolated atoms' energies. */
  atomReferences: z.optional(z.record(element, z.number())),
  /** Mean absolute error on a test set, in the same unit. */
  testError: z.optional(z.number()),
});

/** zod/mini has no words of its own. */
const inEnglish = z.locales.en().localeError;

const modelConfig = z.strictObject({
  format: z.literal('egnn-model'),
  version: z.literal(1),
  network: z.discriminatedUnion('kind', [egnn, gnn, radialField, linearDynamics]),
  /** The edges of a graph that comes without: all pairs, or all pairs and each node with itself. */
  edges: z.enum(['complete', 'complete-with-self']),
  atoms: z.optional(atoms),
  /** What the network's outputs a graph mean, in their order. */
  outputs: z.optional(z.array(output)),
  /** The network is a vector field on coordinates and features; see `vectorField`. */
  vectorField: z.optional(z.strictObject({ time: z.boolean(), context: count })),
  /** Where the weights come from, and what was assumed when they were imported. */
  source: z.optional(
    z.strictObject({ architecture: z.string(), file: z.optional(z.string()), assumed: z.array(z.string()) }),
  ),
});

export type ModelConfig = z.infer<typeof modelConfig>;
export type NetworkConfig = ModelConfig['network'];
export type AtomFeatures = z.infer<typeof atoms>;
export type OutputConfig = z.infer<typeof output>;

/**
 * @param json what a config.json holds, parsed
 * @throws RangeError naming every value that is missing, unknown or out of range
 */
export function checkModelConfig(json: unknown): ModelConfig {
  if (hasMoreValues(json, MOST_VALUES))
    throw new RangeError(`the model's configuration has more than ${MOST_VALUES} values`);
  const { success, data, error } = modelConfig.safeParse(json, { error: inEnglish });
  if (!success) throw new RangeError(`the model's configuration is not valid: ${told(error.issues)}`);
  const outputs = data.network.kind === 'egnn' ? data.network.readout?.outputs : undefined;
  if (data.outputs && data.outputs.length !== outputs)
    throw new RangeError(
      `the model's configuration names ${data.outputs.length} outputs; its network has ${outputs ?? 'no readout'}`,
    );
  const withReferences = data.outputs?.find(({ atomReferences }) => atomReferences);
  if (withReferences && !data.atoms)
    throw new RangeError(
      `the model's configuration has atomReferences of ${withReferences.name} without atoms, which say whose they are`,
    );
  const features = data.atoms && data.atoms.elements.length * data.atoms.chargePowers.length;
  if (features !== undefined && 'inputFeatures' in data.network && data.network.inputFeatures !== features)
    throw new RangeError(
      `the model's configuration makes ${features} features an atom; its network takes ${data.network.inputFeatures}`,
    );
  return data;
}

/** Without calling itself, so that depth costs no stack. */
function hasMoreValues(json: unknown, most: number): boolean {
  const waiting: unknown[] = [json];
  for (let count = 0; waiting.length > 0; count++) {
    if (count + waiting.length > most) return true;
    const value = waiting.pop();
    if (typeof value === 'object' && value !== null)
      for (const item of Object.values(value)) waiting.push(item);
  }
  return false;
}

function told(issues: readonly { path: PropertyKey[]; message: string }[]): string {
  const texts = issues.slice(0, TOLD_ISSUES).map(({ path, message }) => {
    const text = message.length > TOLD_LENGTH ? `${message.slice(0, TOLD_LENGTH)}...` : message;
    return `${path.join('.') || 'it'}: ${text}`;
  });
  const others = issues.length - texts.length;
  return texts.join('; ') + (others > 0 ? `; and ${others} more` : '');
}
