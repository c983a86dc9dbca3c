/**
 * @file From a request's body to molecules or graphs. Records are read by the readers of `egnn predict`; what disagrees
 * with the schema makes the whole request wrong, what agrees and is no molecule, or is too large, fails alone.
 */
import { setImmediate } from 'node:timers/promises';
import type { z } from 'zod';
import type { PlainGraph } from '../nn/plain-graph.ts';
import type { InputFormat } from '../predict/entries.ts';
import { graphInputs } from '../predict/graph-inputs.ts';
import type { JobKind } from '../predict/jobs.ts';
import { moleculeInputs } from '../predict/molecule-inputs.ts';
import type { Item, ReadItem, ReadJob, ReadResult } from './messages.ts';
import type { Limits } from './options.ts';
import { type GraphItem, type MoleculeItem, requestSchemas } from './schemas.ts';
import { edgesOf, nodesOf } from './work.ts';

export const JSON_TYPE = 'application/json';

/** Bodies that are files: their types, and the ending of the format that reads them. */
export const FILE_TYPES: Readonly<Record<JobKind, Readonly<Record<string, string>>>> = {
  molecules: {
    'chemical/x-xyz': '.xyz',
    'chemical/x-mdl-sdfile': '.sdf',
    'chemical/x-mdl-molfile': '.mol',
    'chemical/x-pdb': '.pdb',
    'chemical/x-mmcif': '.cif',
    'chemical/x-daylight-smiles': '.smi',
  },
  graphs: { 'application/x-ndjson': '.jsonl' },
};

/** Molecules as text in JSON: their keys, and the ending of the format that reads them. */
const TEXT_FORMS = { smiles: '.smi', xyz: '.xyz', sdf: '.sdf', pdb: '.pdb', mmcif: '.cif' };

/** Nobody gets to read this. */
const CANCELLED: ReadResult = { problem: 'cancelled' };

/** What may be read beside other work, a few tens of microseconds a kibibyte. */
const SMALL_BYTES = 16_384;

const formats: readonly InputFormat<Item>[] = [...moleculeInputs, ...graphInputs];

/** @throws RangeError for a type that this kind of model does not take */
export function formatOfType(type: string, kind: JobKind): InputFormat<Item> | undefined {
  if (type === JSON_TYPE) return undefined;
  const ending = FILE_TYPES[kind][type];
  if (ending === undefined)
    throw new RangeError(
      `a model of ${kind} takes ${[JSON_TYPE, ...Object.keys(FILE_TYPES[kind])].join(', ')}; got ${type}`,
    );
  return formats.find(({ extensions }) => extensions.includes(ending))!;
}

/**
 * A function that reads bodies; the schemas are made once. It stops between two records once its signal is aborted; without
 * a signal it gives undefined where reading would hold up whoever does it beside other work.
 */
export function requestReader(
  limits: Limits,
): (job: ReadJob, signal?: AbortSignal) => Promise<ReadResult | undefined> {
  const schemas = requestSchemas(limits);
  return async (job, signal) => {
    const isBeside = signal === undefined;
    const format = formatOfType(job.type, job.kind);
    if (isBeside && (job.bytes.length > SMALL_BYTES || format?.extensions.includes('.smi'))) return undefined;
    if (format) return readFile(format, job.bytes, limits, signal);
    const parsed = parseJson(job.bytes);
    if (parsed instanceof Error) return { problem: parsed.message };
    const checked = schemas[job.kind].safeParse(parsed.value);
    if (!checked.success) return { problem: describe(checked.error) };
    if ('graphs' in checked.data)
      return { items: checked.data.graphs.map((graph) => limited(readGraph(graph), limits)) };
    const { molecules } = checked.data;
    if (isBeside && molecules.some((molecule) => 'smiles' in molecule)) return undefined;
    const items: ReadItem[] = [];
    for (const molecule of molecules) {
      items.push(limited(await readMolecule(molecule), limits));
      if (await isCancelled(signal)) return CANCELLED;
    }
    return { items };
  };
}

function parseJson(bytes: Uint8Array): { value: unknown } | Error {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch (error) {
    return new Error(`the body is no JSON: ${(error as Error).message}`);
  }
}

/** Where and what, for the first few; of a union, the branch that the value comes closest to. */
function describe({ issues }: z.ZodError): string {
  const flat = issues.flatMap((issue) => closest(issue, []));
  const more = flat.length > 5 ? `; and ${flat.length - 5} more` : '';
  return flat.slice(0, 5).join('; ') + more;
}

function closest(issue: z.core.$ZodIssue, before: readonly PropertyKey[]): string[] {
  const path = [...before, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const strangers = (issues: readonly z.core.$ZodIssue[]) =>
      issues.reduce((sum, each) => sum + (each.code === 'unrecognized_keys' ? each.keys.length : 0), 0);
    const [best] = [...issue.errors].sort((a, b) => strangers(a) - strangers(b) || a.length - b.length);
    return best.flatMap((each) => closest(each, path));
  }
  return [`${path.length === 0 ? 'the body' : path.map(String).join('.')}: ${issue.message}`];
}

async function readFile(
  format: InputFormat<Item>,
  bytes: Uint8Array,
  limits: Limits,
  signal: AbortSignal | undefined,
): Promise<ReadResult> {
  const items: ReadItem[] = [];
  for await (const { name, item, error } of format.read(once(bytes), { where: 'the body', skip: 0 })) {
    if (items.length === limits.items)
      return { problem: `the body has more than ${limits.items} records, the most that are taken` };
    items.push(error ? { name, error: error.message } : limited({ name, item }, limits));
    if (await isCancelled(signal)) return CANCELLED;
  }
  return items.length > 0 ? { items } : { problem: 'the body has no record' };
}

/** Messages are heard between two turns of the event loop. */
async function isCancelled(signal: AbortSignal | undefined): Promise<boolean> {
  if (signal) await setImmediate();
  return signal?.aborted ?? false;
}

async function readMolecule(molecule: MoleculeItem): Promise<ReadItem> {
  const { name } = molecule;
  if ('numbers' in molecule) {
    const { numbers, positions } = molecule;
    if (numbers.length !== positions.length)
      return { name, error: `${numbers.length} atoms have ${positions.length} positions` };
    return {
      name,
      item: { numbers: Uint8Array.from(numbers), positions: Float64Array.from(positions.flat()) },
    };
  }
  for (const [key, ending] of Object.entries(TEXT_FORMS))
    if (key in molecule) {
      const read = await readOne(ending, key, (molecule as unknown as Record<string, string>)[key]);
      return name === undefined ? read : { ...read, name };
    }
  throw new Error('a form that the schema has and this function does not');
}

/** The only record of a text. */
async function readOne(ending: string, where: string, text: string): Promise<ReadItem> {
  const format = formats.find(({ extensions }) => extensions.includes(ending))!;
  const found: ReadItem[] = [];
  for await (const { name, item, error } of format.read(once(new TextEncoder().encode(text)), {
    where,
    skip: 0,
  })) {
    if (found.length === 1) return { error: `${where}: more than one record; give each its own place` };
    found.push(error ? { name, error: error.message } : { name, item });
  }
  return found[0] ?? { error: `${where}: no record` };
}

function readGraph({ name, ...graph }: GraphItem): ReadItem {
  return { name, item: graph as PlainGraph };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** What is beyond a limit becomes an error; of a molecule only atoms and places go on. */
function limited(read: ReadItem, limits: Limits): ReadItem {
  const { name, item } = read;
  if (!item) return read;
  const problem = 'numbers' in item ? tooManyAtoms(item.numbers.length, limits) : tooLargeGraph(item, limits);
  if (problem) return { name, error: problem };
  return 'numbers' in item ? { name, item: { numbers: item.numbers, positions: item.positions } } : read;
}

function tooManyAtoms(atoms: number, limits: Limits): string | undefined {
  if (atoms > limits.atoms) return `${atoms} atoms; at most ${limits.atoms} are taken`;
  return tooManyEdges(atoms * (atoms - 1), limits);
}

function tooLargeGraph(graph: PlainGraph, limits: Limits): string | undefined {
  const nodes = nodesOf(graph);
  if (nodes > limits.nodes) return `${nodes} nodes; at most ${limits.nodes} are taken`;
  return tooManyEdges(edgesOf(graph), limits);
}

function tooManyEdges(edges: number, limits: Limits): string | undefined {
  return edges > limits.edges ? `${edges} edges; at most ${limits.edges} are taken` : undefined;
}
