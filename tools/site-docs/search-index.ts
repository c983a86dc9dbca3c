/** @file What the search knows: one entry a section of a page. */
import type { Section } from './markdown.ts';
import type { Page } from './pages.ts';

export interface SearchEntry {
  /** Relative to the folder of the pages. */
  readonly url: string;
  /** Title of the page. */
  readonly page: string;
  readonly heading: string;
  /** Prose and tables of the section, without programs. */
  readonly text: string;
}

export function searchEntries({ output, title }: Page, sections: readonly Section[]): SearchEntry[] {
  return sections.map(({ level, text, anchor, content }) => ({
    url: level === 1 ? output : `${output}#${anchor}`,
    page: title,
    heading: text,
    text: content.trim().replace(/\s+/g, ' '),
  }));
}
