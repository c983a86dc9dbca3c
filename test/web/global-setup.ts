/**
 * @file The site that the browser tests look at: built once a run, when the first of them asks for it, and served twice,
 * with and without the headers of cross-origin isolation, below a path that the build does not know.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildPlayground } from '../../tools/web/build.ts';
import { serveFolder } from '../../tools/web/static-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly site: {
      /** Addresses of the start page. */
      readonly isolated: string;
      readonly plain: string;
      /** Its folder; there once the first page has been asked for. */
      readonly folder: string;
    };
  }
}

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'egnn-site-'));
  let built: Promise<string> | undefined;
  const site = () => {
    built ??= buildPlayground(folder).then(() => folder);
    return built;
  };
  const isolated = await serveFolder(site, { isolated: true, prefix: '/some/path/' });
  const plain = await serveFolder(site, { isolated: false, prefix: '/some/path/' });
  provide('site', { isolated: isolated.address, plain: plain.address, folder });
  return async () => {
    await Promise.all([isolated.close(), plain.close()]);
    await built?.catch(() => {});
    rmSync(folder, { recursive: true, force: true });
  };
}
