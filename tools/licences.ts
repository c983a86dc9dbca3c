/**
 * @file Writes docs/licenses.md: what the package needs at run time, with versions and licences, from package-lock.json.
 *
 *     npm run licences
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
  readonly link?: boolean;
}

const root = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** The page as it should be. */
export function licences(): string {
  const { packages } = JSON.parse(readFileSync(root('package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const direct = Object.keys(JSON.parse(readFileSync(root('package.json'), 'utf8')).dependencies);
  const rows = Object.entries(packages)
    .filter(
      ([path, { dev, devOptional, link }]) =>
        path.startsWith('node_modules/') && !dev && !devOptional && !link,
    )
    .map(([path, { version, license = 'not stated' }]) => {
      const name = path.replace(/^.*node_modules\//, '');
      return `| ${direct.includes(name) ? `**${name}**` : name} | ${version} | ${license} |`;
    });
  return [
    '# Licences of dependencies',
    '',
    'What `npm install egnn` brings along, from package-lock.json; `npm run licences` writes this page. Those in bold are',
    "the package's own dependencies, the others theirs.",
    '',
    '| package | version | licence |',
    '|---|---|---|',
    ...[...new Set(rows)].sort((a, b) => a.replaceAll('*', '').localeCompare(b.replaceAll('*', ''), 'en')),
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(root('docs/licenses.md'), licences());
