/**
 * @file Which Markdown files become pages, what they are called there, and in which order they stand in the navigation:
 * the groups and links of docs/README.md are the navigation.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

export interface Page {
  /** Relative to the repository, with / between folders. */
  readonly source: string;
  /** Relative to the folder of the pages. */
  readonly output: string;
  readonly text: string;
  /** The first heading. */
  readonly title: string;
  /** Of the text, as in HTML's lang. */
  readonly language: string;
}

export interface NavigationItem {
  readonly label: string;
  readonly page: Page;
}

export interface NavigationGroup {
  readonly title: string;
  readonly items: readonly NavigationItem[];
}

export const INDEX = 'docs/README.md';
/** The group of what is not below docs/. */
export const THE_PACKAGE = 'The package';

/** Files at the top of the repository: their names as pages, and in the navigation. */
const TOP: Readonly<Record<string, { output: string; label: string }>> = {
  'README.md': { output: 'readme.html', label: 'Read me' },
  'README.zh-CN.md': { output: 'readme.zh-cn.html', label: '中文' },
  'CHANGELOG.md': { output: 'changelog.html', label: 'Changelog' },
};

/** @throws Error for a page without a title */
export function readPages(root: string): Page[] {
  const documents = readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
  return [...documents, ...Object.keys(TOP)].map((source) => {
    const text = readFileSync(join(root, source), 'utf8');
    const title = text.match(/^# (.+)$/m)?.[1].replace(/[`*]/g, '');
    if (title === undefined) throw new Error(`${source} has no title`);
    const name = posix.basename(source).replace(/\.md$/, '.html');
    const output = TOP[source]?.output ?? (source === INDEX ? 'index.html' : name);
    return { source, output, text, title, language: /zh-CN/.test(source) ? 'zh-CN' : 'en' };
  });
}

/** The second-level headings of docs/README.md, and below each the links in the first cells of its tables. */
export function readNavigation(pages: readonly Page[]): NavigationGroup[] {
  const bySource = new Map(pages.map((page) => [page.source, page]));
  const sections = bySource.get(INDEX)!.text.split(/^## /m).slice(1);
  const groups = sections.map((section) => ({
    title: section.slice(0, section.indexOf('\n')).trim(),
    items: [...section.matchAll(/^\| \[([^\]]*)\]\(([^)#]+)\)/gm)].flatMap(([, label, target]) => {
      const page = bySource.get(posix.join('docs', target));
      return page ? [{ label, page }] : [];
    }),
  }));
  const top = Object.entries(TOP).map(([source, { label }]) => ({ label, page: bySource.get(source)! }));
  return [...groups.filter(({ items }) => items.length > 0), { title: THE_PACKAGE, items: top }];
}
