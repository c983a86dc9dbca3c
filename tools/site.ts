/** @file `npm run site`: the playground and the documentation as static files in `site/`, for any web server. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const documentation = new URL('./site-docs.ts', import.meta.url);

await build({ configFile: fileURLToPath(new URL('../web/vite.config.ts', import.meta.url)) });
if (existsSync(documentation)) await import(documentation.href);
