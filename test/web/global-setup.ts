/**
 * @file The site that the browser tests look at: built once a run, when the first of them asks for it, and served twice,
 * with and without the headers of cross-origin isolation, below a path that the build does not know.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { serveSite } from './site-server.ts';

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

const root = fileURLToPath(new URL('../../', import.meta.url));

/** @param folder where the built files go */
export async function buildSite(folder: string): Promise<void> {
  await promisify(execFile)(
    process.execPath,
    [join(root, 'node_modules/vite/bin/vite.js'), 'build', 'web', '--outDir', folder, '--logLevel', 'error'],
    { cwd: root, env: { ...process.env, NODE_ENV: 'production' } },
  );
}

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'egnn-site-'));
  let built: Promise<string> | undefined;
  const site = () => {
    built ??= buildSite(folder).then(() => folder);
    return built;
  };
  const isolated = await serveSite(site, true, '/some/path/');
  const plain = await serveSite(site, false, '/some/path/');
  provide('site', { isolated: isolated.address, plain: plain.address, folder });
  return async () => {
    await Promise.all([isolated.close(), plain.close()]);
    await built?.catch(() => {});
    rmSync(folder, { recursive: true, force: true });
  };
}
