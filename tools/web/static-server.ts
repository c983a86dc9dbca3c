/** @file Serves a folder of static files, with the headers of cross-origin isolation or without them. */
import { createReadStream, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

export interface StaticServer {
  /** With a slash at its end. */
  readonly address: string;
  close(): Promise<void>;
}

export interface ServerSettings {
  /** Whether the headers of cross-origin isolation are sent. */
  readonly isolated: boolean;
  /** The files lie below this path, `/` if left out: `/some/path/`. */
  readonly prefix?: string;
  /** Told of each file that is sent. */
  onFile?(path: string): void;
}

/** @param folder asked for at each request, so that it may be built when the first one comes */
export async function serveFolder(
  folder: () => Promise<string>,
  { isolated, prefix = '/', onFile }: ServerSettings,
): Promise<StaticServer> {
  const server = createServer(async (request, response) => {
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    try {
      const { pathname } = new URL(request.url!, 'http://localhost');
      const file = pathname.startsWith(prefix)
        ? existing(await folder(), decodeURIComponent(pathname.slice(prefix.length)))
        : undefined;
      if (!file) {
        response.writeHead(404).end();
        return;
      }
      response.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream');
      onFile?.(file);
      createReadStream(file).pipe(response);
    } catch (error) {
      response.writeHead(500, { 'Content-Type': 'text/plain' }).end(String(error));
    }
  });
  await listen(server);
  return {
    address: `http://localhost:${(server.address() as AddressInfo).port}${prefix}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function existing(folder: string, path: string): string | undefined {
  const file = join(folder, normalize(`/${path}`));
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isDirectory()) return existing(folder, `${path.replace(/\/?$/, '/')}index.html`);
  return found ? file : undefined;
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, 'localhost', resolve);
  });
}
