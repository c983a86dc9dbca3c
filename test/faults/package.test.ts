// What comes with the package: nothing runs when it is installed, and its dependencies' licences are written down.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { licences } from '../../tools/licences.ts';

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

it('has no scripts that run when it is installed, nor have its dependencies', () => {
  // `prepare` runs in a clone, and not where the packed package is installed.
  const scripts = Object.keys(JSON.parse(read('package.json')).scripts);
  expect(scripts.filter((name) => /^(pre|post)?install$/.test(name))).toEqual([]);
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<
      string,
      { dev?: boolean; devOptional?: boolean; hasInstallScript?: boolean; optional?: boolean }
    >;
  };
  const withScripts = Object.entries(packages)
    .filter(
      ([path, { dev, devOptional, hasInstallScript }]) =>
        path !== '' && !dev && !devOptional && hasInstallScript,
    )
    .map(([path]) => path);
  expect(withScripts).toEqual([]);
});

it('docs/licenses.md is what `npm run licences` writes', () => {
  expect(read('docs/licenses.md')).toBe(licences());
  expect(licences()).not.toContain('not stated');
});
