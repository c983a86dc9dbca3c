/** @file Links between the pages lead somewhere: to a file of the repository, and to a heading of that page. */
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { anchorsOf, linksOf, readPages, root } from './markdown.ts';

const pages = readPages();

test.each(pages)('links of $path', (page) => {
  const dead: string[] = [];
  for (const { target, line } of linksOf(page)) {
    if (/^https?:\/\//.test(target)) continue;
    const [file, anchor] = target.split('#');
    const path = file === '' ? page.path : normalize(join(dirname(page.path), file));
    const aim = pages.find((other) => other.path === path);
    if (!existsSync(join(root, path))) dead.push(`${page.path}:${line}: ${target}: no such file`);
    else if (anchor !== undefined && !(aim && anchorsOf(aim).has(anchor)))
      dead.push(`${page.path}:${line}: ${target}: no such heading`);
  }
  expect(dead).toEqual([]);
});

test('every page is reachable from docs/README.md, and docs/README.md from README.md', () => {
  const targets = (path: string) =>
    linksOf(pages.find((page) => page.path === path)!).map(({ target }) =>
      normalize(join(dirname(path), target.split('#')[0])),
    );
  const fromIndex = targets(join('docs', 'README.md'));
  const guides = pages.map(({ path }) => path).filter((path) => dirname(path) === 'docs');
  expect(guides.filter((path) => path !== join('docs', 'README.md') && !fromIndex.includes(path))).toEqual(
    [],
  );
  expect(targets('README.md')).toContain(join('docs', 'README.md'));
});
