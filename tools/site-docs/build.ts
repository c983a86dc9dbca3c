/** @file The documentation as static files: pages, sources that they link to, pictures, search index. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildApi } from './api.ts';
import { buildAssets } from './assets.ts';
import { frame } from './layout.ts';
import { createLinks, imageOutput } from './links.ts';
import { createRenderer } from './markdown.ts';
import { readNavigation, readPages } from './pages.ts';
import { searchEntries } from './search-index.ts';
import { sourcePages } from './sources.ts';

export interface BuildOptions {
  /** Of the repository. */
  readonly root: string;
  /** Replaced as a whole. */
  readonly folder: string;
  /** Whether to build the API reference, which takes most of the time. */
  readonly api: boolean;
}

/**
 * @returns how many pages were written, those of the API reference not counted
 * @throws Error naming page and reason: a dead link, an equation that is none
 */
export async function buildDocumentation({ root, folder, api }: BuildOptions): Promise<number> {
  rmSync(folder, { recursive: true, force: true });
  await buildAssets(root, join(folder, 'assets'));

  const write = (output: string, text: string) => {
    mkdirSync(dirname(join(folder, output)), { recursive: true });
    writeFileSync(join(folder, output), text);
  };
  const pages = readPages(root);
  const navigation = readNavigation(pages);
  const links = createLinks(root, pages);
  const render = createRenderer(links);
  const rendered = pages.map((page) => ({ page, ...render(page) }));
  for (const { page, html, sections } of rendered) {
    const headings = sections.filter(({ level }) => level === 2);
    write(page.output, frame({ ...page, content: html, navigation, page, headings, api }));
  }
  write(
    'search.json',
    JSON.stringify(rendered.flatMap(({ page, sections }) => searchEntries(page, sections))),
  );

  const sources = sourcePages(root, links.sources);
  for (const source of sources) write(source.output, frame({ ...source, language: 'en', navigation, api }));
  for (const image of links.images) {
    mkdirSync(join(folder, 'images'), { recursive: true });
    copyFileSync(join(root, image), join(folder, imageOutput(image)));
  }
  if (api) await buildApi(root, join(folder, 'api'));
  return pages.length + sources.length;
}
