/**
 * @file Where a link of a Markdown file leads on the site: to a page, to a picture that is copied, or to a page that
 * shows a file of the repository.
 */
import { existsSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Page } from './pages.ts';

export interface Links {
  /**
   * @param from the Markdown file, relative to the repository
   * @param target as it stands there
   * @returns a link for a page in the folder of the pages
   * @throws Error naming the target if it leads nowhere
   */
  resolve(from: string, target: string): string;
  /** Files and folders of the repository that pages link to. */
  readonly sources: ReadonlySet<string>;
  /** Pictures, relative to the repository. */
  readonly images: ReadonlySet<string>;
}

const IMAGE = /\.(png|svg|jpe?g|webp|gif)$/;

export function createLinks(root: string, pages: readonly Page[]): Links {
  const outputs = new Map(pages.map(({ source, output }) => [source, output]));
  const sources = new Set<string>();
  const images = new Set<string>();
  return {
    sources,
    images,
    resolve(from, target) {
      if (/^([a-z]+:|#)/.test(target)) return target;
      const [path, anchor] = target.split('#');
      const file = posix.join(posix.dirname(from), path).replace(/\/$/, '');
      const hash = anchor === undefined ? '' : `#${anchor}`;
      const output = outputs.get(file);
      if (output !== undefined) return output + hash;
      if (file.startsWith('..') || !existsSync(join(root, file))) throw new Error(`${target}: no such file`);
      if (IMAGE.test(file)) {
        images.add(file);
        return imageOutput(file);
      }
      sources.add(file);
      return sourceOutput(root, file) + hash;
    },
  };
}

/** Where a picture goes. */
export function imageOutput(file: string): string {
  return `images/${posix.basename(file)}`;
}

/** Where a file or folder of the repository is shown. */
export function sourceOutput(root: string, file: string): string {
  return statSync(join(root, file)).isDirectory() ? `source/${file}/index.html` : `source/${file}.html`;
}
