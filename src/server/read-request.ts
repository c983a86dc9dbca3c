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
  if ('smiles' in molecule) return withName(await readOne('.smi', 'smiles', molecule.smiles), name);
  if ('xyz' in molecule) return withName(await readOne('.xyz', 'xyz', molecule.xyz), name);
  return withName(await readOne('.sdf', 'sdf', molecule.sdf), name);
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

function withName(read: ReadItem, name: string | undefined): ReadItem {
  return name === undefined ? read : { ...read, name };
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
  return tooManyEdges(edgesOfItem(graph), limits);
}

/** Coordinates that are not in rows have at least one number a node. */
function nodesOf({ X, C }: PlainGraph): number {
  return typeof C[0] === 'number' && typeof X[0] !== 'number' ? X.length : C.length;
}

/** Rows of different lengths are an error later. */
function edgesOf(E: NonNullable<PlainGraph['E']>): number {
  const rows = E as ArrayLike<number | ArrayLike<number>>;
  if (typeof rows[0] === 'number') return rows.length / 2;
  let longest = 0;
  for (let row = 0; row < rows.length; row++)
    longest = Math.max(longest, (rows[row] as ArrayLike<number>).length);
  return longest;
}

function tooManyEdges(edges: number, limits: Limits): string | undefined {
  return edges > limits.edges ? `${edges} edges; at most ${limits.edges} are taken` : undefined;
}

/** The work of an item, in edges. */
export function edgesOfItem(item: Item): number {
  if ('numbers' in item) return item.numbers.length ** 2;
  return item.E === undefined ? nodesOf(item) ** 2 : edgesOf(item.E);
}
