/**
 * @file From a checkpoint's weights to a model of ours. Names and shapes say which architecture it is and most of its
 * options. What they cannot say is assumed to be as in the original code, and said.
 */
import type { StateDict, StateEntry } from '../../nn/state-dict.ts';
import { checkModelConfig, type ModelConfig } from '../config.ts';
import type { Architecture, Assumption } from './architecture.ts';
import {
  egnnClean,
  gnnBaseline,
  qm9Egnn,
  radialFieldBaseline,
  singleLayer,
  velocityEgnn,
} from './authors.ts';
import { edm, normalizingFlow } from './diffusion.ts';
import { fourierColumns, lucidrains } from './lucidrains.ts';
import { below, type Weights } from './weights.ts';

export type { Architecture, Assumption, ReadArchitecture } from './architecture.ts';
export type { Weights, WeightTensor } from './weights.ts';

/** Those that say more of themselves come first. */
export const architectures: readonly Architecture[] = [
  edm,
  lucidrains,
  qm9Egnn,
  velocityEgnn,
  egnnClean,
  gnnBaseline,
  normalizingFlow,
  radialFieldBaseline,
  singleLayer,
];

/** Networks in one file among which the weights are searched. */
const MOST_PREFIXES = 64;

export interface ImportOptions {
  /** The architecture's name; found from the weights if left out. */
  readonly architecture?: string;
  /** What all names of the network's weights start with; found if left out. */
  readonly prefix?: string;
  /** Options of the network, `edges` and `vectorField`, which take the place of what is assumed or read. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** The arguments that the original was trained with, by their names; see `trainingArguments`. */
  readonly trained?: Readonly<Record<string, unknown>>;
  /** Parts of the configuration that describe inputs and outputs. */
  readonly describe?: Pick<ModelConfig, 'atoms' | 'outputs'>;
  /** The file's name, to be remembered. */
  readonly file?: string;
}

export interface Imported {
  readonly config: ModelConfig;
  readonly state: StateDict;
  readonly architecture: string;
  readonly prefix: string;
  /** Assumptions that nobody has confirmed or replaced. */
  readonly assumed: readonly Assumption[];
  /** Weights that the network has no place for. */
  readonly unused: readonly string[];
}

/** @throws Error saying what could not be recognised, or which weight or option does not fit */
export function importWeights(weights: Weights, options: ImportOptions = {}): Imported {
  const { architecture, prefix } = recognise(weights, options);
  const own = below(weights, prefix);
  const read = architecture.read(own, prefix);
  const layers = 'layers' in read.network ? (read.network.layers ?? 1) : 1;
  const given = { ...architecture.fromArguments?.(options.trained ?? {}, layers), ...options.options };
  const assumed = read.assumptions.filter(({ option }) => !(option in given));
  const all = {
    edges: 'complete',
    vectorField: read.vectorField,
    ...read.network,
    ...Object.fromEntries(read.assumptions.map(({ option, value }) => [option, value])),
    ...fourierSplit(read.network, given),
  };
  const { edges, vectorField, ...network } = all as Record<string, unknown>;
  const config = checkModelConfig(
    withoutUndefined({
      format: 'egnn-model',
      version: 1,
      network: withoutUndefined(network),
      edges,
      vectorField,
      ...options.describe,
      source: withoutUndefined({
        architecture: architecture.name,
        file: options.file,
        assumed: assumed.map(({ option, value, why }) => `${option} = ${JSON.stringify(value)}: ${why}`),
      }),
    }),
  );
  const { state, unused } = renamed(own, read.rename, config);
  const outside = [...weights.keys()].filter((name) => !name.startsWith(prefix));
  return {
    state,
    unused: [...outside, ...unused.map((name) => prefix + name)],
    config,
    architecture: architecture.name,
    prefix,
    assumed,
  };
}

/** Fourier features take their columns from what looks like edge attributes. */
function fourierSplit(network: ModelConfig['network'], given: Readonly<Record<string, unknown>>) {
  const count = given.fourierFeatures;
  if (typeof count !== 'number' || 'edgeFeatures' in given || !('edgeFeatures' in network)) return given;
  return { ...given, edgeFeatures: (network.edgeFeatures ?? 0) - 2 * count };
}

function renamed(own: Weights, rename: ReturnType<Architecture['read']>['rename'], { network }: ModelConfig) {
  const state = new Map<string, StateEntry>();
  const unused: string[] = [];
  for (const [name, tensor] of own) {
    const found = rename(name, tensor);
    if (!found) unused.push(name);
    else {
      const [to, values] = found;
      const fourier = network.kind === 'egnn' ? (network.fourierFeatures ?? 0) : 0;
      const ofPair = fourier > 0 && /\.edge_mlp\.0\.weight$/.test(to);
      state.set(
        to,
        ofPair
          ? fourierColumns(values, (network as { hiddenFeatures: number }).hiddenFeatures, fourier)
          : values,
      );
    }
  }
  return { state: Object.fromEntries(state) as StateDict, unused };
}

function recognise(weights: Weights, options: ImportOptions): { architecture: Architecture; prefix: string } {
  const candidates = options.architecture
    ? architectures.filter(({ name }) => name === options.architecture)
    : architectures;
  if (candidates.length === 0)
    throw new Error(
      `no architecture is called ${options.architecture}; there are ${architectures.map(({ name }) => name).join(', ')}`,
    );
  const found = candidates.flatMap((architecture) =>
    prefixesOf(weights, architecture, options.prefix)
      .filter(
        (prefix) => options.architecture !== undefined || architecture.recognises(below(weights, prefix)),
      )
      .map((prefix) => ({ architecture, prefix })),
  );
  if (found.length === 0) throw new Error(unrecognised(weights, options));
  const [first] = found;
  const prefixes = [
    ...new Set(
      found.filter(({ architecture }) => architecture === first.architecture).map(({ prefix }) => prefix),
    ),
  ];
  if (prefixes.length > 1)
    throw new Error(
      `there are ${prefixes.length} networks here, below ${prefixes.map((p) => `'${p}'`).join(', ')}; say which prefix`,
    );
  return first;
}

/** @throws Error if there are so many that trying each would take long */
function prefixesOf(
  weights: Weights,
  { name, landmark }: Architecture,
  wanted: string | undefined,
): string[] {
  const prefixes = new Set<string>();
  for (const weight of weights.keys()) {
    const prefix = landmark.exec(weight)?.[1];
    if (prefix === undefined || (wanted !== undefined && prefix !== wanted)) continue;
    prefixes.add(prefix);
    if (prefixes.size > MOST_PREFIXES)
      throw new Error(`there are more than ${MOST_PREFIXES} networks like ${name} here; say which prefix`);
  }
  return [...prefixes];
}

function unrecognised(weights: Weights, { architecture, prefix }: ImportOptions): string {
  const names = [...weights.keys()];
  const some = names.slice(0, 6).join(', ') + (names.length > 6 ? `, ... (${names.length} in all)` : '');
  const wanted = architecture ? `these are not weights of ${architecture}` : 'no EGNN that is known here';
  return `${wanted}${prefix === undefined ? '' : ` below '${prefix}'`}: ${some || 'there are no weights'}. Known: ${architectures.map(({ name, about }) => `${name} (${about})`).join(', ')}`;
}

function withoutUndefined<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

/**
 * The arguments in a pickled `argparse.Namespace` (or a dictionary), which lies beside many checkpoints as args.pickle.
 * @throws TypeError if the value is neither
 */
export function trainingArguments(value: unknown): Record<string, unknown> {
  if (!(value instanceof Map)) throw new TypeError('expected a pickled argparse.Namespace or dictionary');
  return Object.fromEntries([...value].filter(([name]) => typeof name === 'string'));
}
