/**
 * @file The documentation as a site: links and anchors of the built pages lead somewhere, nothing comes from elsewhere,
 * equations are rendered, and every page can be reached from every other.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildDocumentation } from '../../tools/site-docs/build.ts';
import { createLinks } from '../../tools/site-docs/links.ts';
import { createRenderer, slugOf } from '../../tools/site-docs/markdown.ts';
import { type Page, readNavigation, readPages } from '../../tools/site-docs/pages.ts';
import type { SearchEntry } from '../../tools/site-docs/search-index.ts';
import { anchorsOf, readPages as readMarkdown, root } from './markdown.ts';

let folder = '';
let files: string[] = [];
const html = (file: string) => readFileSync(join(folder, file), 'utf8');
const pages = readPages(root);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'egnn-site-docs-'));
  await buildDocumentation({ root, folder, api: false });
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  files = names.filter((name) => name.endsWith('.html')).map((name) => name.split('\\').join('/'));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const attributesOf = (text: string, name: string) =>
  [...text.matchAll(new RegExp(`\\s${name}="([^"]*)"`, 'g'))].map(([, value]) => value);

test('links and anchors of all pages lead somewhere', () => {
  const ids = new Map(files.map((file) => [file, new Set(attributesOf(html(file), 'id'))]));
  const dead: string[] = [];
  for (const file of files)
    for (const target of [...attributesOf(html(file), 'href'), ...attributesOf(html(file), 'src')]) {
      if (/^https?:/.test(target)) continue;
      const [path, anchor] = target.split('#');
      const aim = path === '' ? file : posix.join(posix.dirname(file), path);
      // The playground lies beside the documentation.
      if (aim === '../index.html') continue;
      if (!existsSync(join(folder, aim))) dead.push(`${file}: ${target}: no such file`);
      else if (anchor && !ids.get(aim)?.has(decodeURIComponent(anchor)))
        dead.push(`${file}: ${target}: no such place`);
    }
  expect(dead).toEqual([]);
});

test('scripts, styles, fonts and pictures are all local', () => {
  const assets = readdirSync(join(folder, 'assets'));
  const style = readFileSync(join(folder, 'assets', 'page.css'), 'utf8');
  const urls = [...style.matchAll(/url\(["']?([^"')]+)/g)].map(([, url]) => url);
  expect(
    urls.filter((url) => !url.startsWith('data:') && !assets.includes(url.replace(/^\.\//, ''))),
  ).toEqual([]);
  expect(urls.some((url) => url.endsWith('.woff2'))).toBe(true);
  const foreign = files.filter((file) =>
    /<(script|link|img)[^>]*(src|href)="(https?:)?\/\//.test(html(file)),
  );
  expect(foreign).toEqual([]);
});

test('equations are rendered, with their text for those who listen', () => {
  const text = html('mathematics.html');
  expect(text.match(/class="katex-display"/g)!.length).toBeGreaterThan(12);
  expect(text).toContain('<annotation encoding="application/x-tex">');
  const code = /<annotation[\s\S]*?<\/annotation>|<(pre|code)\b[\s\S]*?<\/\1>/g;
  for (const file of files.filter((name) => !name.startsWith('source/'))) {
    const prose = html(file).replace(code, '');
    expect(prose.includes('$$'), file).toBe(false);
    expect(prose.includes('katex-error'), file).toBe(false);
  }
});

test('every page has one title, a language, and the navigation with every page', () => {
  for (const file of files) {
    const text = html(file);
    expect(text.match(/<h1[ >]/g), file).toHaveLength(1);
    expect(text).toMatch(/<title>[^<]+<\/title>/);
    expect(text).toContain('<html lang="en">');
  }
  const navigation = readNavigation(pages).flatMap(({ items }) => items.map(({ page }) => page.output));
  const all = pages.map(({ output }) => output).filter((output) => output !== 'index.html');
  expect([...navigation].sort()).toEqual([...all].sort());
  for (const file of files) {
    const links = attributesOf(html(file), 'href').map((target) => posix.join(dirname(file), target));
    expect(navigation.filter((output) => !links.includes(output))).toEqual([]);
  }
  expect(html('readme.zh-cn.html')).toMatch(/<main[^>]* lang="zh-CN"/);
});

test('anchors are those that GitHub makes', () => {
  for (const page of readMarkdown()) {
    const built = pages.find(({ source }) => source === page.path.split('\\').join('/'))!;
    const ids = new Set(attributesOf(html(built.output), 'id'));
    expect(
      [...anchorsOf(page)].filter((anchor) => !ids.has(anchor)),
      page.path,
    ).toEqual([]);
  }
  expect(slugOf("What's new: C_0 & more?")).toBe('whats-new-c_0--more');
});

test('the search index has every section, at a place that exists', () => {
  const entries = JSON.parse(readFileSync(join(folder, 'search.json'), 'utf8')) as SearchEntry[];
  for (const { url } of entries) {
    const [file, anchor] = url.split('#');
    expect(files).toContain(file);
    if (anchor) expect(attributesOf(html(file), 'id')).toContain(anchor);
  }
  expect(new Set(entries.map(({ url }) => url)).size).toBe(entries.length);
  expect(entries.find(({ heading }) => heading === 'Mirror images')!.text).toContain('pseudoscalar');
});

test('a dead link and an equation that is none end the build, with the name of the page', () => {
  const render = createRenderer(createLinks(root, pages));
  const page = (text: string): Page => ({
    source: 'docs/a.md',
    output: 'a.html',
    text,
    title: 'A',
    language: 'en',
  });
  expect(() => render(page('# A\n\n[b](b.md)'))).toThrow('docs/a.md: b.md: no such file');
  expect(() => render(page('# A\n\n$\\notacommand{x}$'))).toThrow(/docs\/a\.md: .*notacommand/);
});
