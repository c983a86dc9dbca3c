// The OpenAPI document: valid, complete, and what is answered agrees with it.
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { graph, isBuilt, makeFolder, type Running, removeFolder, start } from './running-server.ts';

describe.skipIf(!isBuilt)('the OpenAPI document (skipped when dist/ is not built)', () => {
  let folder: string;
  let server: Running;
  // biome-ignore lint/suspicious/noExplicitAny: a document of any depth, whose form the first test checks
  let document: any;
  beforeAll(async () => {
    folder = await makeFolder();
    server = await start(folder, ['mu', 'points', 'rings']);
    document = await (await server.get('/openapi.json')).json();
  });
  afterAll(async () => {
    await server?.stop();
    removeFolder(folder);
  });

  it('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate(document);
    expect(result.errors).toBeUndefined();
    expect(result.valid).toBe(true);
    expect(document.openapi).toMatch(/^3\.1/);
  });

  it('has all addresses, and what each may answer', () => {
    expect(Object.keys(document.paths)).toEqual([
      '/health',
      '/ready',
      '/metrics',
      '/v1/models',
      '/v1/models/{name}',
      '/v1/models/mu/predict',
      '/v1/models/points/predict',
      '/v1/models/rings/predict',
    ]);
    const { post } = document.paths['/v1/models/mu/predict'];
    expect(Object.keys(post.responses)).toEqual(['200', '400', '401', '413', '415', '422', '503']);
    expect(Object.keys(post.requestBody.content)).toContain('chemical/x-mdl-sdfile');
    const parametersOf = (model: string) =>
      document.paths[`/v1/models/${model}/predict`].post.parameters?.map(
        ({ name }: { name: string }) => name,
      );
    expect(parametersOf('mu')).toEqual(['forces']);
    expect(parametersOf('rings')).toBeUndefined();
  });

  it('describes what is answered', async () => {
    const schemaOf = (path: string, method: string, status: number) =>
      z.fromJSONSchema(document.paths[path][method].responses[status].content['application/json'].schema);
    const check = async (response: Response, path: string, method: string) => {
      const parsed = schemaOf(path, method, response.status).safeParse(await response.json());
      expect(parsed.error?.issues ?? []).toEqual([]);
    };
    for (const path of ['/health', '/ready', '/v1/models']) await check(await server.get(path), path, 'get');
    await check(await server.get('/v1/models/points'), '/v1/models/{name}', 'get');
    await check(await server.get('/v1/models/none'), '/v1/models/{name}', 'get');
    await check(await server.get('/v1/models/rings'), '/v1/models/{name}', 'get');
    const [path, points] = ['/v1/models/mu/predict', '/v1/models/points/predict'];
    const molecules = [{ smiles: 'CO', name: 'a' }, { smiles: 'F' }];
    await check(
      await server.post('/v1/models/mu/predict?forces=gap', JSON.stringify({ molecules })),
      path,
      'post',
    );
    for (const each of [points, '/v1/models/rings/predict'])
      await check(await server.post(each, JSON.stringify({ graphs: [graph] })), each, 'post');
    await check(await server.post('/v1/models/mu/predict', '{"molecules":[{"smiles":"F"}]}'), path, 'post');
    await check(await server.post('/v1/models/mu/predict', '{}'), path, 'post');
  });

  it('is shown on a page that takes everything from this server', async () => {
    const response = await server.get('/');
    const html = await response.text();
    expect(response.headers.get('content-type')).toMatch('text/html');
    expect(response.headers.get('content-security-policy')).toMatch(/script-src 'sha256-/);
    expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
  });
});
