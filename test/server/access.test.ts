// Who gets in: keys, loopback, headers; and what answers give away.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostOf, isLoopback, type KeySources, keyFinder, readKeys } from '../../src/server/access.ts';
import { isBuilt, makeFolder, type Running, removeFolder, serveFails, start } from './running-server.ts';

const KEYS = ['0123456789abcdef-first', 'second-key-of-the-file'];

it('finds the one of several keys that a header has', () => {
  const find = keyFinder(KEYS);
  expect(KEYS.map((key) => find(`Bearer ${key}`))).toEqual([1, 2]);
  for (const header of [
    undefined,
    '',
    KEYS[0],
    `Basic ${KEYS[0]}`,
    'Bearer',
    `Bearer ${KEYS[0]}x`,
    'Bearer x',
  ])
    expect(find(header)).toBeUndefined();
  expect(keyFinder([])('Bearer ')).toBeUndefined();
});

it('reads keys from text, and refuses what is none without showing it', async () => {
  expect(await readKeys({ variable: ` ${KEYS[0]},${KEYS[1]} ` })).toEqual(KEYS);
  expect(await readKeys({})).toEqual([]);
  const problemOf = (sources: KeySources) => readKeys(sources).catch((error) => error.message);
  const short = await problemOf({ variable: `${KEYS[0]} secret` });
  expect(short).toMatch(/^EGNN_API_KEYS, key 2: an API key of fewer than 16 characters/);
  expect(short).not.toContain('secret');
  // An empty secret must not open what was to be closed.
  for (const variable of ['', ' , '])
    expect(await problemOf({ variable })).toMatch(/^EGNN_API_KEYS has no API key/);
  const folder = mkdtempSync(join(tmpdir(), 'egnn-keys-'));
  const file = join(folder, 'keys');
  writeFileSync(file, `# two\n${KEYS[0]} # the first\n\n${KEYS[1]}\r\n`);
  expect(await readKeys({ file })).toEqual(KEYS);
  for (const [text, problem] of [
    ['# none\n', `${file} has no API key`],
    [`${KEYS[0]}\nkey with spaces, and long enough`, `${file}, line 2: an API key has letters`],
    ['ein-schlüssel-mit-umlaut', `${file}, line 1: an API key has letters`],
  ]) {
    writeFileSync(file, text);
    expect(await problemOf({ file })).toContain(problem);
  }
  removeFolder(folder);
});

it('knows the names of this machine', () => {
  const isOwn = (header: string | undefined) => {
    const host = hostOf(header);
    return host !== undefined && isLoopback(host);
  };
  for (const host of [
    'localhost',
    'LOCALHOST:80',
    '127.0.0.1:8080',
    '127.9.9.9',
    '[::1]:1',
    '[0:0:0:0:0:0:0:1]',
  ])
    expect(isOwn(host)).toBe(true);
  for (const host of [
    undefined,
    '',
    'localhost.example.org',
    '127.0.0.1.example.org',
    '10.0.0.1',
    '[::2]',
    '::1',
    'a@localhost',
  ])
    expect(isOwn(host)).toBe(false);
});

describe.skipIf(!isBuilt)('egnn serve (skipped when dist/ is not built)', () => {
  let folder: string;
  let server: Running;
  beforeAll(async () => {
    folder = await makeFolder();
    writeFileSync(join(folder, 'keys'), `# for the tests\n${KEYS[1]}\n\n`);
    server = await start(folder, ['mu', '--host', '0.0.0.0', '--api-keys', 'keys'], {
      EGNN_API_KEYS: KEYS[0],
    });
  });
  afterAll(async () => {
    await server?.stop();
    removeFolder(folder);
  });

  const at = (path: string) => `http://127.0.0.1:${new URL(server.address).port}${path}`;
  const body = JSON.stringify({ molecules: [{ smiles: 'C' }] });
  const ask = (authorization?: string) =>
    fetch(at('/v1/models/mu/predict'), {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
    });

  it('takes every one of its keys, and nothing else', async () => {
    for (const key of KEYS) expect((await ask(`Bearer ${key}`)).status).toBe(200);
    for (const wrong of [undefined, 'Bearer', `Bearer ${KEYS[0].slice(1)}`, `Basic ${KEYS[0]}`]) {
      const response = await ask(wrong);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
    }
    for (const path of ['/v1/models', '/v1/models/mu', '/metrics'])
      expect((await fetch(at(path))).status).toBe(401);
    for (const path of ['/health', '/ready', '/', '/openapi.json'])
      expect((await fetch(at(path))).status).toBe(200);
    const document = await (await fetch(at('/openapi.json'))).json();
    expect(document.security).toEqual([{ key: [] }]);
    expect(JSON.stringify(server.log)).not.toContain(KEYS[0]);
  });

  it('sends security headers with everything, and none that let other sites in', async () => {
    for (const path of ['/', '/health', '/v1/models', '/nothing']) {
      const { headers } = await fetch(at(path), { headers: { origin: 'https://example.org' } });
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
    const preflight = await fetch(at('/v1/models/mu/predict'), {
      method: 'OPTIONS',
      headers: { origin: 'https://example.org', 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    expect([401, 405]).toContain(preflight.status);
  });

  it('gives nothing away of where it runs', async () => {
    const texts = await Promise.all(
      [
        ask(`Bearer ${KEYS[0]}`),
        ask(),
        fetch(at('/v1/models'), { headers: { authorization: `Bearer ${KEYS[1]}` } }),
        fetch(at('/openapi.json')),
        fetch(at('/../../etc/passwd')),
        fetch(at('/v1/models/%2e%2e%2fmu'), { headers: { authorization: `Bearer ${KEYS[1]}` } }),
        fetch(at('/v1/models/%00%ff'), { headers: { authorization: `Bearer ${KEYS[1]}` } }),
      ].map(async (response) => (await response).text()),
    );
    for (const text of texts) {
      expect(text).not.toContain(folder);
      expect(text).not.toMatch(/node_modules|\.[jt]s:\d+|at \w+ \(/);
      for (const key of KEYS) expect(text).not.toContain(key);
    }
  });

  it('does not open to others without keys', () => {
    const refused = serveFails(folder, ['mu', '--host', '0.0.0.0', '--port', '0']);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch('give API keys');
    const short = serveFails(folder, ['mu'], { EGNN_API_KEYS: 'secret' });
    expect(short).toEqual({
      status: 2,
      stderr: expect.stringMatching(/^egnn: EGNN_API_KEYS, key 1: an API key of fewer/),
    });
    expect(serveFails(folder, ['mu', '--api-keys', 'nowhere']).status).toBe(5);
    const both = serveFails(folder, ['mu', '--no-auth'], { EGNN_API_KEYS: KEYS[0] });
    expect(both).toEqual({ status: 2, stderr: 'egnn: --no-auth does not go with API keys\n' });
  });

  it('takes the keys of its file anew on SIGHUP, and keeps those there are if it has none', async () => {
    const third = 'third-key-that-was-not-there';
    writeFileSync(join(folder, 'keys'), `${third}\n`);
    let since = server.log.length;
    server.process.kill('SIGHUP');
    await server.logged('models read anew', since);
    expect((await ask(`Bearer ${third}`)).status).toBe(200);
    expect((await ask(`Bearer ${KEYS[0]}`)).status).toBe(200);
    expect((await ask(`Bearer ${KEYS[1]}`)).status).toBe(401);
    writeFileSync(join(folder, 'keys'), '# all of them are gone\n');
    since = server.log.length;
    server.process.kill('SIGHUP');
    await server.logged('the models could not be read anew; those there were stay', since);
    expect((await ask(`Bearer ${third}`)).status).toBe(200);
  });

  it('answers on loopback to its own names and to those that it is given', async () => {
    const local = await start(folder, ['mu', '--allow-host', 'Models.example.org', 'other.example.org']);
    const statusOf = (host: string) =>
      new Promise((resolve) => {
        request(`${local.address}/health`, { headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).end();
      });
    for (const host of ['localhost', '127.0.0.1:80', 'models.example.org:443', 'other.example.org'])
      expect(await statusOf(host)).toBe(200);
    expect(await statusOf('example.org')).toBe(421);
    expect(await local.stop()).toBe(0);
  });

  it('names what is wrong with its arguments', () => {
    expect(serveFails(folder, ['mu', 'mu']).stderr).toBe('egnn: two models are called mu; say NAME=MODEL\n');
    expect(serveFails(folder, ['a b=mu']).status).toBe(2);
    expect(serveFails(folder, ['..=mu']).status).toBe(2);
    expect(serveFails(folder, ['mu', '--max-queue', '0']).stderr).toMatch(
      'egnn: --max-queue must be a whole number from 1 to 2147483647; got 0',
    );
    expect(serveFails(folder, ['nothing']).stderr).toMatch('nothing is no model');
    expect(serveFails(folder, ['mu', '--port', 'x']).status).toBe(2);
  });

  it('on loopback, answers to the names of loopback alone', async () => {
    const local = await start(folder, ['mu']);
    const statusFor = (host: string) =>
      new Promise((resolve, reject) => {
        request(`${local.address}/v1/models`, { headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });
    expect(await statusFor('localhost')).toBe(200);
    expect(await statusFor('rebound.example.org')).toBe(421);
    expect(await local.stop()).toBe(0);
  });
});
