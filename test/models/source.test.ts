// Model folders and addresses of strangers: only files are read, only those of the folder, and no more than a limit.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, startEngine } from '../../src/index.ts';
import { checkModelConfig, loadModel, modelFiles } from '../../src/models/index.ts';

const config = checkModelConfig({
  format: 'egnn-model',
  version: 1,
  network: { kind: 'linear-dynamics' },
  edges: 'complete',
});
const files = modelFiles('clock', { config, state: { time: { shape: [1], data: [0.5] } } });
const weights = files['model.safetensors'];

let engine: Engine;
let root: string;
beforeAll(async () => {
  engine = await startEngine({ backend: 'reference' });
  root = mkdtempSync(join(tmpdir(), 'egnn-source-'));
});
afterAll(() => {
  engine.close();
  rmSync(root, { recursive: true });
});

/** A model folder in which `make` takes the place of one of the files. */
function folderWith(name: string, make: (path: string) => void): string {
  const folder = mkdtempSync(join(root, 'model-'));
  for (const [file, bytes] of Object.entries(files))
    if (file !== name) writeFileSync(join(folder, file), bytes);
  make(join(folder, name));
  return folder;
}

const names = ['model.safetensors', 'config.json'];

describe.skipIf(process.platform === 'win32').each(names)('a folder whose %s is', (name) => {
  it.each([
    ['a folder', (path: string) => mkdirSync(path), 'is a folder, a pipe or a device'],
    ['a pipe', (path: string) => execFileSync('mkfifo', [path]), 'is a folder, a pipe or a device'],
    ['a device', (path: string) => symlinkSync('/dev/zero', path), 'is a folder, a pipe or a device'],
    ['a link to itself', (path: string) => symlinkSync(name, path), 'ELOOP'],
    [
      'very long',
      (path: string) => {
        writeFileSync(path, '');
        truncateSync(path, 2 ** 30 + 1);
      },
      'bytes, the most that are read',
    ],
  ])('%s is refused', async (_, make, message) => {
    await expect(loadModel(folderWith(name, make), { engine })).rejects.toThrow(message);
  });

  it('a link out of the folder is refused, and nothing told of what is there', async () => {
    const secret = join(root, 'secret');
    writeFileSync(secret, 'hunter2');
    const error: Error = await loadModel(
      folderWith(name, (path) => symlinkSync('../secret', path)),
      { engine },
    ).catch((problem) => problem);
    expect(error.message).toMatch(/is a link to a file outside of its folder; copy that file/);
    expect(error.message).not.toContain('hunter');
  });

  it('a link within the folder, in a folder behind a link, is read', async () => {
    const folder = folderWith(name, (path) => {
      mkdirSync(join(path, '../..blobs'));
      writeFileSync(join(path, '../..blobs/1'), files[name]);
      symlinkSync('..blobs/1', path);
    });
    symlinkSync(folder, `${folder}-link`);
    for (const path of [folder, `${folder}-link`])
      expect((await loadModel(path, { engine })).config).toEqual(config);
  });
});

it('a file that is named itself may be a link', async () => {
  writeFileSync(join(root, 'blob'), weights);
  symlinkSync('blob', join(root, 'named.safetensors'));
  expect((await loadModel(join(root, 'named.safetensors'), { engine })).config).toEqual(config);
});

it('as many bytes are read as are asked for', async () => {
  const path = join(root, 'short.safetensors');
  writeFileSync(path, weights);
  await loadModel(path, { engine, maxBytes: weights.length });
  await expect(loadModel(path, { engine, maxBytes: weights.length - 1 })).rejects.toThrow('is longer than');
});

describe('an address', () => {
  let server: Server;
  let address: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const bytes = files[request.url!.slice('/clock/'.length)];
      if (bytes) response.end(bytes);
      else if (request.url!.startsWith('/endless/')) {
        const send = () => {
          while (response.write(Buffer.alloc(65_536)));
        };
        response.on('drain', send);
        send();
      } else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('is read like a folder', async () => {
    expect((await loadModel(`${address}/clock`, { engine })).config).toEqual(config);
    await expect(loadModel(`${address}/nowhere`, { engine })).rejects.toThrow(/model.safetensors: 404/);
  });

  it('that answers without an end is left at the limit', async () => {
    await expect(loadModel(`${address}/endless`, { engine, maxBytes: 2 ** 20 })).rejects.toThrow(
      'endless/model.safetensors is longer than 1,048,576 bytes, the most that are read',
    );
  });
});
