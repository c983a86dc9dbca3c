/** @file The API reference beside the pages, by typedoc, with a way back to them. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Stands in typedoc.json for the address of the pages, which differs with the depth of the reference's page. */
const BACK = 'address-of-the-pages';

/** Warnings are for `npm run docs`, where they are errors. @throws Error with typedoc's output if it fails */
export async function buildApi(root: string, folder: string): Promise<void> {
  const typedoc = join(root, 'node_modules', 'typedoc', 'bin', 'typedoc');
  const settings = fileURLToPath(new URL('./typedoc.json', import.meta.url));
  const options = ['--options', settings, '--out', folder, '--logLevel', 'Error'];
  await promisify(execFile)(process.execPath, [typedoc, ...options], { cwd: root });
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.html')) continue;
    const path = join(folder, name);
    const up = '../'.repeat(name.split(/[\\/]/).length);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(`href="${BACK}"`, `href="${up}index.html"`));
  }
}
