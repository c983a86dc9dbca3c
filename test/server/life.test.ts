// The server under load: too much of it, clients that leave, signals, and a kill of the process that computes.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
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

/** Signals and kills in a test; `npm run test:signals` sends more. */
const ROUNDS = Number(process.env.EGNN_SERVER_ROUNDS ?? 3);
const MU = '/v1/models/mu/predict';
const one = JSON.stringify({ molecules: [asJson(molecules[3])] });
/** Takes a while. */
const many = JSON.stringify({ molecules: Array.from({ length: 400 }, (_, k) => asJson(molecules[k % 40])) });

/** Each takes many milliseconds. */
const conformers = (count: number) => JSON.stringify({ molecules: Array(count).fill({ smiles: 'CCCCCC' }) });

describe.skipIf(!isBuilt)('egnn serve under load (skipped when dist/ is not built)', () => {
  let folder: string;
  let server: Running | undefined;
  beforeAll(async () => {
    folder = await makeFolder();
  });
  // One that a failed test has left.
  afterEach(() => void server?.process.kill('SIGKILL'));
  afterAll(() => removeFolder(folder));

  /** Asks from several clients at once until told to stop, and gives the statuses; 0 where the connection broke. */
  function clients(running: Running, count: number) {
    let isOver = false;
    const statuses: number[] = [];
    const done = Promise.all(
      Array.from({ length: count }, async () => {
        while (!isOver) {
          const status = await running.post(MU, one).then(
            async (response) => {
              await response.arrayBuffer();
              return response.status;
            },
            () => 0,
          );
          statuses.push(status);
          if (status === 0) return;
        }
      }),
    );
    return {
      statuses,
      /** Waits until so many more answers have come. */
      async answers(more: number) {
        const wanted = statuses.length + more;
        while (statuses.length < wanted) await new Promise(setImmediate);
      },
      async end() {
        isOver = true;
        await done;
        return statuses;
      },
    };
  }

  it('refuses what is beyond its queue with 503 and Retry-After, and answers the rest', async () => {
    server = await start(folder, ['mu', '--max-queue', '2']);
    const responses = await Promise.all(Array.from({ length: 24 }, () => server!.post(MU, many)));
    const refused = responses.filter(({ status }) => status === 503);
    const answered = responses.filter(({ status }) => status === 200);
    expect(refused.length + answered.length).toBe(24);
    expect(refused.length).toBeGreaterThan(0);
    expect(answered.length).toBeGreaterThan(1);
    for (const { headers } of refused) expect(headers.get('retry-after')).toBe('1');
    for (const response of answered) expect((await response.json()).predictions).toHaveLength(400);
    expect((await server.post(MU, one)).status).toBe(200);
    expect(await server.stop()).toBe(0);
  });

  it('gives the place of a client that leaves to others', async () => {
    server = await start(folder, ['mu', '--max-queue', '1']);
    for (let round = 0; round < 3; round++) {
      const controller = new AbortController();
      const left = fetch(server.address + MU, {
        method: 'POST',
        body: conformers(1000),
        headers: { 'content-type': 'application/json' },
        signal: controller.signal,
      }).catch((error) => error.name);
      while (!/requests_in_progress 1$/m.test(await (await server.get('/metrics')).text()));
      expect((await server.post(MU, one)).status).toBe(503);
      controller.abort();
      expect(await left).toBe('AbortError');
      let status = 0;
      while (status !== 200) status = (await server.post(MU, one)).status;
    }
    expect(await server.stop()).toBe(0);
  });

  it('ends requests that take too long, and those who are slow to ask', async () => {
    server = await start(folder, ['mu', '--max-seconds', '1']);
    const { hostname, port } = new URL(server.address);
    const slow = connect(Number(port), hostname);
    slow.write(
      `POST ${MU} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
    );
    slow.resume();
    const closed = once(slow, 'close');
    const response = await server.post(MU, conformers(1000));
    expect(response.status).toBe(503);
    expect((await response.json()).error.code).toBe('timeout');
    await closed;
    // The process that reads has left the request for others, such as this one, which is too long to be read beside.
    let status = 0;
    while (status !== 200) status = (await server.post(MU, many)).status;
    expect(await server.stop()).toBe(0);
  });

  it('reads models anew on SIGHUP without a failed request, and keeps those there are if it cannot', async () => {
    server = await start(folder, ['mu']);
    const energyOf = async () => {
      const { predictions } = await (await server!.post(MU, one)).json();
      return predictions[0].values.energy as number;
    };
    const before = await energyOf();
    const load = clients(server, 8);
    for (let round = 0; round < ROUNDS; round++) {
      await writeModel(join(folder, 'mu'), moleculeModel, 2 + round);
      const since = server.log.length;
      server.process.kill('SIGHUP');
      await server.logged('models read anew', since);
      await load.answers(20);
    }
    const after = await energyOf();
    expect(after).not.toBe(before);

    writeFileSync(join(folder, 'mu', 'config.json'), '{"format": "something else"}');
    server.process.kill('SIGHUP');
    await server.logged('the models could not be read anew; those there were stay');
    await load.answers(20);
    expect(await energyOf()).toBe(after);
    expect(new Set(await load.end())).toEqual(new Set([200]));
    expect(await server.stop()).toBe(0);
    await writeModel(join(folder, 'mu'), moleculeModel, 1);
  });

  it('finishes on SIGTERM what it has taken on, refuses the rest, and exits with 0', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      server = await start(folder, ['mu']);
      const taken = Array.from({ length: 4 }, () => server!.post(MU, conformers(5)));
      while (!/requests_in_progress 4$/m.test(await (await server.get('/metrics')).text()));
      const code = server.stop();
      for (const response of await Promise.all(taken)) {
        expect(response.status).toBe(200);
        expect((await response.json()).predictions).toHaveLength(5);
      }
      expect(await code).toBe(0);
    }
  });

  it('answers 503 when the process that computes is killed, and goes on with another', async () => {
    server = await start(folder, ['mu']);
    const load = clients(server, 8);
    for (let round = 0; round < ROUNDS; round++) {
      await load.answers(20);
      const ready = server.log.findLast(({ msg }) => msg === 'ready to compute')!;
      const since = server.log.length;
      process.kill(Number(ready.processId), 'SIGKILL');
      const next = await server.logged('ready to compute', since);
      expect(next.processId).not.toBe(ready.processId);
    }
    await load.answers(20);
    const statuses = await load.end();
    expect(statuses.every((status) => status === 200 || status === 503)).toBe(true);
    expect(statuses.at(-1)).toBe(200);
    expect((await server.get('/ready')).status).toBe(200);
    expect(await server.stop()).toBe(0);
  });
});
