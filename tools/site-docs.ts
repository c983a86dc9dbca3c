/**
 * @file `node tools/site-docs.ts`: the documentation with its API reference as static files in `site/docs`.
 * `--out FOLDER` puts them elsewhere, `--no-api` leaves out the reference.
 */
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildDocumentation } from './site-docs/build.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: { out: { type: 'string', default: 'site/docs' }, api: { type: 'boolean', default: true } },
  allowNegative: true,
});
const folder = resolve(root, values.out);
const count = await buildDocumentation({ root, folder, api: values.api });
console.log(
  `${count} pages${values.api ? ' and the API reference' : ''} in ${relative(process.cwd(), folder)}`,
);
