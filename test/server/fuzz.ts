/**
 * @file Mutated requests against a running server: well-formed ones, changed in their bytes, their JSON, their type and
 * their address. By itself, `node test/server/fuzz.ts [--requests N] [--seed N]` sends 100,000.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { writeSdf, writeXyz } from '../../src/formats/index.ts';
import { asJson, graph, makeFolder, molecules, type Running, removeFolder, start } from './running-server.ts';

const TYPES = [
  'application/json',
  'application/json; charset=utf-8',
  'chemical/x-xyz',
  'chemical/x-mdl-sdfile',
  'chemical/x-pdb',
  'chemical/x-mmcif',
  'application/x-ndjson',
  'text/plain',
];
const two = molecules.slice(4, 6);
const jsonBodies: unknown[] = [
  { molecules: two.map(asJson) },
  { molecules: [{ xyz: writeXyz([two[0]]) }, { sdf: writeSdf([two[1]]) }] },
  { graphs: [graph, { ...graph, V: graph.C, A: [[1], [2], [3], [4]], selfLoops: true }] },
];
const textBodies = [writeXyz(two), writeSdf(two), `${JSON.stringify(graph)}\n`.repeat(3)];

const strange = fc.oneof(
  fc.constantFrom(
    null,
    true,
    '',
    [],
    {},
    -1,
    0.5,
    1e308,
    2 ** 31,
    2 ** 53,
    '__proto__',
    [[]],
    [[], []],
    [[[0]]],
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Puts strange values into a JSON value, takes parts out, or doubles them. */
function changed(value: unknown, path: readonly number[], replacement: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined || typeof value !== 'object' || value === null) return replacement;
  const entries = Object.entries(value);
  if (entries.length === 0) return replacement;
  const at = first % (entries.length + 1);
  if (at === entries.length) entries.push(['extra', replacement]);
  else if (rest.length === 0 && first % 3 === 0) entries.splice(at, 1);
  else entries[at][1] = changed(entries[at][1], rest, replacement);
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

const json = fc
  .tuple(fc.constantFrom(...jsonBodies), fc.array(fc.nat(60), { minLength: 1, maxLength: 6 }), strange)
  .map(([value, path, replacement]) => Buffer.from(JSON.stringify(changed(value, path, replacement))));
const bytes = fc
  .tuple(
    fc.constantFrom(...jsonBodies.map((value) => JSON.stringify(value)), ...textBodies),
    fc.array(fc.tuple(fc.nat(2_000), fc.nat(255), fc.nat(3)), { minLength: 1, maxLength: 8 }),
  )
  .map(([text, changes]) => {
    let body = [...Buffer.from(text)];
    for (const [place, byte, kind] of changes) {
      const at = place % (body.length + 1);
      if (kind === 0) body.splice(at, 1, byte);
      else if (kind === 1) body.splice(at, 0, byte);
      else if (kind === 2) body.splice(at, 1 + (byte >> 4));
      else body = [...body.slice(0, at), ...body.slice(byte), ...body.slice(0, byte)];
    }
    return Buffer.from(body);
  });

export const mutatedRequest = fc.record({
  path: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom('/v1/models/mu/predict', '/v1/models/points/predict') },
    { weight: 1, arbitrary: fc.webPath().map((path) => `/v1/models${path}`) },
  ),
  query: fc.oneof(
    { weight: 5, arbitrary: fc.constant('') },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '?forces=energy',
        '?forces=',
        '?forces=gap&forces=gap',
        '?__proto__=1',
        '?%',
      ),
    },
  ),
  type: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('application/json', 'chemical/x-xyz', 'application/x-ndjson') },
    { weight: 1, arbitrary: fc.constantFrom(...TYPES) },
  ),
  body: fc.oneof(json, json, bytes),
});
export type MutatedRequest = typeof mutatedRequest extends fc.Arbitrary<infer T> ? T : never;

/** What no answer may be or have. @throws Error naming the request */
export async function sendMutated(
  server: Running,
  { path, query, type, body }: MutatedRequest,
): Promise<number> {
  const response = await server.post(path + query, new Uint8Array(body), { 'content-type': type });
  const text = await response.text();
  const told = () => `${path}${query} ${type} ${body.toString('latin1')}: ${response.status} ${text}`;
  if (response.status >= 500 && response.status !== 503) throw new Error(`a status of 5xx; ${told()}`);
  // What a mutated request can get alone is no overload: 503 is something that broke.
  if (response.status === 503) throw new Error(`refused; ${told()}`);
  if (/node_modules|\.[jt]s:\d+|egnn-serve-/.test(text)) throw new Error(`gives something away; ${told()}`);
  const answer = JSON.parse(text);
  if (!answer.error && !answer.predictions) throw new Error(`neither predictions nor an error; ${told()}`);
  return response.status;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      requests: { type: 'string', default: '100000' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    },
  });
  const folder = await makeFolder();
  const server = await start(folder, ['mu', 'points', '--max-seconds', '20']);
  const statuses: Record<number, number> = {};
  const started = performance.now();
  try {
    const property = fc.asyncProperty(
      fc.array(mutatedRequest, { minLength: 16, maxLength: 16 }),
      async (requests) => {
        for (const status of await Promise.all(requests.map((request) => sendMutated(server, request))))
          statuses[status] = (statuses[status] ?? 0) + 1;
      },
    );
    await fc.assert(property, {
      numRuns: Math.ceil(Number(values.requests) / 16),
      seed: Number(values.seed),
    });
    const seconds = Math.round((performance.now() - started) / 1000);
    console.log(
      JSON.stringify({
        seed: Number(values.seed),
        seconds,
        statuses,
        ready: (await server.get('/ready')).status,
        ends: server.log.filter(({ level }) => Number(level) >= 40),
      }),
    );
  } finally {
    server.process.kill('SIGTERM');
    removeFolder(folder);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
