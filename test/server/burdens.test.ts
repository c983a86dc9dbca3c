// What one client can do to others: much work, long answers that nobody takes, processes that end, leaving at bad moments.
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/server/app.ts';
import type { ModelDescription } from '../../src/server/messages.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import { defaultLimits } from '../../src/server/options.ts';
import {
  asJson,
  isBuilt,
  makeFolder,
  moleculeModel,
  molecules,
  type Running,
  removeFolder,
  start,
  writeModel,
} from './running-server.ts';

const MU = '/v1/models/mu/predict';
const POINTS = '/v1/models/points/predict';
const one = JSON.stringify({ molecules: [asJson(molecules[3])] });

/** One molecule of many atoms, some of the most that is taken. */
const heavy = (count: number, atoms: number) => {
  const positions = Array.from({ length: atoms }, (_, k) => [k % 8, (k >> 3) % 8, k >> 6]);
  return JSON.stringify({ molecules: Array(count).fill({ numbers: Array(atoms).fill(6), positions }) });
};

it('holds no more answers than it may for clients that do not take them, and lets go of those clients', async () => {
  // Answers of 9 MB, of which the system itself takes four.
  const model: ModelDescription = {
    name: 'wide',
    kind: 'graphs',
    parameters: 1,
    digest: '',
    outputFeatures: 400_000,
  };
  const json = JSON.stringify({ x: 'x'.repeat(9e6) });
  const item = { X: [[0]], C: [[0]], E: [[], []] };
  const state = { requests: () => 0, items: () => 0, isReady: () => true, connections: async () => 0 };
  const app = await createApp(
    {
      models: [],
      host: '127.0.0.1',
      port: 0,
      allowedHosts: [],
      keys: {},
      limits: { ...defaultLimits, totalBytes: 20e6, seconds: 2 },
      engine: {},
      computeScript: new URL('file:///none'),
      logLevel: 'silent',
    },
    {
      keys: [],
      metrics: createMetrics(state),
      logger: pino({ level: 'silent' }),
      version: '0',
      reading: { read: async () => ({ items: [{ item }] }), stop() {} },
      computing: {
        models: [model],
        backend: '',
        isReady: true,
        isBroken: false,
        waiting: 0,
        predict: async () => [{ json }],
        reload: async () => {},
        stop() {},
      },
    },
  );
  const address = await app.fastify.listen({ host: '127.0.0.1', port: 0 });
  const { port } = new URL(address);
  const ask = async () => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${address}/v1/models/wide/predict`, {
      method: 'POST',
      body: '{}',
      headers,
    });
    await response.arrayBuffer();
    return response.status;
  };
  const heldUp = Array.from({ length: 2 }, () => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      'POST /v1/models/wide/predict HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}',
    );
    return socket.pause();
  });
  let status = 200;
  while (status === 200) status = await ask();
  expect(status).toBe(503);
  // No place is held: it is the memory that is.
  expect(app.requests).toBe(0);
  // They are cut off, and others are answered.
  while (status === 503) status = await ask();
  expect(status).toBe(200);
  for (const socket of heldUp) socket.destroy();
  await app.fastify.close();
});

describe.skipIf(!isBuilt)('egnn serve (skipped when dist/ is not built)', () => {
  let folder: string;
  let server: Running;
  beforeAll(async () => {
    folder = await makeFolder();
  });
  afterEach(() => void server?.process.kill('SIGKILL'));
  afterAll(() => removeFolder(folder));

  const metric = async (name: string) => {
    const text = await (await server.get('/metrics')).text();
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1] ?? 0,
    );
  };
  const post = (path: string, body: string, agent: Agent) =>
    new Promise<number>((resolve, reject) => {
      const sent = request(
        server.address + path,
        { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
        (response) => {
          response.resume();
          response.once('end', () => resolve(response.statusCode!));
        },
      );
      sent.once('error', reject);
      sent.end(body);
    });

  it('a request of much work does not hold up those of little', async () => {
    server = await start(folder, ['mu']);
    const order: string[] = [];
    const long = server.post(MU, heavy(24, 400)).then(() => order.push('long'));
    // It is being read and computed.
    while ((await metric('egnn_items_waiting')) === 0 && order.length === 0);
    for (let k = 0; k < 3; k++) {
      expect((await server.post(MU, one)).status).toBe(200);
      order.push('short');
    }
    await long;
    expect(order).toEqual(['short', 'short', 'short', 'long']);
  });

  it('SMILES of another request are read in turn', async () => {
    server = await start(folder, ['mu']);
    const order: string[] = [];
    const many = JSON.stringify({ molecules: Array(400).fill({ smiles: 'CCCCCCCC' }) });
    const long = server.post(MU, many).then(() => order.push('long'));
    while ((await metric('egnn_requests_in_progress')) === 0);
    const short = await server.post(MU, JSON.stringify({ molecules: [{ smiles: 'CO' }] }));
    expect(short.status).toBe(200);
    order.push('short');
    await long;
    expect(order).toEqual(['short', 'long']);
  });

  it('refuses more work and longer answers than it would give, before it begins', async () => {
    server = await start(folder, [
      'mu',
      'points',
      '--max-request-edges',
      '100',
      '--max-answer-bytes',
      '9999',
    ]);
    const work = await server.post(MU, heavy(3, 6));
    expect([work.status, (await work.json()).error]).toEqual([
      413,
      {
        code: 'too_much',
        message: '108 edges in all; at most 100 a request: ask for fewer molecules at a time',
      },
    ]);
    expect((await server.post(MU, heavy(2, 6))).status).toBe(200);
    const graphs = [{ X: Array(200).fill([0, 0]), C: Array(200).fill([0, 0, 0]), E: [[], []] }];
    const answer = await server.post(POINTS, JSON.stringify({ graphs }));
    expect([answer.status, (await answer.json()).error.message]).toEqual([
      413,
      'an answer of up to 28800 bytes; at most 9999 a request: ask for fewer graphs at a time',
    ]);
    graphs[0].X.length = graphs[0].C.length = 60;
    expect((await server.post(POINTS, JSON.stringify({ graphs }))).status).toBe(200);
  });

  it('counts and logs those who left before their answer', async () => {
    server = await start(folder, ['mu']);
    const controller = new AbortController();
    const { signal } = controller;
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ molecules: Array(1000).fill({ smiles: 'CCCCCC' }) });
    const left = fetch(server.address + MU, { method: 'POST', body, headers, signal }).catch(() => {});
    while ((await metric('egnn_requests_in_progress')) === 0);
    controller.abort();
    await left;
    while (!server.log.some(({ status }) => status === 499)) await new Promise(setImmediate);
    expect(await metric('egnn_refusals_total{code="gone"}')).toBe(1);
    expect(
      await metric(
        'egnn_http_request_seconds_count{route="/v1/models/mu/predict",method="POST",status="499"}',
      ),
    ).toBe(1);
  });

  it('says in the log which key, how many items, and why not', async () => {
    const key = '0123456789abcdef';
    server = await start(folder, ['mu'], { EGNN_API_KEYS: `another-key-of-the-two,${key}` });
    const authorization = `Bearer ${key}`;
    const headers = { authorization, 'content-type': 'application/json' };
    const body = JSON.stringify({
      molecules: [asJson(molecules[3]), { numbers: [82], positions: [[0, 0, 0]] }],
    });
    await server.post(MU, body, headers);
    await server.post(MU, '{', headers);
    const lines = () => server.log.filter(({ msg }) => msg === 'request');
    while (lines().length < 2) await new Promise(setImmediate);
    expect(lines()[0]).toMatchObject({ status: 200, key: 2, predicted: 1, failed: 1 });
    expect(lines()[1]).toMatchObject({ status: 400, key: 2, code: 'invalid_request' });
  });

  it('is stopped without breaking the connections of clients that keep asking', async () => {
    server = await start(folder, ['mu']);
    const agent = new Agent({ keepAlive: true });
    const statuses: number[] = [];
    let isOver = false;
    const clients = Array.from({ length: 8 }, async () => {
      while (!isOver) {
        const status = await post(MU, one, agent);
        statuses.push(status);
        if (status === 503) return;
      }
    });
    while (statuses.length < 50) await new Promise(setImmediate);
    const code = server.stop();
    // A client whose connection breaks rejects.
    await Promise.all(clients);
    isOver = true;
    expect(await code).toBe(0);
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    agent.destroy();
  });

  it('goes on with the models that it has read, whatever has become of their files', async () => {
    await writeModel(join(folder, 'kept'), moleculeModel, 5);
    server = await start(folder, ['kept']);
    const energy = async () => {
      const response = await server.post('/v1/models/kept/predict', one);
      return response.status === 200 ? (await response.json()).predictions[0].values.energy : response.status;
    };
    const before = await energy();
    rmSync(join(folder, 'kept'), { recursive: true });
    const since = server.log.length;
    const ready = server.log.findLast(({ msg }) => msg === 'ready to compute')!;
    process.kill(Number(ready.processId), 'SIGKILL');
    await server.logged('ready to compute', since);
    expect(await energy()).toBe(before);
  });

  it('does not read anew a model that takes or gives something else', async () => {
    await writeModel(join(folder, 'changed'), moleculeModel, 5);
    server = await start(folder, ['changed']);
    const [energy, gap] = moleculeModel.outputs!;
    const outputs = [energy, { ...gap, name: 'band gap' }];
    await writeModel(join(folder, 'changed'), { ...moleculeModel, outputs }, 5);
    server.process.kill('SIGHUP');
    const { err } = await server.logged('the models could not be read anew; those there were stay');
    expect((err as Error).message).toBe(
      'model changed takes or gives something else than before; start the server anew for that',
    );
    const digest = async () => (await (await server.get('/v1/models/changed')).json()).digest;
    const before = await digest();
    await writeModel(join(folder, 'changed'), moleculeModel, 6);
    server.process.kill('SIGHUP');
    await server.logged('models read anew');
    expect(await digest()).not.toBe(before);
  });

  it('many signals to read anew are few readings', async () => {
    server = await start(folder, ['mu']);
    for (let k = 0; k < 20; k++) {
      server.process.kill('SIGHUP');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const readings = () => server.log.filter(({ msg }) => msg === 'ready to compute').length;
    while ((await metric('egnn_reloads_total{result="done"}')) < 15) await new Promise(setImmediate);
    expect(readings()).toBeLessThan(8);
  });

  it('malformed requests are counted', async () => {
    server = await start(folder, ['mu']);
    const { hostname, port } = new URL(server.address);
    for (const [text, status] of [
      ['NONSENSE\r\n\r\n', 400],
      [`GET /health HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ] as const) {
      const socket = connect(Number(port), hostname);
      socket.write(text);
      const [answer] = await once(socket, 'data');
      expect(String(answer)).toMatch(`HTTP/1.1 ${status} `);
      socket.destroy();
    }
    expect(await metric('egnn_refusals_total{code="malformed"}')).toBe(1);
    expect(await metric('egnn_refusals_total{code="long_headers"}')).toBe(1);
  });
});
