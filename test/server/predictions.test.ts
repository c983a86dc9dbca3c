// The answers of `egnn serve`: those of `egnn predict`, bit for bit; what is wrong fails alone; limits hold.
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeXyz } from '../../src/formats/index.ts';
import {
  asJson,
  graph,
  isBuilt,
  makeFolder,
  molecules,
  predict,
  type Running,
  removeFolder,
  start,
} from './running-server.ts';

const MU = '/v1/models/mu/predict';
const POINTS = '/v1/models/points/predict';
const RINGS = '/v1/models/rings/predict';

/** A body without a length that goes on until the server has had enough: it answers 413 and closes the connection. */
function sendForever(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    const sending = request(address, { method: 'POST', headers }, (response) => {
      expect(response.statusCode).toBe(413);
      resolve();
      sending.destroy();
    });
    // Who is still sending may not get to read the answer.
    sending.on('error', ({ code }: NodeJS.ErrnoException) =>
      ['EPIPE', 'ECONNRESET'].includes(code!) ? resolve() : reject(code),
    );
    const send = () => {
      while (!sending.destroyed && sending.write(' '.repeat(10_000)));
    };
    sending.on('drain', send);
    send();
  });
}

describe.skipIf(!isBuilt)('egnn serve (skipped when dist/ is not built)', () => {
  let folder: string;
  let server: Running;
  beforeAll(async () => {
    folder = await makeFolder();
    server = await start(folder, [
      'mu',
      'points',
      'rings',
      ...['--max-items', '50', '--max-atoms', '24', '--max-nodes', '5', '--max-edges', '560'],
      ...['--max-body-bytes', '60000'],
    ]);
  });
  afterAll(async () => {
    await server?.stop();
    removeFolder(folder);
  });

  /** What both ways of predicting say of a record. */
  const essence = ({ name, atoms, values, forces, nodes, h, x, v }: Record<string, unknown>) => ({
    name,
    atoms,
    values,
    forces,
    nodes,
    h,
    x,
    v,
  });

  it.each([
    ['molecules.xyz', 'chemical/x-xyz'],
    ['molecules.sdf', 'chemical/x-mdl-sdfile'],
    ['molecules.smi', 'chemical/x-daylight-smiles'],
  ])('predicts %s as egnn predict does, bit for bit', async (file, type) => {
    const body = readFileSync(join(folder, file));
    const response = await server.post(`${MU}?forces=energy`, body, { 'content-type': type });
    expect(response.status).toBe(200);
    const { units, predictions } = await response.json();
    expect(units).toEqual({ energy: 'eV' });
    const expected = predict(folder, 'mu', file, '--forces', 'energy');
    const good = predictions.filter(({ error }: { error?: string }) => error === undefined);
    expect(good.map(essence)).toEqual(expected.map(essence));
    expect(good).toHaveLength(file.endsWith('.smi') ? 3 : molecules.length);
  });

  it('gives every molecule alone, as JSON, xyz or SDF, the bits that it has in a file', async () => {
    const expected = predict(folder, 'mu', 'molecules.xyz').map(essence);
    const found = await Promise.all(
      molecules.map(async (molecule, k) => {
        const item = k % 2 === 0 ? asJson(molecule) : { name: molecule.name, xyz: writeXyz([molecule]) };
        const response = await server.post(MU, JSON.stringify({ molecules: [item] }));
        return essence((await response.json()).predictions[0]);
      }),
    );
    expect(found).toEqual(expected);
  });

  it('takes a molecule of PDB or mmCIF as a text in JSON', async () => {
    const [x, y] = ['   0.000   0.000   0.117', '   0.000   0.757  -0.470'];
    const pdb = [
      `HETATM    1  O   HOH A   1    ${x}  1.00  0.00           O  `,
      `HETATM    2  H1  HOH A   1    ${y}  1.00  0.00           H  `,
      'END',
    ].join('\n');
    const columns = ['group_PDB', 'id', 'type_symbol', 'Cartn_x', 'Cartn_y', 'Cartn_z'];
    const mmcif = [
      'data_water',
      'loop_',
      ...columns.map((column) => `_atom_site.${column}`),
      `HETATM 1 O ${x}`,
      `HETATM 2 H ${y}`,
    ].join('\n');
    const numbers = { numbers: [8, 1], positions: [x, y].map((row) => row.trim().split(/ +/).map(Number)) };
    const response = await server.post(MU, JSON.stringify({ molecules: [numbers, { pdb }, { mmcif }] }));
    const { predictions } = await response.json();
    for (const prediction of predictions)
      expect({ ...prediction, index: 0, name: undefined }).toEqual(predictions[0]);
    expect(predictions[0].atoms).toBe(2);
  });

  it('predicts graphs as egnn predict does, from JSON and from lines of JSON', async () => {
    const expected = predict(folder, 'points', 'graphs.jsonl').map(essence);
    const lines = readFileSync(join(folder, 'graphs.jsonl'));
    const first = await server.post(POINTS, lines, { 'content-type': 'application/x-ndjson' });
    expect((await first.json()).predictions.map(essence)).toEqual(expected);
    const second = await server.post(POINTS, JSON.stringify({ graphs: [graph, { X: [1, 2], C: [3, 4] }] }));
    expect((await second.json()).predictions.map(essence)).toEqual(expected);
  });

  it('predicts the numbers of graphs as egnn predict does, bit for bit, with their units', async () => {
    const expected = predict(folder, 'rings', 'graphs.jsonl').map(essence);
    const lines = readFileSync(join(folder, 'graphs.jsonl'));
    const answer = await (await server.post(RINGS, lines, { 'content-type': 'application/x-ndjson' })).json();
    expect(answer.units).toEqual({ energy: 'eV' });
    expect(answer.predictions.map(essence)).toEqual(expected);
    expect(Object.keys(answer.predictions[0].values)).toEqual(['energy', 'strain']);
    // The network's numbers are small, so that the mean is in the energy.
    expect(Math.abs(answer.predictions[0].values.energy + 3)).toBeLessThan(2.5);
    const { outputs, kind } = await (await server.get('/v1/models/rings')).json();
    expect([kind, outputs]).toEqual(['graphs', [{ name: 'energy', unit: 'eV' }, { name: 'strain' }]]);
    expect((await server.post(`${RINGS}?forces=energy`, lines)).status).toBe(400);
  });

  it('lets what is wrong fail alone, with its index', async () => {
    const [good] = molecules.slice(5).map(asJson);
    const items = [
      good,
      { name: 'lead', numbers: [82], positions: [[0, 0, 0]] },
      { xyz: 'three\n\nO 0 0 0\n' },
      good,
      { smiles: 'C1CC' },
      { numbers: [1, 1], positions: [[0, 0, 0]] },
      {
        numbers: [1, 1],
        positions: [
          [1e300, 0, 0],
          [-1e300, 0, 0],
        ],
      },
      { numbers: Array(25).fill(1), positions: Array.from({ length: 25 }, (_, k) => [k, 0, 0]) },
      { xyz: writeXyz(molecules.slice(0, 2)) },
    ];
    const response = await server.post(MU, JSON.stringify({ molecules: items }));
    expect(response.status).toBe(200);
    const { predictions } = await response.json();
    expect(predictions.map(({ index }: { index: number }) => index)).toEqual([...items.keys()]);
    expect(predictions[0].values).toEqual(predictions[3].values);
    const errors = predictions.map(({ error }: { error?: string }) => error);
    expect(errors[0]).toBeUndefined();
    expect(errors[1]).toBe('atom 1 is Pb; the model knows H, C, N, O');
    expect(predictions[1].name).toBe('lead');
    expect(errors[2]).toMatch(/^xyz, line 1: /);
    expect(errors[4]).toMatch(/^smiles, line 1: /);
    expect(errors[5]).toBe('2 atoms have 1 positions');
    expect(errors[6]).toMatch(/is (NaN|-?Infinity)|finite/);
    expect(errors[7]).toBe('25 atoms; at most 24 are taken');
    expect(errors[8]).toMatch('more than one record');
  });

  it('says 422 if all fail, with the same body', async () => {
    const response = await server.post(POINTS, JSON.stringify({ graphs: [{ X: [[1, 2]], C: [[1], [2]] }] }));
    expect(response.status).toBe(422);
    const { predictions } = await response.json();
    expect(predictions).toEqual([{ index: 0, error: expect.stringMatching(/C/) }]);
  });

  it.each([
    ['no JSON', '{"molecules": [', 'the body is no JSON'],
    ['another kind', JSON.stringify({ graphs: [graph] }), 'molecules'],
    ['nothing', JSON.stringify({ molecules: [] }), 'molecules: Too small'],
    ['too many', JSON.stringify({ molecules: Array(51).fill({ smiles: 'C' }) }), 'molecules: Too big'],
    [
      'a wrong type',
      JSON.stringify({ molecules: [{ smiles: 'C' }, { numbers: ['C'], positions: [[0, 0, 0]] }] }),
      'molecules.1.numbers.0: Invalid input: expected number',
    ],
    ['an unknown key', JSON.stringify({ molecules: [{ smile: 'C' }] }), 'molecules.0'],
  ])('refuses %s with 400 and the place', async (_, body, message) => {
    const response = await server.post(MU, body);
    expect(response.status).toBe(400);
    expect((await response.json()).error.message).toContain(message);
  });

  it('holds its limits', async () => {
    const refusal = async (response: Response) => [response.status, (await response.json()).error.code];
    expect(await refusal(await server.post(MU, 'x'.repeat(60_001)))).toEqual([413, 'too_large']);
    await sendForever(server.address + MU);

    const errorOf = async (graph: object) =>
      (await (await server.post(POINTS, JSON.stringify({ graphs: [graph] }))).json()).predictions[0].error;
    const rows = (count: number, width: number) => Array(count).fill(Array(width).fill(0));
    expect(await errorOf({ X: rows(6, 2), C: rows(6, 3) })).toBe('6 nodes; at most 5 are taken');
    const many = { X: rows(5, 2), C: rows(5, 3), E: [Array(600).fill(0), Array(600).fill(1)] };
    expect(await errorOf(many)).toBe('600 edges; at most 560 are taken');
    const lines = `${JSON.stringify(graph)}\n`.repeat(51);
    const tooMany = await server.post(POINTS, lines, { 'content-type': 'application/x-ndjson' });
    expect((await tooMany.json()).error.message).toBe(
      'the body has more than 50 records, the most that are taken',
    );
  });

  it('answers what it cannot do with 4xx', async () => {
    const body = JSON.stringify({ molecules: [{ smiles: 'C' }] });
    const status = async (response: Promise<Response>) => (await response).status;
    expect(await status(server.post('/v1/models/other/predict', body))).toBe(404);
    expect(await status(server.post('/elsewhere', body))).toBe(404);
    expect(await status(server.get(MU))).toBe(405);
    const message = async (response: Promise<Response>) => (await (await response).json()).error.message;
    expect(await message(server.get(MU))).toBe('only POST is answered here');
    expect(await message(server.post('/ready', body))).toBe('only GET and HEAD are answered here');
    expect(await status(server.post(MU, body, { 'content-type': 'text/plain' }))).toBe(415);
    expect(await status(server.post(MU, body, { 'content-type': 'application/x-ndjson' }))).toBe(415);
    const compressed = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect(await status(server.post(MU, body, compressed))).toBe(415);
    expect(await status(server.post(`${MU}?forces=mass`, body))).toBe(400);
    expect(await status(server.post(`${MU}?force=energy`, body))).toBe(400);
    expect(await status(server.post(MU, ''))).toBe(400);
  });

  it.each(['%zz', 'a'.repeat(300)])(
    'answers addresses that fastify refuses like all others: %s',
    async (name) => {
      const response = await server.get(`/v1/models/${name}`);
      expect(response.status).toBe(404);
      expect((await response.json()).error.code).toBe('not_found');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    },
  );

  it('compresses long answers for those who take it', async () => {
    const body = readFileSync(join(folder, 'molecules.xyz'));
    const type = { 'content-type': 'chemical/x-xyz' };
    const packed = await server.post(MU, body, { ...type, 'accept-encoding': 'gzip' });
    const plain = await server.post(MU, body, { ...type, 'accept-encoding': 'identity' });
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await packed.json()).toEqual(await plain.json());
  });

  it('counts what it does', async () => {
    const text = await (await server.get('/metrics')).text();
    expect(text).toMatch(/^egnn_items_total\{model="mu",result="predicted"\} [1-9]/m);
    expect(text).toMatch(/^egnn_items_total\{model="mu",result="failed"\} [1-9]/m);
    expect(text).toMatch(/^egnn_refusals_total\{code="too_large"\} 2$/m);
    expect(text).toMatch(/^egnn_requests_in_progress 0$/m);
    expect(text).toMatch(/^egnn_http_request_seconds_bucket\{.*route="\/v1\/models\/mu\/predict"/m);
  });
});
