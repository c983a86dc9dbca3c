/** @file What tests and measurements look at in a browser: the site, and a page that uses the built package. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** @param folder where the built files of the playground go */
export async function buildPlayground(folder: string): Promise<void> {
  // In a process of its own: nobody's environment, and nobody waits for it.
  await promisify(execFile)(
    process.execPath,
    [join(root, 'node_modules/vite/bin/vite.js'), 'build', 'web', '--outDir', folder, '--logLevel', 'error'],
    { cwd: root, env: { ...process.env, NODE_ENV: 'production' } },
  );
}

export interface PackagePage {
  /** A project with the built package installed as `egnn`. */
  readonly project: string;
  /** The project as vite has bundled it. */
  readonly built: string;
  remove(): void;
}

/** @param source a folder with an index.html and its scripts, which vite bundles as it would anybody's */
export async function buildPackagePage(source: string): Promise<PackagePage> {
  const project = realpathSync(mkdtempSync(join(tmpdir(), 'egnn-page-')));
  cpSync(source, project, { recursive: true });
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(root, join(project, 'node_modules', 'egnn'), 'junction');
  await build({ root: project, configFile: false, logLevel: 'error', worker: { format: 'es' } });
  return {
    project,
    built: join(project, 'dist'),
    remove: () => rmSync(project, { recursive: true, force: true }),
  };
}
